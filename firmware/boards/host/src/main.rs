//! The control loop on the host: `host integer|float SCENARIO` prints the events that a board must log, and ends with its
//! exit code.

use control_loop::{Board, Event, Scenario};
use images as i;
use std::env;
use std::process::ExitCode;

struct Host;

impl Board for Host {
    fn wait_for_tick(&mut self) {}
    fn log(&mut self, event: Event) {
        println!("{event:?}");
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [kind, name] = &args[..] else { return usage() };
    let Some(scenario) = Scenario::named(name) else { return usage() };
    let exit = match kind.as_str() {
        "integer" if !scenario.is_linked() => {
            let all = [i::CONTROL_INTEGER_DAMAGED, i::CONTROL_INTEGER_FORGED, i::CONTROL_INTEGER];
            let storage = control_loop::storage!(images::sizes::control_integer);
            control_loop::run::<u32>(storage, scenario.images(&all), scenario, &mut Host)
        }
        "float" if scenario.is_linked() => {
            let storage = control_loop::storage!(images::sizes::linked);
            control_loop::run_linked::<f32>(storage, &[i::LINKED_FILTER, i::LINKED_CONTROL], scenario, &mut Host)
        }
        "float" => {
            let all = [i::CONTROL_FLOAT_DAMAGED, i::CONTROL_FLOAT_FORGED, i::CONTROL_FLOAT];
            let storage = control_loop::storage!(images::sizes::control_float);
            control_loop::run::<f32>(storage, scenario.images(&all), scenario, &mut Host)
        }
        _ => return usage(),
    };
    ExitCode::from(exit as u8)
}

fn usage() -> ExitCode {
    eprintln!("usage: host integer|float good|trap|endless|corrupt|no-image, or float linked|linked-trap");
    ExitCode::from(2)
}
