//! What all boards have in common: a guest controls a plant, in slices of fuel that a periodic interrupt gives it.
//!
//! Each cycle calls the guest's `cycle`. The guest gets [`SLICE`] units of fuel at each tick, and goes on where the last slice
//! left it. Three things may go wrong, each with a reaction:
//!
//! | what | reaction |
//! |---|---|
//! | an image is corrupt | it is refused before anything of it runs; the next image is tried |
//! | the guest traps | the actuator goes to its safe value, the instance is restarted |
//! | the guest needs more than [`CYCLE_SLICES`] slices | the same |
//!
//! A board brings ticks, a log and storage ([`Board`], [`storage!`]).
#![no_std]

pub mod host;
pub mod plant;
pub mod storage;

/// What [`storage!`] names.
#[doc(hidden)]
pub mod parts {
    pub use static_cell::StaticCell;
    pub use wrt_runtime::Cell;
    pub use wrt_runtime::fixed_store::{Instance, Loaded, MemoryRoom, Room, TableRoom};
    pub use wrt_runtime::image::format::{TypeRecord, ValType};
    pub use wrt_runtime::stack::{CallState, Frame};
    pub use wrt_runtime::storage::{Entry, FuncInst};
    pub use wrt_runtime::types::GlobalType;
}

use host::{HostFunc, Value};
use plant::Plant;
use storage::Storage;
use wrt_runtime::fixed_store::LoadError;
use wrt_runtime::instantiate::InstantiateError;
use wrt_runtime::{Execute, Extern, FixedStore, Image, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

/// Fuel for each tick of the timer.
pub const SLICE: u64 = 150;

/// Slices that a cycle may take.
pub const CYCLE_SLICES: u32 = 8;

/// Cycles that are run.
pub const CYCLES: u32 = 48;

/// Guests that may be linked to one another.
const GUESTS: usize = 2;

/// Imports that a guest may have.
const IMPORTS: usize = 8;

/// Where the actuator does no harm.
pub const SAFE: i32 = 0;

/// What the plant shall come to.
const SETPOINT: u64 = 1000;

/// What is staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing goes wrong.
    Good,
    /// The guest traps once.
    Trap,
    /// The guest does not end once.
    Endless,
    /// The first two images are corrupt.
    Corrupt,
    /// All images are corrupt.
    NoImage,
    /// Nothing goes wrong; the guest is two, linked to one another.
    Linked,
    /// The same two; the one that the other calls traps once.
    LinkedTrap,
}

impl Scenario {
    /// The scenario called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "good" => Self::Good,
            "trap" => Self::Trap,
            "endless" => Self::Endless,
            "corrupt" => Self::Corrupt,
            "no-image" => Self::NoImage,
            "linked" => Self::Linked,
            "linked-trap" => Self::LinkedTrap,
            _ => return None,
        })
    }

    /// Whether the guest is two modules.
    pub const fn is_linked(self) -> bool {
        matches!(self, Self::Linked | Self::LinkedTrap)
    }

    /// The images that are in flash: `all` are corrupt ones, and a good one at the end.
    pub fn images<'f>(self, all: &'f [&'static [u8]; 3]) -> &'f [&'static [u8]] {
        let [corrupt @ .., _] = all;
        let [_, _, good @ ..] = all;
        match self {
            Self::Corrupt => all,
            Self::NoImage => corrupt,
            Self::Good | Self::Trap | Self::Endless | Self::Linked | Self::LinkedTrap => good,
        }
    }
}

/// Why there is no instance of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Refusal {
    /// It was not loaded.
    Load(LoadError),
    /// It imports what there is not, or more than there is room for.
    Import,
    /// It was not instantiated.
    Instantiate(InstantiateError),
}

/// What a board tells the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// There is no instance of an image.
    Refused {
        /// Its place in the list of images.
        image: u32,
        /// Why not.
        why: Refusal,
    },
    /// The guest runs.
    Started {
        /// The place of its image in the list of images.
        image: u32,
    },
    /// A cycle ended.
    Cycle {
        /// Its number, from 1.
        number: u32,
        /// Where the actuator is.
        output: i32,
        /// Slices it took.
        slices: u32,
        /// Fuel it took.
        fuel: u32,
    },
    /// The guest trapped; the actuator is where it is safe.
    Trapped {
        /// Number of the cycle.
        cycle: u32,
        /// The trap's code (docs/traps.md).
        trap: u8,
        /// Where the actuator is now.
        output: i32,
    },
    /// The guest did not end in time; the actuator is where it is safe.
    Overrun {
        /// Number of the cycle.
        cycle: u32,
        /// Where the actuator is now.
        output: i32,
    },
    /// The instances are as they were when they were new.
    Restarted,
    /// The engine found its surroundings broken, which no reaction mends.
    Broken,
    /// All cycles are over.
    Report {
        /// Traps.
        traps: u32,
        /// Overruns.
        overruns: u32,
        /// Slices that ended before the guest did.
        pauses: u32,
        /// A digest of all that the actuator was set to.
        digest: u32,
    },
    /// There is no image to run; the actuator is where it is safe.
    NoImage,
}

