//! The WebAssembly operators: one table, their meaning as pure functions, traps and fuel prices.
#![no_std]
