//! What is controlled: a tank that follows its heater slowly, with some noise, and with the faults of a [`Scenario`]. It stands
//! for the device's converters, so that every board, and the host, sees the same numbers.

use crate::Scenario;

/// Cycles after which faults begin.
const FAULT_AT: u32 = 24;

/// Reading of the reference where the gain is right.
const REFERENCE: i32 = 1024;

/// The plant.
#[derive(Debug)]
pub struct Plant {
    scenario: Scenario,
    cycle: u32,
    noise: u32,
    /// In 1/16 of a unit.
    value: i32,
    heater: i32,
}

impl Plant {
    /// At rest.
    pub const fn new(scenario: Scenario) -> Self {
        Self { scenario, cycle: 0, noise: 1, value: 0, heater: 0 }
    }

    /// Time goes on by a cycle.
    pub fn step(&mut self) {
        self.cycle = self.cycle.wrapping_add(1);
        self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let change = self.heater.wrapping_sub(self.value.wrapping_div(16));
        self.value = self.value.wrapping_add(change.clamp(-4000, 4000));
    }

    /// A channel of the converter: 0 the value, 1 whether it is ready, 2 the reference.
    pub const fn sensor(&self, channel: u32) -> i32 {
        let fault = self.cycle == FAULT_AT;
        match channel {
            0 => self.value.wrapping_div(16).wrapping_add((self.noise >> 29) as i32),
            1 => !(fault && matches!(self.scenario, Scenario::Endless)) as i32,
            2 if fault && matches!(self.scenario, Scenario::Trap | Scenario::LinkedTrap) => 0,
            _ => REFERENCE,
        }
    }

    /// Sets the heater.
    pub const fn actuate(&mut self, value: i32) {
        self.heater = value;
    }

    /// Where the heater is.
    pub const fn heater(&self) -> i32 {
        self.heater
    }
}