/// What a board brings.
pub trait Board {
    /// Sleeps until the timer's next tick.
    fn wait_for_tick(&mut self);
    /// Logs an event.
    fn log(&mut self, event: Event);
}

/// How a run ended: the firmware's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All cycles as planned.
    Undisturbed = 0,
    /// All cycles, with reactions.
    Recovered = 10,
    /// All cycles, with another image than the first.
    FellBack = 11,
    /// No image was good.
    NoImage = 20,
    /// A state that no reaction is planned for.
    Broken = 21,
}

/// A number as the guest's sensor gives it and its actuator takes it.
pub trait Signal: Value {
    /// From a reading of the converter.
    fn from_reading(reading: i32) -> Self;
    /// To a setting of the actuator.
    fn to_setting(self) -> i32;
}

impl Signal for u32 {
    fn from_reading(reading: i32) -> Self {
        reading.cast_unsigned()
    }
    fn to_setting(self) -> i32 {
        self.cast_signed()
    }
}

impl Signal for f32 {
    fn from_reading(reading: i32) -> Self {
        reading as Self
    }
    fn to_setting(self) -> i32 {
        self as i32
    }
}

/// How a cycle ended.
enum End {
    Done,
    Trapped(u8),
    Overrun,
    Broken,
}

/// A guest that was loaded, and what it works on.
struct Loop<'b, V, B> {
    board: &'b mut B,
    store: FixedStore<'static>,
    stack: Stack<'static>,
    engine: StacklessEngine,
    plant: Plant,
    sensor: HostFunc<u32, V>,
    actuator: HostFunc<V, ()>,
    digest: u32,
    pauses: u32,
}

/// Instances that are linked to one another, the one whose `cycle` is called last.
type Instances = heapless::Vec<u32, GUESTS>;

