//! Traps as the user sees them: code, kind, operands, and the guest's call stack.

// @need-ids: REQ_TRAP_001, REQ_CLI_001

use crate::failure::{Class, Failure};
use crate::source::{Place, Source};
use serde_json::{Map, Value, json};
use wrt::{Error, FrameInfo, TrapError};
use wrt_instructions::Trap;
use wrt_runtime::execute::Detail;

/// The failure that a trap is. `sources` are those of the store's instances, by number.
// @need-ids: REQ_TRAP_001, REQ_CLI_001, REQ_DIAGNOSTICS_002
pub fn failure(file: &str, trap: &TrapError, sources: &[Option<Source<'_>>]) -> Failure {
    let mut failure = Failure::new(Class::Trap, message(trap)).in_file(file);
    let mut backtrace = Vec::new();
    for (index, frame) in trap.backtrace.frames.iter().enumerate() {
        let source = sources.get(frame.instance as usize).and_then(Option::as_ref);
        let places = source.zip(frame.offset).map_or(Vec::new(), |(source, offset)| source.places(offset));
        if failure.excerpt.is_none() {
            failure.excerpt = places.iter().find_map(|place| source?.excerpt(place)).map(Box::new);
        }
        failure.lines.push(line(index, frame));
        failure.lines.extend(places.iter().map(Place::line));
        backtrace.push(to_json(frame, &places));
    }
    if trap.truncated {
        failure.lines.push("     … and frames further out; --max-backtrace-frames shows more".into());
    }
    let details = &mut failure.details;
    details.insert("code".into(), trap.trap().code().into());
    details.insert("trap".into(), trap.trap().message().into());
    details.insert("operands".into(), Value::Object(operands(trap)));
    details.insert("backtrace".into(), backtrace.into());
    details.insert("truncated".into(), trap.truncated.into());
    failure
}

/// What happened and with which operands, in one line: `trap[2] out of bounds memory access: 4 bytes at address …`.
pub fn message(trap: &TrapError) -> String {
    let kind = format!("trap[{}] {}", trap.trap().code(), trap.trap().message());
    let operands = match trap.info.detail {
        Detail::None => trap.host_error().map(ToString::to_string),
        Detail::Memory { address, length, size } => {
            Some(format!("{} at address {address}, memory size {size} bytes", count(length, "byte")))
        }
        Detail::Table { index, size, .. } if is_indirect_call(trap.trap()) => {
            Some(format!("index {index}, table size {size}"))
        }
        Detail::Table { index, length, size } => {
            Some(format!("{} at index {index}, table size {size}", count(length, "element")))
        }
        Detail::Array { index, length, size } => {
            Some(format!("{} at index {index}, array size {size}", count(length, "element")))
        }
        Detail::Tag { index } => Some(format!("tag {index}")),
        Detail::Type { expected, actual } => Some(match trap.types() {
            Some((expected, actual)) => format!("expected type {expected}, actual type {actual}"),
            None => format!("expected type {expected}, actual type {actual}"),
        }),
    };
    operands.map_or(kind.clone(), |operands| format!("{kind}: {operands}"))
}

fn is_indirect_call(trap: Trap) -> bool {
    matches!(trap, Trap::UndefinedElement | Trap::IndirectCallToNull)
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn line(index: usize, frame: &FrameInfo) -> String {
    let name = frame.name.as_deref().unwrap_or("<unnamed>");
    let module = frame.module.as_deref().map_or(String::new(), |module| format!("{module}!"));
    let place = frame.offset.map_or(String::new(), |offset| format!(" at {offset:#x}"));
    format!("{index:>4}: {module}{name} (func {}){place}", frame.func)
}

fn to_json(frame: &FrameInfo, places: &[Place]) -> Value {
    json!({
        "module": frame.module,
        "instance": frame.instance,
        "func": frame.func,
        "name": frame.name,
        "offset": frame.offset,
        "source": places.iter().map(Place::to_json).collect::<Vec<_>>(),
    })
}

fn operands(trap: &TrapError) -> Map<String, Value> {
    let operands = match trap.info.detail {
        Detail::None => trap.host_error().map_or(json!({}), |error| json!({ "host": error.to_string() })),
        Detail::Memory { address, length, size } => json!({ "address": address, "length": length, "size": size }),
        Detail::Table { index, length, size } => json!({ "index": index, "length": length, "size": size }),
        Detail::Array { index, length, size } => json!({ "index": index, "length": length, "size": size }),
        Detail::Tag { index } => json!({ "tag": index }),
        Detail::Type { .. } => match trap.types() {
            Some((expected, actual)) => json!({ "expected": expected.to_string(), "actual": actual.to_string() }),
            None => json!({}),
        },
    };
    match operands {
        Value::Object(operands) => operands,
        _ => Map::new(),
    }
}

/// Whether an error says that the fuel is used up.
pub fn is_out_of_fuel(error: &Error) -> bool {
    error.trap().is_some_and(|trap| trap.trap() == Trap::FuelExhausted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt_runtime::TrapInfo;

    fn told(trap: Trap, detail: Detail) -> String {
        let error = Error::from(TrapInfo { trap, detail });
        error.trap().map(message).unwrap_or_default()
    }

    // @need-ids: REQ_TRAP_001
    #[test]
    fn traps_are_told_with_code_kind_and_operands() {
        for (trap, detail, expected) in [
            (Trap::Unreachable, Detail::None, "trap[1] unreachable"),
            (
                Trap::MemoryOutOfBounds,
                Detail::Memory { address: 65_536, length: 4, size: 65_536 },
                "trap[2] out of bounds memory access: 4 bytes at address 65536, memory size 65536 bytes",
            ),
            (
                Trap::TableOutOfBounds,
                Detail::Table { index: 7, length: 1, size: 3 },
                "trap[3] out of bounds table access: 1 element at index 7, table size 3",
            ),
            (
                Trap::UndefinedElement,
                Detail::Table { index: 7, length: 1, size: 3 },
                "trap[12] undefined element: index 7, table size 3",
            ),
        ] {
            assert_eq!(told(trap, detail), expected);
        }
    }

    // @need-ids: REQ_TRAP_001
    #[test]
    fn frames_have_name_index_and_offset() {
        let mut frame = FrameInfo { instance: 0, module: None, func: 3, name: Some("add".into()), offset: Some(0x1A4) };
        assert_eq!(line(0, &frame), "   0: add (func 3) at 0x1a4");
        frame.module = Some("math".into());
        frame.offset = None;
        assert_eq!(line(12, &frame), "  12: math!add (func 3)");
        frame.name = None;
        assert_eq!(line(2, &frame), "   2: math!<unnamed> (func 3)");
    }
}
