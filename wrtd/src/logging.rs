//! `-v` and `WRT_LOG`: the log on standard error. The variable is a level, or levels by target: `wrt=debug,wrtd::config=trace`.

use crate::failure::one_line;
use log::LevelFilter;
use std::io::Write;

/// Turns the log on as far as it is asked for: by `-v` so many times, or else by the variable. Lines have no times, so
/// that logs of two runs can be compared.
// @need-ids: REQ_009, REQ_ENV_001
pub fn start(verbose: u8) {
    let mut builder = env_logger::Builder::new();
    match verbose {
        0 => match std::env::var("WRT_LOG") {
            Ok(filter) if !filter.is_empty() => builder.parse_filters(&filter),
            _ => return,
        },
        1 => builder.filter_level(LevelFilter::Info),
        2 => builder.filter_level(LevelFilter::Debug),
        _ => builder.filter_level(LevelFilter::Trace),
    };
    // What a module calls its functions must not steer a terminal.
    builder.format(|line, record| {
        let message = one_line(&record.args().to_string());
        writeln!(line, "[{} {}] {message}", record.level().as_str().to_lowercase(), record.target())
    });
    // Whoever embeds this as a library may have a log already, which stays.
    let _ = builder.try_init();
}
