//! Any bytes as an image, in a store without an allocator.

#[path = "../../wrt-runtime/tests/common/mod.rs"]
pub(crate) mod common;

use common::{Buffers, Machine, Rooms, store};
use wrt_instructions::Trap;
use wrt_runtime::image::reader::seal;
use wrt_runtime::{Extern, FixedStore, Image, InstantiateError, Outcome};
use wrt_safety::Limits;

/// Fuel for each function that an image exports.
const FUEL: u64 = 10_000;

/// Host calls that are answered in one run; a guest can make as many as it has fuel for.
const HOST_CALLS: usize = 100;

/// Loads an image, whose length and checksum are made to fit, and runs what it exports.
///
/// # Panics
/// Where anything in the runtime does, and where code that was checked turns out to be corrupt.
// @need-ids: REQ_IMAGE_001, REQ_QA_003
pub fn check(input: &[u8]) {
    let mut bytes = input.to_vec();
    if let (Some(length), Ok(len)) = (bytes.get_mut(8..12), u32::try_from(input.len())) {
        length.copy_from_slice(&len.to_le_bytes());
    }
    if seal(&mut bytes).is_none() {
        return;
    }
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEVICE, &mut buffers, &mut rooms);
    let (Ok(module), Ok(image)) = (store.load(&bytes), Image::parse(&bytes)) else { return };
    let imports: Vec<Extern> =
        image.imports.iter().map(|import| stand_in(&mut store, &image, import.index.get())).collect();
    let instance = match store.instantiate(module, &imports) {
        Ok(instance) => instance,
        Err(InstantiateError::Corrupt(what)) => panic!("a checked image is corrupt: {what}"),
        Err(_) => return,
    };
    for export in image.exports {
        if let Some(func @ Extern::Func(_)) = store.export(instance, image.name(export.name)) {
            run(&mut store, func);
        }
    }
}

/// Something to import: a host function of the type that is wanted. What wants anything else is refused.
fn stand_in(store: &mut FixedStore<'_>, image: &Image<'_>, index: u32) -> Extern {
    let ty = image.funcs.get(index as usize).and_then(|func| image.func_type(func.ty()));
    let (params, results) = ty.unwrap_or_default();
    store.add_host_func(params, results, 0).unwrap_or(Extern::Func(u32::MAX))
}

fn run(store: &mut FixedStore<'_>, func: Extern) {
    let mut machine = Machine::new();
    let mut outcome = machine.call(store, func, &[3, 2, 1], FUEL);
    for _ in 0..HOST_CALLS {
        let Outcome::HostCall { .. } = outcome else { break };
        outcome = machine.resume(store, 0);
    }
    let done = matches!(outcome, Outcome::Finished | Outcome::OutOfFuel { .. } | Outcome::HostCall { .. });
    let trapped = matches!(outcome, Outcome::Trapped(trap) if trap != Trap::CorruptCode);
    assert!(done || trapped, "{outcome:?} at {}", machine.state.pc);
}
