//! What an operator of each class costs: a loop of nothing else, less the loop.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, json};

use crate::engines::{self, Engine};
use crate::modules::wat;
use crate::options::Options;
use crate::page::Page;
use crate::sample::{new_table, rounded};
use crate::write_json;

/// So many copies stand in the loop.
const COPIES: usize = 64;
const TURNS: i32 = 20_000;

/// Classes, and code that leaves the stack as it was. Locals: `$a`, `$b` are numbers, `$z` is zero, `$p` an address; others take results.
const CLASSES: [(&str, &str); 29] = [
    ("i32 arithmetic", "local.get $a local.get $b i32.add local.set $a"),
    ("i32 multiplication", "local.get $a local.get $b i32.mul local.set $a"),
    ("i32 division", "local.get $a local.get $b i32.div_u local.set $c"),
    ("i64 arithmetic", "local.get $x local.get $y i64.add local.set $x"),
    ("i64 division", "local.get $x local.get $y i64.div_u local.set $w"),
    ("shift", "local.get $a i32.const 3 i32.rotl local.set $a"),
    ("comparison", "local.get $a local.get $b i32.lt_s local.set $c"),
    ("conversion", "local.get $a f64.convert_i32_s local.set $e"),
    ("truncation", "local.get $d i32.trunc_sat_f64_s local.set $c"),
    ("f32 arithmetic", "local.get $f local.get $g f32.add local.set $f"),
    ("f64 arithmetic", "local.get $d local.get $d f64.mul local.set $e"),
    ("f64 division", "local.get $d local.get $d f64.div local.set $e"),
    ("f64 square root", "local.get $d f64.sqrt local.set $e"),
    ("rounding", "local.get $d f64.floor local.set $e"),
    ("load", "local.get $p i32.load offset=8 local.set $c"),
    ("store", "local.get $p local.get $a i32.store offset=8"),
    ("global", "global.get $count i32.const 1 i32.add global.set $count"),
    ("select", "local.get $a local.get $b local.get $z select local.set $c"),
    ("branch that is not taken", "local.get $z br_if $out"),
    ("branch that is taken", "block local.get $b br_if 0 local.get $a local.set $c end"),
    ("br_table", "block block local.get $z br_table 0 1 end end"),
    ("call", "local.get $a call $same local.set $a"),
    ("indirect call", "local.get $a local.get $z call_indirect (param i32) (result i32) local.set $a"),
    ("memory.copy of 1 KiB", "i32.const 4096 i32.const 0 i32.const 1024 memory.copy"),
    ("memory.fill of 1 KiB", "i32.const 4096 i32.const 0 i32.const 1024 memory.fill"),
    ("table", "local.get $z local.get $z table.get $t table.set $t"),
    ("integers of a vector", "local.get $v local.get $v i32x4.add local.set $u"),
    ("floats of a vector", "local.get $v local.get $v f32x4.mul local.set $u"),
    ("constant", "i32.const 123456789 local.set $c"),
];

fn module(body: &str) -> Result<Arc<[u8]>, String> {
    let mut text = String::from(
        "(module (memory 1) (table $t 1 funcref) (elem (i32.const 0) $same) (global $count (mut i32) (i32.const 0))
           (func $same (param i32) (result i32) local.get 0)
           (func (export \"run\") (param $n i32) (result i32)
             (local $a i32) (local $b i32) (local $c i32) (local $z i32) (local $p i32) (local $x i64) (local $y i64)
             (local $w i64) (local $f f32) (local $g f32) (local $d f64) (local $e f64)",
    );
    if body.contains("$v") {
        text += " (local $v v128) (local $u v128)";
    }
    text += " i32.const 7 local.set $a i32.const 3 local.set $b i64.const 7 local.set $x i64.const 3 local.set $y
             i32.const 64 local.set $p f32.const 1 local.set $g f64.const 1.5 local.set $d block $out loop $again ";
    for _ in 0..COPIES {
        let _ = writeln!(text, "{body}");
    }
    text += "local.get $n i32.const 1 i32.sub local.tee $n br_if $again end end local.get $c))";
    wat(&text)
}

/// Seconds of all turns on an engine, the least of some rounds.
fn least(engine: &dyn Engine, wasm: &Arc<[u8]>, rounds: usize) -> Result<f64, String> {
    let mut loaded = engine.load(wasm, "run")?;
    loaded.call(&[10])?;
    let mut least = f64::INFINITY;
    for _ in 0..rounds {
        least = least.min(loaded.timed(&[TURNS])?.0);
    }
    Ok(least)
}

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let engines = options.engines_among(engines::in_process());
    let names: Vec<_> = engines.iter().map(|engine| engine.name()).collect();
    let mut table = new_table([&["nanoseconds", "operators"], &names[..]].concat());
    let nothing = module("")?;
    let loops: Vec<_> = engines.iter().map(|engine| least(engine.as_ref(), &nothing, options.rounds)).collect();
    let mut rows = Map::new();
    for (name, body) in CLASSES {
        let wasm = module(body)?;
        let mut cells = Vec::new();
        for (engine, loops) in engines.iter().zip(&loops) {
            let seconds = least(engine.as_ref(), &wasm, options.rounds);
            if let (Err(reason), false) = (&seconds, engine.may_be_absent()) {
                return Err(format!("{name} on {}: {reason}", engine.name()));
            }
            #[allow(clippy::cast_precision_loss)]
            let each = |seconds: f64| seconds / f64::from(TURNS) / COPIES as f64 * 1e9;
            let own = seconds.ok().zip(loops.as_ref().ok()).map(|(seconds, turns)| each((seconds - turns).max(0.0)));
            cells.push(own);
        }
        let shown = cells.iter().map(|cell| cell.map_or("absent".into(), |cell| format!("{cell:.2}")));
        table.add_row([name.to_owned(), body.to_owned()].into_iter().chain(shown));
        let cells: Map<_, _> =
            names.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), rounded(cell))).collect();
        rows.insert(name.into(), cells.into());
    }
    let title = "Nanoseconds of what is written, the least of all rounds, less the loop around it";
    println!("{title}\n{table}\n");
    page.add("Classes of operators", title, &table, "");
    write_json(options, "classes.json", json!({"title": title, "rounds": options.rounds, "rows": rows}))
}
