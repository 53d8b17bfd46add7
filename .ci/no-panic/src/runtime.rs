//! What `wrt-runtime` offers: an image read, checked, linked with a function of the host, run, paused and resumed.

use core::hint::black_box;

use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::heap::Handle;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::memory::{MemoryBudget, MemoryMetrics, MemoryState};
use wrt_runtime::stack::{CallState, Frame, Waiting};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::table::TableState;
use wrt_runtime::{Cell, Engine, Execute, Extern, Image, Memory, Outcome, Stack, StacklessEngine, Storage, Table};
use wrt_safety::{Limits, VerificationLevel};

use crate::{any, keep};

/// The compiler can't know what is in it, so all that can be done with an image stays in the program.
static IMAGE: [u8; 512] = [0; 512];

#[inline(never)]
pub fn exercise_runtime() {
    let bytes: &'static [u8] = black_box(&IMAGE);
    if let Ok(image) = Image::parse(bytes) {
        keep(image.check_code().is_ok());
        keep(image.name(any(Default::default())));
        keep(image.func_type(any(3)).is_some());
        keep(image.entry(any(3)));
    }
    memories();
    tables();
    instances(bytes);
}

fn memories() {
    let mut bytes = any([0_u8; 256]);
    let mut state = any(MemoryState { bytes: 64, max_pages: 200, ..MemoryState::default() });
    let metrics = MemoryMetrics::new();
    let budget = MemoryBudget::new(any(1 << 20));
    let Some(mut memory) = Memory::new(&mut bytes, &mut state, &metrics, &budget) else { return };
    keep((memory.size(), memory.len(), memory.is_empty(), memory.peak_memory(), memory.access_count()));
    keep(memory.grow(any(100)));
    keep(memory.write(any(1_u64 << 40), &any([1, 2, 3])));
    let mut buffer = any([0_u8; 7]);
    keep(memory.read(any(60), &mut buffer));
    keep(memory.get_safe_slice(any(3), any(u64::MAX), any(VerificationLevel::Full)).is_ok());
    memory.data_mut().fill(any(1));
}

fn tables() {
    let mut elements = any([0_u32; 16]);
    let mut state = any(TableState { size: 3, max: 20, ..TableState::default() });
    let Some(mut table) = Table::new(&mut elements, &mut state) else { return };
    keep(table.get(any(u64::MAX)));
    keep(table.set(any(2), any(1)));
    keep(table.grow(any(5), any(1)));
    keep(table.init(any(1), &any([1, 2, 3]), any(1), any(9)));
    keep(table.size());
}

fn instances(bytes: &'static [u8]) {
    let mut modules = [Loaded::default(); 2];
    let mut instance_room = [Instance::default(), Instance::default()];
    let mut funcs = [FuncInst { ty: 0, instance: 0, index: 0 }; 8];
    let mut types = [TypeRecord::default(); 4];
    let mut val_types = [ValType::default(); 8];
    let (mut globals, mut global_types) = ([0_u64; 4], [None; 4]);
    let mut tags = [0_u32; 2];
    let mut objects = [0_u64; 8];
    let mut handles = [Handle::NONE; 4];
    let (mut elements, mut linear) = ([0_u32; 8], [0_u8; 64]);
    let (mut words, mut entries) = ([0_u32; 64], [Entry::absent(0); 8]);
    let mut cells: [Cell; 0] = [];
    let mut table_room = [TableRoom::new(&mut elements)];
    let mut memory_room = [MemoryRoom::new(&mut linear)];
    let limits = any(Limits::DEVICE);
    let mut store = FixedStore::new(
        &limits,
        Room {
            modules: &mut modules,
            instances: &mut instance_room,
            funcs: &mut funcs,
            types: &mut types,
            val_types: &mut val_types,
            globals: &mut globals,
            global_types: &mut global_types,
            tags: &mut tags,
            objects: &mut objects,
            handles: &mut handles,
            tables: &mut table_room,
            memories: &mut memory_room,
            words: &mut words,
            entries: &mut entries,
            cells: &mut cells,
        },
    );
    let host = store.add_host_func(&[any(ValType::I32)], &[any(ValType::F64)], any(7));
    let Ok(module) = store.load(bytes) else { return };
    let imports = [host.unwrap_or(Extern::Memory(any(0)))];
    let Ok(instance) = store.instantiate(module, &imports) else { return };
    let func = match store.export(instance, any("run")) {
        Some(Extern::Func(addr)) => store.func(addr).map_or(0, |func| func.index),
        _ => return,
    };
    run_stackless(&mut store, instance, func);
    run_traditional(&mut store, instance, func);
}

macro_rules! exercise_engine {
    ($name:ident, $engine:ident) => {
        fn $name(store: &mut FixedStore<'_>, instance: u32, func: u32) {
            let mut slots = [0_u64; 321];
            let mut frames = [Frame::default(); 8];
            let mut state = CallState::IDLE;
            let mut stack = Stack::new(&mut slots, &mut frames, any(8), &mut state);
            let mut engine = $engine::new(any(VerificationLevel::Full));
            engine.set_fuel(any(1000));
            let mut outcome = engine.execute(store, &mut stack, instance, func, 0, &[any(1)]);
            for _ in 0..any(3) {
                match outcome {
                    Outcome::OutOfFuel { needed } => engine.set_fuel(needed),
                    Outcome::HostCall { func: host, base } if any(false) => {
                        let waiting = Waiting { host, callee: any(1), state: any(5) };
                        keep(engine.reenter(store, &mut stack, (base, 1), waiting, &[any(1)]));
                    }
                    Outcome::Wait { .. } | Outcome::Notify { .. } => stack.answer(any(0)),
                    Outcome::HostCall { base, .. } | Outcome::HostAgain { base, .. } => {
                        if let Some(result) = stack.slots_mut(base, 1).and_then(|slots| slots.first_mut()) {
                            *result = any(1);
                        }
                    }
                    _ => break,
                }
                outcome = engine.resume(store, &mut stack);
            }
            keep(stack.positions().count());
            keep(stack.validate());
            stack.unwind();
            keep((engine.remaining_fuel(), engine.stats(), outcome));
        }
    };
}
exercise_engine!(run_stackless, StacklessEngine);
exercise_engine!(run_traditional, Engine);
