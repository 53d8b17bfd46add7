//! What the engine takes on a device, as lines of a name and a number. Boards bring a counter of instructions, and a
//! measure of their native stack.
#![no_std]

use control_loop::storage::Storage;
use semihosting::println;
#[cfg(feature = "traditional")]
use wrt_runtime::Engine;
#[cfg(not(feature = "traditional"))]
use wrt_runtime::StacklessEngine as Engine;
use wrt_runtime::{Execute, Extern, FixedStore, Outcome, Stack};
use wrt_safety::{Limits, VerificationLevel};

/// Operators that `fib(20)` of `guests/figures.wat` executes, `end` and `else` not counted: 10,946 calls with an argument
/// below 2 execute 5, and 10,945 others 13.
const FIB_OPERATORS: u32 = 10_946 * 5 + 10_945 * 13;

/// Turns of the loop of loads and stores.
const TURNS: u32 = 10_000;

/// Operators of one turn of it.
const TURN_OPERATORS: u32 = 15;

/// What a board counts.
pub trait Meter {
    /// Instructions so far.
    fn instructions(&mut self) -> u32;
    /// Bytes of native stack that `work` takes below its caller, or `None` where nothing measures them.
    fn stack(&mut self, work: &mut dyn FnMut()) -> Option<u32>;
}

/// The guest of `guests/figures.wat`, in the form that the engine runs.
const GUEST: &[u8] = if cfg!(feature = "traditional") { images::FIGURES_BYTECODE } else { images::FIGURES };

// @need-ids: REQ_FIRMWARE_003, REQ_TRADITIONAL_002
/// Measures and prints everything. `None` where a guest did not do what it should.
pub fn run(storage: Storage, meter: &mut impl Meter) -> Option<()> {
    println!("instance-bytes {}", storage.instance_bytes());
    println!("store-bytes {}", size_of::<FixedStore<'_>>() + size_of::<Engine>() + size_of::<Stack<'_>>());
    // A call of nothing: what measuring itself counts.
    let nothing = count(meter, &mut || {});
    #[cfg(not(feature = "traditional"))]
    checks(meter, nothing)?;

    let Storage { room, slots, frames, state } = storage;
    let most = u32::try_from(frames.len()).ok()?;
    let mut store = FixedStore::new(&Limits::DEVICE, room);
    let mut instance = None;
    let stack = meter.stack(&mut || {
        instance = store.load(GUEST).ok().and_then(|module| store.instantiate(module, &[]).ok());
    });
    let instance = instance?;
    bytes("native-stack-load", stack);
    let mut stack = Stack::new(slots, frames, most, state);
    for (name, export, argument, result, operators) in [
        ("fib-per-operator", "fib", 20, 6765, FIB_OPERATORS),
        ("copy-per-operator", "copy", TURNS, (4 * TURNS) & 255, TURNS * TURN_OPERATORS),
    ] {
        let Some(Extern::Func(func)) = store.export(instance, export) else { return None };
        // The engine is the caller's, like all other storage.
        let mut engine = Engine::new(VerificationLevel::Standard);
        let mut call = || {
            engine.set_fuel(10_000_000);
            engine.begin(&mut store, &mut stack, func, 0, &[argument.into()]).ok()?;
            let done = engine.resume(&mut store, &mut stack) == Outcome::Finished;
            (done && stack.slots(0, 1) == Some(&[result.into()])).then_some(())
        };
        let mut done = None;
        let instructions = count(meter, &mut || done = call());
        done?;
        hundredths(name, instructions - nothing, operators);
        let stack = meter.stack(&mut || done = call());
        done?;
        bytes(if export == "fib" { "native-stack-fib" } else { "native-stack-copy" }, stack);
    }
    Some(())
}

/// What loading a compiled program costs, and how large its image is.
#[cfg(not(feature = "traditional"))]
fn checks(meter: &mut impl Meter, nothing: u32) -> Option<()> {
    use core::hint::black_box;
    use wrt_runtime::Image;

    let (code, data) = (images::coremix::CODE_SECTION as u32, images::coremix::DATA as u32);
    hundredths("image-over-code", images::COREMIX.len() as u32 - data, code);
    let mut words = 0;
    let checked = count(meter, &mut || {
        let image = Image::parse(black_box(images::COREMIX)).ok();
        words = image.filter(|image| image.check_code().is_ok()).map_or(0, |image| image.instr_count());
    });
    let words = u32::try_from(words).ok().filter(|words| *words > 0)?;
    hundredths("load-per-word", checked - nothing, words);
    let image = Image::parse(images::COREMIX).ok()?;
    let checked = count(meter, &mut || {
        black_box(image.check_code().is_ok());
    });
    hundredths("check-per-word", checked - nothing, words);
    Some(())
}

fn count(meter: &mut impl Meter, work: &mut dyn FnMut()) -> u32 {
    let before = meter.instructions();
    work();
    meter.instructions().wrapping_sub(before)
}

/// Prints a quotient with two digits.
fn hundredths(name: &str, sum: u32, count: u32) {
    let value = u64::from(sum) * 100 / u64::from(count);
    println!("{name} {}.{:02}", value / 100, value % 100);
}

fn bytes(name: &str, bytes: Option<u32>) {
    if let Some(bytes) = bytes {
        println!("{name} {bytes}");
    }
}
