//! Targets whose storage can be sized.

use crate::failure::{Class, Failure};
use crate::suggest;
use wrt_runtime::sizes::Sizes;

/// The name of the machine that this runs on.
const HOST: &str = "host";

/// Targets by the width of their pointers in bits. Of 64-bit ones the engine copies an image's instructions; on the others they
/// run where they lie.
const TARGETS: [(&str, u32); 24] = [
    ("thumbv6m-none-eabi", 32),
    ("thumbv7m-none-eabi", 32),
    ("thumbv7em-none-eabi", 32),
    ("thumbv7em-none-eabihf", 32),
    ("thumbv8m.base-none-eabi", 32),
    ("thumbv8m.main-none-eabi", 32),
    ("thumbv8m.main-none-eabihf", 32),
    ("armv7r-none-eabi", 32),
    ("armv7r-none-eabihf", 32),
    ("armv7-unknown-linux-gnueabihf", 32),
    ("riscv32i-unknown-none-elf", 32),
    ("riscv32im-unknown-none-elf", 32),
    ("riscv32imc-unknown-none-elf", 32),
    ("riscv32imac-unknown-none-elf", 32),
    ("riscv32imafc-unknown-none-elf", 32),
    ("i686-unknown-linux-gnu", 32),
    ("wasm32-unknown-unknown", 32),
    ("wasm32-wasip1", 32),
    ("aarch64-unknown-none", 64),
    ("aarch64-unknown-linux-gnu", 64),
    ("aarch64-apple-darwin", 64),
    ("riscv64gc-unknown-none-elf", 64),
    ("x86_64-unknown-linux-gnu", 64),
    ("x86_64-pc-windows-msvc", 64),
];

/// A target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// Its triple, or `host`.
    pub(super) name: &'static str,
    /// How large things are there.
    pub(super) sizes: Sizes,
    /// Whether an image's instructions run where they lie.
    pub(super) in_place: bool,
}

impl Target {
    /// The target with this name.
    // @need-ids: REQ_BUDGET_003, REQ_CLI_001
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        if name == HOST {
            let sizes = Sizes::HERE;
            // A cell that is an instruction and nothing more need not be made.
            let in_place = sizes.cell == size_of::<wrt_runtime::Instr>() && cfg!(target_endian = "little");
            return Ok(Self { name: HOST, sizes, in_place });
        }
        let known = TARGETS.iter().find(|(known, _)| *known == name);
        let found = known.and_then(|(name, bits)| Some((*name, *bits, Sizes::of_pointers(*bits)?)));
        found.map(|(name, bits, sizes)| Self { name, sizes, in_place: bits == 32 }).ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> Failure {
    let names = || TARGETS.iter().map(|(name, _)| *name).chain([HOST]);
    let hint = suggest::nearest(name, names()).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    let known = names().collect::<Vec<_>>().join(" ");
    Failure::new(Class::Usage, format!("target `{name}` is not known{hint}"))
        .with_lines(vec![format!("known targets: {known}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_BUDGET_003
    #[test]
    fn targets_are_found_by_their_triples() {
        let small = Target::named("thumbv6m-none-eabi").unwrap();
        assert_eq!((small.sizes.pointer, small.in_place), (4, true));
        assert_eq!(Target::named("x86_64-unknown-linux-gnu").unwrap().sizes.pointer, 8);
        assert_eq!(Target::named("host").unwrap().sizes, Sizes::HERE);
        let failure = Target::named("thumbv7em-none-eabbi").unwrap_err();
        assert!(failure.message.contains("did you mean `thumbv7em-none-eabi`"), "{failure}");
        assert!(failure.lines[0].contains("riscv32imac-unknown-none-elf"));
    }
}
