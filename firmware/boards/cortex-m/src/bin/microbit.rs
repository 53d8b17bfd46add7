//! BBC micro:bit: Cortex-M0, 256 KB of flash, 16 KB of RAM. The guest works on integers.
#![no_std]
#![no_main]

cortex_m_boards::program!(
    u32,
    control_integer,
    [CONTROL_INTEGER_DAMAGED, CONTROL_INTEGER_FORGED, CONTROL_INTEGER],
    tick every 16_000 clocks
);
