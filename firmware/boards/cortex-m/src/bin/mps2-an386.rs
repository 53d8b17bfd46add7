//! Arm MPS2+ AN386: Cortex-M4. The guest works on floats.
#![no_std]
#![no_main]

#[path = "../../../sizes/float.rs"]
mod sizes;

cortex_m_boards::program!(
    f32,
    sizes,
    [CONTROL_FLOAT_DAMAGED, CONTROL_FLOAT_FORGED, CONTROL_FLOAT],
    tick every 25_000 clocks
);
