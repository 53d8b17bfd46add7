//! The program of a board.

#[cfg(feature = "costs")]
#[path = "counter.rs"]
mod counter;

use core::panic::PanicInfo;
use semihosting::experimental::env;
use semihosting::fs::File;
use semihosting::io::Read;
use semihosting::{eprintln, println, process};
use static_cell::StaticCell;
use suite::{Buffers, FRAMES, Reason, Report, SLOTS, Watch};
#[cfg(feature = "traditional")]
use wrt_runtime::Engine;
#[cfg(not(feature = "traditional"))]
use wrt_runtime::StacklessEngine as Engine;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instr::Cell;
use wrt_runtime::stack::Frame;
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::types::GlobalType;
use wrt_safety::VerificationLevel;

#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv as _;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;

/// Bytes of memories of an episode, of tables' elements, and of its script: what the generator takes by default.
const MEMORY: usize = 4 << 20;
const ELEMENTS: usize = 65_536;
const EPISODE: usize = 1 << 20;
/// Instructions of all modules of an episode.
const CELLS: usize = 1 << 16;
/// Of everything else.
const MANY: usize = 1 << 13;

/// Bytes of the command line that are read.
const COMMAND_LINE: usize = 512;

/// How many failures are told in words.
const TOLD: u32 = 50;

macro_rules! cell {
    ($ty:ty, $length:expr, $value:expr) => {{
        static CELL: StaticCell<[$ty; $length]> = StaticCell::new();
        CELL.init_with(|| [$value; $length])
    }};
}

fn buffers() -> Buffers<'static> {
    Buffers {
        funcs: cell!(FuncInst, MANY, FuncInst::default()),
        types: cell!(TypeRecord, MANY, TypeRecord::default()),
        val_types: cell!(ValType, MANY * 2, ValType::default()),
        globals: cell!(u64, MANY, 0),
        global_types: cell!(Option<GlobalType>, MANY, None),
        tags: cell!(u32, 256, 0),
        objects: cell!(u64, 1024, 0),
        handles: cell!(wrt_runtime::heap::Handle, 256, wrt_runtime::heap::Handle::NONE),
        words: cell!(u32, MANY * 4, 0),
        entries: cell!(Entry, MANY, Entry::default()),
        // Images lie in the file as they come, without the alignment that code needs to be run in place.
        cells: cell!(Cell, CELLS, Cell::default()),
        memory: cell!(u8, MEMORY, 0),
        elements: cell!(u32, ELEMENTS, 0),
        slots: cell!(u64, SLOTS, 0),
        frames: cell!(Frame, FRAMES, Frame::default()),
    }
}

fn fail(what: &str) -> ! {
    eprintln!("suite-player: {what}");
    process::exit(2)
}

fn open() -> File {
    let Ok(args) = env::args::<COMMAND_LINE>() else { fail("the command line is too long") };
    let Some(Ok(path)) = (&args).last() else { fail("no file is named") };
    let mut name = [0; COMMAND_LINE];
    let Some(place) = name.get_mut(..path.len()) else { fail("the name is too long") };
    place.copy_from_slice(path.as_bytes());
    let name = core::ffi::CStr::from_bytes_until_nul(&name);
    name.ok().and_then(|name| File::open(name).ok()).unwrap_or_else(|| fail("the file cannot be opened"))
}

/// Fills the buffer; false at the end of the file.
fn fill(file: &mut File, buffer: &mut [u8]) -> bool {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) if read == 0 => return false,
            Ok(0) => fail("the file ends within an episode"),
            Ok(more) => read += more,
            Err(_) => fail("the file cannot be read"),
        }
    }
    true
}

/// Tells failures in words, and what calls cost where that is asked for.
struct Teller {
    told: u32,
    #[cfg(feature = "costs")]
    counter: counter::Counter,
}

impl Teller {
    fn new() -> Self {
        Self {
            told: 0,
            #[cfg(feature = "costs")]
            counter: counter::Counter::start().unwrap_or_else(|| fail("there is no counter")),
        }
    }
}

impl Watch for Teller {
    fn failed(&mut self, episode: &str, line: u32, reason: Reason) {
        if self.told < TOLD {
            println!("{episode}, line {line}: {reason}");
        }
        self.told += 1;
    }
    #[cfg(feature = "costs")]
    fn instructions(&mut self) -> u32 {
        self.counter.instructions()
    }
    #[cfg(feature = "costs")]
    fn spent(&mut self, episode: &str, line: u32, instructions: u32, fuel: u64) {
        println!("cost {episode} {line} {instructions} {fuel}");
    }
}

#[entry]
fn main() -> ! {
    let mut file = open();
    let mut buffers = buffers();
    let episode = cell!(u8, EPISODE, 0);
    let mut engine = Engine::new(VerificationLevel::Standard);
    let mut report = Report::default();
    let mut teller = Teller::new();
    let mut length = [0; 4];
    while fill(&mut file, &mut length) {
        let Some(bytes) = episode.get_mut(..u32::from_le_bytes(length) as usize) else {
            fail("an episode is too long")
        };
        if !fill(&mut file, bytes) {
            fail("the file ends before an episode");
        }
        suite::play(bytes, &mut engine, &mut buffers, &mut report, &mut teller);
    }
    let Report { episodes, passed, left_out, failed } = report;
    println!("{passed} assertions hold in {episodes} episodes, {left_out} are left out, {failed} steps differ");
    process::exit(i32::from(report.failed != 0))
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    eprintln!("{info}");
    process::exit(101)
}
