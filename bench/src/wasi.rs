//! What it costs to call a function of WASI that does next to nothing.

use std::sync::Arc;

use serde_json::json;

use crate::engines::{self, Engine};
use crate::modules::wat;
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Grid, Row, Sample, rounded};
use crate::write_json;

/// Each export calls its function so often; its result has the bits of all error numbers.
const MODULE: &str = "(module
    (import \"wasi_snapshot_preview1\" \"fd_write\" (func $write (param i32 i32 i32 i32) (result i32)))
    (import \"wasi_snapshot_preview1\" \"clock_time_get\" (func $time (param i32 i64 i32) (result i32)))
    (memory (export \"memory\") 1)
    (func (export \"fd_write\") (param $n i32) (result i32) (local $errors i32)
        loop $again
            (local.set $errors (i32.or (local.get $errors)
                (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 16))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
        end
        local.get $errors)
    (func (export \"clock_time_get\") (param $n i32) (result i32) (local $errors i32)
        loop $again
            (local.set $errors (i32.or (local.get $errors)
                (call $time (i32.const 1) (i64.const 0) (i32.const 16))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
        end
        local.get $errors))";

const TIMES: i32 = 10_000_000;

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let wasm: Arc<[u8]> = wat(MODULE)?;
    let mut engines = options.engines_among(engines::all(&options.python));
    engines.retain(|engine| engine.wasi(&wasm, "fd_write").is_some());
    let names = engines.iter().map(|engine| engine.name()).collect();
    let mut grid = Grid::new("Calls of WASI: CPU time over wasmi's without fuel", names, options.rounds);
    grid.measure = &["wasmi"];
    for name in ["fd_write", "clock_time_get"] {
        let mut row = Row { name: name.into(), samples: vec![Sample::default(); engines.len()] };
        for _ in 0..options.rounds {
            for (engine, sample) in engines.iter().zip(&mut row.samples) {
                sample.values.push(once(engine.as_ref(), &wasm, name)?);
            }
        }
        grid.rows.push(row);
    }
    println!("{}", grid.table());
    grid.show(page, "Calls of WASI");
    let mut document = grid.json();
    for row in &grid.rows {
        for (name, sample) in grid.engines.iter().zip(&row.samples) {
            let nanoseconds = sample.median().map(|seconds| seconds / f64::from(TIMES) * 1e9);
            println!("{} of {name}: {:.1} ns", row.name, nanoseconds.unwrap_or(f64::NAN));
            document["rows"][&row.name][name]["nanoseconds"] = rounded(nanoseconds);
        }
    }
    document["calls"] = json!(TIMES);
    write_json(options, "wasi.json", document)
}

/// CPU seconds of all calls. Some go before, for what is done once.
fn once(engine: &dyn Engine, wasm: &Arc<[u8]>, function: &str) -> Result<f64, String> {
    let mut loaded = engine.wasi(wasm, function).ok_or("an engine without WASI")??;
    loaded.call(&[10])?;
    let (seconds, errors) = loaded.timed(&[TIMES])?;
    if errors != 0 {
        return Err(format!("{}: {function} answers with errors {errors}", engine.name()));
    }
    Ok(seconds)
}
