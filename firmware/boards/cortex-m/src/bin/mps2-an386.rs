//! Arm MPS2+ AN386: Cortex-M4. The guest works on floats.
#![no_std]
#![no_main]

cortex_m_boards::program!(
    f32,
    control_float,
    [CONTROL_FLOAT_DAMAGED, CONTROL_FLOAT_FORGED, CONTROL_FLOAT],
    linked linked, [LINKED_FILTER, LINKED_CONTROL],
    tick every 25_000 clocks
);
