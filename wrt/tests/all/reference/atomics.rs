//! Atomic operators, of one agent, and cases with them.

use super::bulk::memory_of;
use super::cases::{Case, case};
use super::machine::{Machine, Stop};
use wasmparser::{MemArg, Operator};
use wrt_instructions::Trap;

macro_rules! named {
    ($($name:ident)*) => {
        /// The operator's name in the decoder, which says what it does, and its access.
        fn named(operator: &Operator<'_>) -> Option<(&'static str, MemArg)> {
            match operator {
                $(Operator::$name { memarg } => Some((stringify!($name), *memarg)),)*
                _ => None,
            }
        }
    };
}
named! {
    I32AtomicLoad I64AtomicLoad I32AtomicLoad8U I32AtomicLoad16U I64AtomicLoad8U I64AtomicLoad16U I64AtomicLoad32U
    I32AtomicStore I64AtomicStore I32AtomicStore8 I32AtomicStore16 I64AtomicStore8 I64AtomicStore16 I64AtomicStore32
    I32AtomicRmwAdd I64AtomicRmwAdd I32AtomicRmw8AddU I32AtomicRmw16AddU I64AtomicRmw8AddU I64AtomicRmw16AddU
    I64AtomicRmw32AddU I32AtomicRmwSub I64AtomicRmwSub I32AtomicRmw8SubU I32AtomicRmw16SubU I64AtomicRmw8SubU
    I64AtomicRmw16SubU I64AtomicRmw32SubU I32AtomicRmwAnd I64AtomicRmwAnd I32AtomicRmw8AndU I32AtomicRmw16AndU
    I64AtomicRmw8AndU I64AtomicRmw16AndU I64AtomicRmw32AndU I32AtomicRmwOr I64AtomicRmwOr I32AtomicRmw8OrU
    I32AtomicRmw16OrU I64AtomicRmw8OrU I64AtomicRmw16OrU I64AtomicRmw32OrU I32AtomicRmwXor I64AtomicRmwXor
    I32AtomicRmw8XorU I32AtomicRmw16XorU I64AtomicRmw8XorU I64AtomicRmw16XorU I64AtomicRmw32XorU I32AtomicRmwXchg
    I64AtomicRmwXchg I32AtomicRmw8XchgU I32AtomicRmw16XchgU I64AtomicRmw8XchgU I64AtomicRmw16XchgU
    I64AtomicRmw32XchgU I32AtomicRmwCmpxchg I64AtomicRmwCmpxchg I32AtomicRmw8CmpxchgU I32AtomicRmw16CmpxchgU
    I64AtomicRmw8CmpxchgU I64AtomicRmw16CmpxchgU I64AtomicRmw32CmpxchgU MemoryAtomicNotify MemoryAtomicWait32
    MemoryAtomicWait64
}

/// The bytes that an operator accesses, and what it does there.
fn taken_apart(name: &str) -> (usize, &str) {
    if let Some(agent) = name.strip_prefix("MemoryAtomic") {
        return (if agent == "Wait64" { 8 } else { 4 }, agent);
    }
    let (ty, rest) = name.split_once("Atomic").expect("an atomic operator");
    let rest = rest.trim_end_matches('U');
    let (kind, rest) =
        ["Load", "Store", "Rmw"].iter().find_map(|kind| Some((*kind, rest.strip_prefix(kind)?))).expect(name);
    let operation = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let bits = &rest[..rest.len() - operation.len()];
    let bits = if bits.is_empty() { &ty[1..] } else { bits };
    (bits.parse::<usize>().expect("a number") / 8, if kind == "Rmw" { operation } else { kind })
}

/// Runs an atomic operator; `None` if it is none. The memory is not shared: nobody waits on it, and nobody may.
pub(crate) fn atomic(machine: &mut Machine<'_>, operator: &Operator<'_>) -> Option<Result<(), Stop>> {
    if matches!(operator, Operator::AtomicFence { .. }) {
        return Some(Ok(()));
    }
    let (name, argument) = named(operator)?;
    Some(run(machine, name, argument).map_err(Stop::Trap))
}

