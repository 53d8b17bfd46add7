//! What fuzzing starts from: a few small inputs for each target.

use crate::image::common::{Builder, fuel, plain, sample};
use crate::random::Random;
use std::path::Path;
use std::{fs, io};
use wrt_instructions::op::Plain;
use wrt_runtime::image::format::{ValType, kind};

/// A target, with what its seeds are called and what is in them.
pub type Seeds = (&'static str, Vec<(String, Vec<u8>)>);

/// All seeds.
pub fn all() -> Vec<Seeds> {
    vec![
        ("cli", cli()),
        ("differential", recipes(12)),
        ("engines", recipes(12)),
        ("image", images()),
        ("module", modules()),
        ("wast", scripts()),
    ]
}

fn named(seeds: Vec<(&str, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    seeds.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect()
}

fn images() -> Vec<(String, Vec<u8>)> {
    let mut one = Builder::default();
    let ty = one.ty(&[ValType::I32], &[ValType::I32]);
    let func = one.func(ty, 1, |_| vec![fuel(1), plain(Plain::Return1, 0, 0, 0)]);
    one.export("one", kind::FUNC, func);
    named(vec![("empty", Builder::default().build()), ("one", one.build()), ("sample", sample::sample().build())])
}

/// Bytes of several lengths for wasm-smith.
fn recipes(count: usize) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|at| (format!("recipe{at}"), Random(at as u64).bytes(200 + 100 * at))).collect()
}

const TEXTS: [(&str, &str); 5] = [
    (
        "fib",
        r#"(module (func $fib (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#,
    ),
    (
        "loop",
        r#"(module (memory 1 2) (data (i32.const 8) "abc") (global $g (mut i64) (i64.const 5))
        (func (export "f") (param i32) (result i64) (local i64)
            (loop $l (i64.store (local.get 0) (global.get $g)) (memory.fill (i32.const 9) (local.get 0) (i32.const 7))
                (global.set $g (i64.add (global.get $g) (i64.const 1)))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (i64.load (i32.const 8))))"#,
    ),
    (
        "switch",
        r#"(module (table 3 funcref) (elem (i32.const 0) $a $b) (type $t (func (param f64) (result f64)))
        (func $a (type $t) (f64.sqrt (local.get 0))) (func $b (type $t) (f64.neg (local.get 0)))
        (func (export "f") (param i32 f64) (result f64)
            (block (block (block (br_table 0 1 2 (local.get 0))) (return (f64.const 1))) (drop (memory.size)))
            (call_indirect (type $t) (local.get 1) (local.get 0))) (memory 0))"#,
    ),
    (
        "tail",
        r#"(module (import "a" "b" (func $h (param i32) (result i32)))
        (func $f (export "f") (param i32 i32) (result i32)
            (if (local.get 0) (then (return_call $f (i32.sub (local.get 0) (i32.const 1)) (call $h (local.get 1)))))
            (local.get 1)))"#,
    ),
    (
        "refs",
        r#"(module (table $t (export "t") 1 9 externref) (elem declare func 0) (start 0) (func)
        (func (export "g") (param externref) (result i32) (table.grow $t (local.get 0) (i32.const 2)))
        (func (export "n") (result i32) (ref.is_null (ref.func 0)))
        (func (export "s") (param i32 f32) (result f32) (select (local.get 1) (f32.const 2) (local.get 0))))"#,
    ),
];

fn modules() -> Vec<(String, Vec<u8>)> {
    let mut modules = recipes(6);
    modules.extend(images());
    for (name, text) in TEXTS {
        let wasm = wat::parse_str(text).expect("the text is right");
        modules.push((format!("{name}.wasm"), wasm));
    }
    modules
}

fn scripts() -> Vec<(String, Vec<u8>)> {
    let mut scripts = named(vec![
        ("values", br#"(module (func (export "f") (param i32 i64 f32 f64 externref) (result i32 i64 f32 f64 externref)
            local.get 0 local.get 1 local.get 2 local.get 3 local.get 4))
            (assert_return (invoke "f" (i32.const 1) (i64.const -2) (f32.const nan:0x200000) (f64.const 0x1p-1074) (ref.extern 3))
                (i32.const 1) (i64.const -2) (f32.const nan:canonical) (f64.const 0x1p-1074) (ref.extern 3))"#.to_vec()),
        ("traps", br#"(module $m (func (export "u") unreachable) (func $r (export "r") (call $r)) (global (export "g") i32 (i32.const 4)))
            (register "m" $m) (assert_trap (invoke $m "u") "unreachable") (assert_exhaustion (invoke "r") "call stack exhausted")
            (assert_return (get $m "g") (i32.const 4)) (module (import "m" "u" (func)))
            (assert_unlinkable (module (import "m" "x" (func))) "unknown import")"#.to_vec()),
        ("refused", br#"(assert_malformed (module quote "(func (i32.const 99999999999))") "constant out of range")
            (assert_invalid (module (func (result i32))) "type mismatch") (module binary "\00asm" "\01\00\00\00")
            (module definition $d (func)) (module instance $i $d) (thread $t (invoke "x")) (wait $t)"#.to_vec()),
        ("spectest", br#"(module (import "spectest" "print_i32" (func (param i32))) (import "spectest" "memory" (memory 1))
            (start 0) (func (call 0 (i32.load8_s (i32.const 9)))))(; comment ;)"#.to_vec()),
    ]);
    scripts.extend(TEXTS.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())));
    scripts
}

fn cli() -> Vec<(String, Vec<u8>)> {
    let lines = [
        ("run", "run\0--call\0f\0--fuel\x001000\0--stats\0module\x001\0-2\0nan:0x1"),
        ("short", "--format\0json\0module\x000x1p-3\0inf\0null"),
        ("compile", "compile\0module\0-o\0out"),
        ("inspect", "inspect\0--wat\0--max-frames\x009\0module"),
        ("wast", "wast\0--engine\0stackless\0--list-failures\0a\0b"),
        ("typo", "--fule=1_000_000\0--max-memory-bytes=0x10000\0modul"),
        ("help", "help\0run"),
    ];
    named(lines.map(|(name, line)| (name, line.as_bytes().to_vec())).to_vec())
}

/// Writes the seeds of each target into a folder of its name; what else was there goes.
///
/// # Errors
/// Whatever the file system says.
pub fn write(folder: &Path) -> io::Result<()> {
    for (target, seeds) in all() {
        let folder = folder.join(target);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        seeds.into_iter().try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli, differential, engines, image, module, wast};
    use wrt_runtime::Image;

    // @need-ids: REQ_QA_003
    #[test]
    fn the_seeds_are_those_of_today_and_the_targets_run_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
        for (target, seeds) in all() {
            let check = match target {
                "cli" => cli::check,
                "differential" => differential::check,
                "engines" => engines::check,
                "image" => image::check,
                "module" => module::check,
                _ => wast::check,
            };
            for (name, bytes) in seeds {
                let found = fs::read(folder.join(target).join(&name));
                assert!(found.is_ok_and(|found| found == bytes), "{target}/{name} is out of date: run `seeds`");
                if target == "image" {
                    assert!(Image::parse(&bytes).is_ok_and(|image| image.check_code().is_ok()), "{name}");
                }
                check(&bytes);
            }
        }
    }
}