/// Runs the first good one of `images` for [`CYCLES`] cycles.
// @need-ids: REQ_FIRMWARE_001
pub fn run<V: Signal>(storage: Storage, images: &[&'static [u8]], scenario: Scenario, board: &mut impl Board) -> Exit {
    let mut this = Loop::<V, _>::new(storage, scenario, board);
    let Some((number, instance)) = this.start(images) else {
        this.plant.actuate(SAFE);
        this.board.log(Event::NoImage);
        return Exit::NoImage;
    };
    match this.cycles(&[instance]) {
        Exit::Undisturbed if number > 0 => Exit::FellBack,
        exit => exit,
    }
}

/// Links `images`, each to those before it, and runs the last one for [`CYCLES`] cycles.
// @need-ids: REQ_FIRMWARE_004
pub fn run_linked<V: Signal>(
    storage: Storage,
    images: &[&'static [u8]],
    scenario: Scenario,
    board: &mut impl Board,
) -> Exit {
    let mut this = Loop::<V, _>::new(storage, scenario, board);
    let mut instances = Instances::new();
    for (image, bytes) in (0..).zip(images) {
        let linked = this.link(bytes, &instances);
        match linked.and_then(|instance| instances.push(instance).map_err(|_| Refusal::Import)) {
            Ok(()) => this.board.log(Event::Started { image }),
            Err(why) => {
                this.board.log(Event::Refused { image, why });
                return this.broken();
            }
        }
    }
    this.cycles(&instances)
}

impl<'b, V: Signal, B: Board> Loop<'b, V, B> {
    fn new(storage: Storage, scenario: Scenario, board: &'b mut B) -> Self {
        let Storage { room, slots, frames, state } = storage;
        let most = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        Self {
            board,
            store: FixedStore::new(&Limits::DEVICE, room),
            stack: Stack::new(slots, frames, most, state),
            engine: StacklessEngine::new(VerificationLevel::Standard),
            plant: Plant::new(scenario),
            sensor: HostFunc::<u32, V>::new(0),
            actuator: HostFunc::new(1),
            digest: 0x811C_9DC5,
            pauses: 0,
        }
    }

    /// Loads the first good image; returns its place in the list and the number of its instance.
    // @need-ids: REQ_FIRMWARE_002, REQ_IMAGE_001
    fn start(&mut self, images: &[&'static [u8]]) -> Option<(u32, u32)> {
        for (image, bytes) in (0..).zip(images) {
            match self.link(bytes, &[]) {
                Ok(instance) => {
                    self.board.log(Event::Started { image });
                    return Some((image, instance));
                }
                Err(why) => self.board.log(Event::Refused { image, why }),
            }
        }
        None
    }

    /// Loads an image and makes an instance of it. What it imports is the host's, or else of one of the instances `before`, the
    /// latest first.
    // @need-ids: REQ_FIRMWARE_004
    fn link(&mut self, bytes: &'static [u8], before: &[u32]) -> Result<u32, Refusal> {
        let module = self.store.load(bytes).map_err(Refusal::Load)?;
        let image = Image::parse(bytes).map_err(|error| Refusal::Load(error.into()))?;
        let mut imports = heapless::Vec::<Extern, IMPORTS>::new();
        for import in image.imports {
            let name = image.name(import.name);
            let found = match (image.name(import.module), name) {
                ("device", "sensor") => self.sensor.declare(&mut self.store).ok(),
                ("device", "actuator") => self.actuator.declare(&mut self.store).ok(),
                _ => before.iter().rev().find_map(|instance| self.store.export(*instance, name)),
            };
            if found.is_none_or(|found| imports.push(found).is_err()) {
                return Err(Refusal::Import);
            }
        }
        self.store.instantiate(module, &imports).map_err(Refusal::Instantiate)
    }

    fn cycles(&mut self, instances: &[u32]) -> Exit {
        let cycle = instances.last().and_then(|instance| self.store.export(*instance, "cycle"));
        let Some(Extern::Func(cycle)) = cycle else { return self.broken() };
        let (mut traps, mut overruns) = (0_u32, 0_u32);
        for number in 1..=CYCLES {
            self.plant.step();
            match self.cycle(number, cycle) {
                End::Done => continue,
                End::Trapped(trap) => {
                    traps = traps.wrapping_add(1);
                    if !cfg!(feature = "fault") {
                        self.plant.actuate(SAFE);
                    }
                    self.board.log(Event::Trapped { cycle: number, trap, output: self.plant.heater() });
                }
                End::Overrun => {
                    overruns = overruns.wrapping_add(1);
                    self.plant.actuate(SAFE);
                    self.board.log(Event::Overrun { cycle: number, output: self.plant.heater() });
                }
                End::Broken => return self.broken(),
            }
            self.stack.unwind();
            // In the order in which they were made: what an instance writes into others is there again too.
            if instances.iter().any(|instance| self.store.restart(*instance).is_err()) {
                return self.broken();
            }
            self.board.log(Event::Restarted);
        }
        self.board.log(Event::Report { traps, overruns, pauses: self.pauses, digest: self.digest });
        if traps == 0 && overruns == 0 { Exit::Undisturbed } else { Exit::Recovered }
    }

    fn broken(&mut self) -> Exit {
        self.plant.actuate(SAFE);
        self.board.log(Event::Broken);
        Exit::Broken
    }

    /// One call of the guest, a slice for each tick.
    fn cycle(&mut self, number: u32, func: u32) -> End {
        self.engine.set_fuel(0);
        if let Err(trap) = self.engine.begin(&mut self.store, &mut self.stack, func, 0, &[SETPOINT]) {
            return End::Trapped(trap.code());
        }
        for slices in 1..=CYCLE_SLICES {
            self.board.wait_for_tick();
            self.engine.set_fuel(self.engine.remaining_fuel().saturating_add(SLICE));
            match self.slice() {
                Outcome::Finished => {
                    let given = u64::from(slices).saturating_mul(SLICE);
                    let fuel = given.saturating_sub(self.engine.remaining_fuel()) as u32;
                    self.board.log(Event::Cycle { number, output: self.plant.heater(), slices, fuel });
                    return End::Done;
                }
                Outcome::OutOfFuel { .. } => self.pauses = self.pauses.wrapping_add(1),
                Outcome::Trapped(trap) => return End::Trapped(trap.code()),
                _ => return End::Broken,
            }
        }
        End::Overrun
    }

    /// Runs until the guest ends, traps, or has used its fuel. Calls of the host are answered on the way.
    fn slice(&mut self) -> Outcome {
        loop {
            let outcome = self.engine.resume(&mut self.store, &mut self.stack);
            let Outcome::HostCall { func, base } = outcome else { return outcome };
            let Self { plant, stack, sensor, actuator, digest, .. } = self;
            let answered =
                sensor.answer(func, base, stack, |channel| V::from_reading(plant.sensor(channel))).or_else(|| {
                    actuator.answer(func, base, stack, |value: V| {
                        plant.actuate(value.to_setting());
                        *digest = (*digest ^ plant.heater().cast_unsigned()).wrapping_mul(0x0100_0193);
                    })
                });
            if answered.is_none() {
                return outcome;
            }
        }
    }
}
