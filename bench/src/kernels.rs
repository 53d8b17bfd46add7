//! What is measured: calls of guests, sized so that each takes about half a second.

/// An export of a guest and the arguments that make it work long.
pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    /// In `guests/wasm`.
    pub(crate) file: &'static str,
    pub(crate) export: &'static str,
    /// All are i32.
    pub(crate) arguments: &'static [i32],
    /// The same with little work, for the call before the measured one.
    pub(crate) warm: &'static [i32],
}

const fn kernel(
    name: &'static str,
    (file, export): (&'static str, &'static str),
    arguments: &'static [i32],
    warm: &'static [i32],
) -> Kernel {
    Kernel { name, file, export, arguments, warm }
}

pub(crate) const KERNELS: &[Kernel] = &[
    kernel("fib", ("fib.wasm", "fib"), &[35], &[5]),
    kernel("sieve", ("sieve.wasm", "sieve"), &[500_000, 50], &[1000, 1]),
    kernel("matmul", ("matmul.wasm", "matmul"), &[96, 60], &[4, 1]),
    kernel("nbody", ("nbody.wasm", "nbody"), &[500_000], &[1]),
    kernel("mandelbrot", ("mandelbrot.wasm", "mandelbrot"), &[320, 1000], &[4, 10]),
    kernel("spectral", ("spectral.wasm", "spectral"), &[250, 40], &[4, 1]),
    kernel("sha256", ("sha256.wasm", "chain"), &[4096, 1500], &[10, 1]),
    kernel("crc32", ("crc32.wasm", "crc32"), &[1, 32_768, 1500], &[1, 100, 1]),
    kernel("keccak", ("keccak.wasm", "keccak_f"), &[40_000], &[1]),
    kernel("copy_bytes", ("memory_loops.wasm", "copy"), &[0, 32_000, 8000], &[0, 100, 1]),
    kernel("copy_words", ("memory_loops.wasm", "copy"), &[1, 32_000, 8000], &[1, 100, 1]),
    kernel("quicksort", ("quicksort.wasm", "quicksort_rounds"), &[32_768, 50], &[100, 1]),
    kernel("hash_table", ("hashtable.wasm", "chained"), &[6_000_000, 5000, 1], &[100, 10, 1]),
    kernel("list", ("list.wasm", "list_walk"), &[12_000, 5000], &[100, 1]),
    kernel("indirect_calls", ("vtable.wasm", "shapes"), &[60_000], &[1]),
    kernel("state_machine", ("machine.wasm", "machine"), &[1_000_000], &[1]),
    kernel("lexer", ("machine.wasm", "lex"), &[50_000], &[1]),
    kernel("coremix", ("coremix.wasm", "coremix"), &[5000], &[1]),
    kernel("json", ("json.wasm", "rounds"), &[10_000], &[1]),
    kernel("stack_vm", ("stackvm.wasm", "collatz"), &[13_000], &[10]),
];

pub(crate) fn names() -> String {
    KERNELS.iter().map(|kernel| kernel.name).collect::<Vec<_>>().join(", ")
}
