//! The safety layer: bounded collections, checked slices, verification levels, checksums and limits.
#![no_std]