fn run(machine: &mut Machine<'_>, name: &str, argument: MemArg) -> Result<(), Trap> {
    let (bytes, operation) = taken_apart(name);
    let third = if matches!(operation, "Wait32" | "Wait64") { machine.pop() } else { 0 };
    let second = if operation == "Load" { 0 } else { machine.pop() };
    let first = if operation == "Cmpxchg" { machine.pop() } else { second };
    let address = machine.pop();
    let memory = &mut machine.memories[memory_of(argument)];
    let address = if memory.index64 { address } else { u64::from(address as u32) };
    let address = u128::from(address) + u128::from(argument.offset);
    if address % bytes as u128 != 0 {
        return Err(Trap::UnalignedAtomic);
    }
    if address + bytes as u128 > memory.bytes.len() as u128 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let place = &mut memory.bytes[address as usize..][..bytes];
    let mut old = [0; 8];
    old[..bytes].copy_from_slice(place);
    let old = u64::from_le_bytes(old);
    let new = match operation {
        "Load" => old,
        "Store" | "Xchg" => second,
        "Add" => old.wrapping_add(second),
        "Sub" => old.wrapping_sub(second),
        "And" => old & second,
        "Or" => old | second,
        "Xor" => old ^ second,
        // What is expected is compared as wide as the access, where it is the value as it is.
        "Cmpxchg" if old == first => second,
        "Cmpxchg" => old,
        "Notify" => {
            machine.push(0);
            return Ok(());
        }
        other => {
            assert!(other.starts_with("Wait"), "{name} {third}");
            return Err(Trap::ExpectedSharedMemory);
        }
    };
    place.copy_from_slice(&new.to_le_bytes()[..bytes]);
    if operation != "Store" {
        machine.push(old);
    }
    Ok(())
}

/// Each operator on aligned, unaligned and outer addresses, with what it gives and leaves.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "fences, notifications and waits of one agent",
            r#"(module (memory 1) (func (export "f") (param i32) (result i32)
                atomic.fence
                local.get 0 i32.const 3 memory.atomic.notify offset=4
                local.get 0 if local.get 0 i32.const 0 i64.const -1 memory.atomic.wait32 drop end))"#,
            // Six operators before the arm, which is not taken.
            &[(&[0], Some(6)), (&[4], None), (&[2], None), (&[65_536], None)],
        ),
        case(
            "offsets beyond every memory",
            r#"(module (memory i64 1) (func (export "f") (param i64) (result i64)
                local.get 0 i64.atomic.load offset=0xFFFF_FFFF_FFFF_FFF9))"#,
            &[(&[0], None), (&[7], None), (&[15], None), (&[u64::MAX], None)],
        ),
    ];
    for (ty, widths) in [("i32", &["", "8", "16"][..]), ("i64", &["", "8", "16", "32"])] {
        for width in widths {
            let u = if width.is_empty() { "" } else { "_u" };
            let full = if ty == "i32" { "32" } else { "64" };
            let narrow = if ty == "i32" { "i32.wrap_i64" } else { "" };
            let wide = if ty == "i32" { "i64.extend_i32_u" } else { "" };
            let x = format!("local.get $x {narrow}");
            let bits = if width.is_empty() { full } else { width };
            // What is expected is what lies at 8 of the data, or it is not.
            let expected = match bits {
                "8" => "0x88",
                "16" => "0x9988",
                "32" => "0xBBAA_9988",
                _ => "0xFFEE_DDCC_BBAA_9988",
            };
            let mut operators = vec![
                (format!("{ty}.atomic.load{width}{u}"), String::new(), wide.to_owned()),
                (format!("{ty}.atomic.store{width}"), x.clone(), "i64.const 1".to_owned()),
                (format!("{ty}.atomic.rmw{width}.cmpxchg{u}"), format!("{ty}.const {expected} {x}"), wide.to_owned()),
            ];
            for operation in ["add", "sub", "and", "or", "xor", "xchg"] {
                operators.push((format!("{ty}.atomic.rmw{width}.{operation}{u}"), x.clone(), wide.to_owned()));
            }
            for (operator, operands, after) in operators {
                let wat = format!(
                    r#"(module (memory 1)
                    (data (i32.const 0) "\00\11\22\33\44\55\66\77\88\99\aa\bb\cc\dd\ee\ff")
                    (func (export "f") (param $a i32) (param $x i64) (result i64)
                        local.get $a {operands} {operator} {after}
                        i32.const 0 i64.load i64.xor i32.const 8 i64.load i64.add))"#
                );
                let calls: &[(&[u64], _)] = &[
                    (&[8, 0x1122_3344_5566_7788], None),
                    (&[8, u64::MAX], None),
                    (&[0, 0x8877_6655_4433_2211], None),
                    (&[3, 1], None),
                    (&[6, 1], None),
                    (&[65_535, 1], None),
                    (&[65_536, 1], None),
                ];
                cases.push(case(operator, wat, calls));
            }
        }
    }
    cases
}
