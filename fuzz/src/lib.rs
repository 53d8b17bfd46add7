//! What the fuzz targets do with an input, and the seeds they start from.
//!
//! `cargo +nightly fuzz run image corpus/image seeds/image` fuzzes; `cargo run --no-default-features --bin seeds` writes the
//! seeds anew.

#[path = "../../wrt-runtime/tests/common/mod.rs"]
mod common;

use common::{Buffers, Builder, Machine, Rooms, fuel, plain, store};
use std::path::Path;
use std::{fs, io};
use wrt_instructions::Trap;
use wrt_instructions::op::Plain;
use wrt_runtime::image::format::{ValType, kind};
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
pub fn image(input: &[u8]) {
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
    let ty = image.funcs.get(index as usize).and_then(|func| image.func_type(func.ty.get()));
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

/// The seeds, by name.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut one = Builder::default();
    let ty = one.ty(&[ValType::I32], &[ValType::I32]);
    let func = one.func(ty, 1, |_| vec![fuel(1), plain(Plain::Return1, 0, 0, 0)]);
    one.export("one", kind::FUNC, func);
    vec![("empty", Builder::default().build()), ("one", one.build()), ("sample", common::sample::sample().build())]
}

/// Writes the seeds into a folder.
///
/// # Errors
/// Whatever the file system says.
pub fn write_seeds(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    seeds().into_iter().try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_QA_003
    #[test]
    fn the_seeds_are_images_of_today_and_the_target_runs_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/image");
        for (name, bytes) in seeds() {
            assert!(
                fs::read(folder.join(name)).is_ok_and(|found| found == bytes),
                "{name} is out of date: run `seeds`"
            );
            assert!(Image::parse(&bytes).is_ok_and(|image| image.check_code().is_ok()), "{name}");
            image(&bytes);
        }
    }
}
