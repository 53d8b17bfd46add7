//! Arm MPS2+ AN386: Cortex-M4. The guest works on floats.
#![no_std]
#![no_main]

cortex_m_boards::program!(
    f32,
    control_float,
    [CONTROL_FLOAT_DAMAGED, CONTROL_FLOAT_FORGED, CONTROL_FLOAT],
    tick every 25_000 clocks
);
