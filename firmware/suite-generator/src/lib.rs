//! Scripts for boards: read from the official suite's language, run on the host, written down with how they ended.

pub mod play;
pub mod record;
pub mod script;
