//! The qualified item: memories, tables, images, the machine state and the engines. No allocator.
#![no_std]
