//! The safety layer of WRT: what every other crate of the runtime is bounded and checked with.
//!
//! Everything here works without an allocator, without `unsafe` and without a panic path: what does not fit, lies
//! outside or has been damaged is a value of an error type. The crate stays out of the hot paths of the engines.
//!
//! | module | gives | answers |
//! |---|---|---|
//! | [`bounded_vec`], [`bounded_queue`], [`bounded_map`] | collections over storage the caller owns, that report when they are full and can check their own structure | `REQ_RESOURCE_002`, `REQ_ERROR_001`, `REQ_VERIFY_002` |
//! | [`safe_slice`] | bytes that are only reached through checked offsets | `REQ_MEM_SAFETY_001`, `REQ_MEM_SAFETY_002`, `REQ_MEM_SAFETY_003`, `REQ_VERIFY_003` |
//! | [`verification`] | how much is verified at run time, and when | `REQ_VERIFY_001`, `REQ_PERF_001` |
//! | [`checksum`] | CRC-32 of contents that must not change | `REQ_VERIFY_003` |
//! | [`limits`] | every bound of the runtime with its default and reason | `REQ_RESOURCE_001`, `REQ_RESOURCE_005`, `REQ_ERROR_005` |
//! | [`error`] | the errors the modules above share | `REQ_ERROR_001`, `REQ_ERROR_005` |
//!
//! # Views and what persists
//!
//! A collection is a *view*: a borrowed slice and a few counters. The counters are plain data. Whoever owns the
//! storage keeps them between uses and rebuilds the view with [`BoundedVec::with_len`] and its siblings, so the
//! state of a machine can be written out, moved and taken up elsewhere.
//!
//! # Damaged state
//!
//! Safe code cannot break the invariants of these types, but a failing memory cell or a faulty driver can. Every
//! operation therefore stays free of panics and inside its storage even then (it may answer as if empty or full),
//! and `validate` or `verify` says what is wrong. When to ask is the business of [`Verifier`].
#![no_std]
#![forbid(unsafe_code)]
// "Never panics" is promised by every item's documentation; these make the compiler hold the crate to it.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

#[cfg(test)]
extern crate std;

pub mod bounded_map;
pub mod bounded_queue;
pub mod bounded_vec;
pub mod checksum;
pub mod error;
pub mod limits;
pub mod safe_slice;
pub mod verification;

pub use bounded_map::BoundedMap;
pub use bounded_queue::BoundedQueue;
pub use bounded_vec::BoundedVec;
pub use checksum::{Crc32, crc32};
pub use error::{AccessError, CapacityError, IntegrityError, OutOfBounds};
pub use limits::{LimitError, LimitExceeded, LimitInfo, Limits};
pub use safe_slice::{SafeSlice, SafeSliceMut};
pub use verification::{Event, ParseLevelError, VerificationLevel, Verifier};
