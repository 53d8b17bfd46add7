//! The vector operators (core 4.4.3 and 4.6.9, "exec-vload" ff.). A `v128` is two slots on the operand stack, the low half below.

use super::machine::Machine;
use super::operands::{Operands, Values};
use super::reader::{self, Code};
use super::run::{CORRUPT, Not};
use wrt_instructions::memory_ops::position;
use wrt_instructions::operator::{LoadOp, StoreOp};
use wrt_instructions::vector::meaning::{
    ExtractLane, ReplaceLane, Splat, VectorBinary, VectorLoad, VectorShift, VectorStore, VectorTernary, VectorTest,
    VectorUnary, i8x16_shuffle, vectors as rows,
};
use wrt_instructions::{Slot, V128};

/// Runs the vector operator whose prefix was read.
#[inline(never)]
pub(super) fn run<V: Values>(
    machine: &mut Machine<'_>,
    operands: &mut Operands<'_, V>,
    code: &mut Code<'_>,
) -> Result<(), Not> {
    Running { machine, operands, code }.vector()
}

/// What a vector operator works on.
struct Running<'a, 'b, 'm, 'c, V> {
    machine: &'a mut Machine<'m>,
    operands: &'a mut Operands<'b, V>,
    code: &'a mut Code<'c>,
}

macro_rules! define_vector {
    (
        vector_unary { $($uv:ident $uo:literal $un:literal $uf:ident, $up:literal, $ua:literal;)* }
        vector_binary { $($bv:ident $bo:literal $bn:literal $bf:ident, $bp:literal, $ba:literal;)* }
        vector_ternary { $($tv:ident $to:literal $tn:literal $tf:ident, $tp:literal, $ta:literal;)* }
        vector_shift { $($sv:ident $so:literal $sn:literal $sf:ident, $sp:literal, $sa:literal;)* }
        vector_test { $($qv:ident $qo:literal $qn:literal $qf:ident, $qp:literal, $qa:literal;)* }
        splat { $($pv:ident $po:literal $pn:literal $pf:ident($px:ty), $pp:literal, $pa:literal;)* }
        extract_lane { $($ev:ident $eo:literal $en:literal $ef:ident($el:literal lanes) -> $er:ty, $ep:literal, $ea:literal;)* }
        replace_lane { $($rv:ident $ro:literal $rn:literal $rf:ident($rl:literal lanes, $rx:ty), $rp:literal, $ra:literal;)* }
        vector_load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes), $lp:literal, $la:literal;)* }
        vector_store { $($wv:ident $wo:literal $wn:literal $wf:ident($wb:literal bytes), $wp:literal, $wa:literal;)* }
        load_lane { $($mv:ident $mo:literal $mn:literal $mf:ident then $ms:ident, $mp:literal, $ma:literal;)* }
        store_lane { $($nv:ident $no:literal $nn:literal $nf:ident then $ns:ident, $np:literal, $na:literal;)* }
    ) => {
        impl<V: Values> Running<'_, '_, '_, '_, V> {
            // @need-ids: REQ_TRADITIONAL_001, REQ_TABLE_001, REQ_VECTOR_001
            fn vector(&mut self) -> Result<(), Not> {
                let second = reader::u32(self.code).ok_or(CORRUPT)?;
                match 0xFD000_u32.wrapping_add(second) {
                    $($uo => {
                        let x = self.pop_vector()?;
                        self.push_vector(<rows::$uv as VectorUnary>::apply(x))
                    })*
                    $($bo => {
                        let y = self.pop_vector()?;
                        let x = self.pop_vector()?;
                        self.push_vector(<rows::$bv as VectorBinary>::apply(x, y))
                    })*
                    $($to => {
                        let z = self.pop_vector()?;
                        let y = self.pop_vector()?;
                        let x = self.pop_vector()?;
                        self.push_vector(<rows::$tv as VectorTernary>::apply(x, y, z))
                    })*
                    $($so => {
                        let distance = self.pop_slot()? as u32;
                        let x = self.pop_vector()?;
                        self.push_vector(<rows::$sv as VectorShift>::apply(x, distance))
                    })*
                    $($qo => {
                        let x = self.pop_vector()?;
                        self.push_slot(<rows::$qv as VectorTest>::apply(x).into())
                    })*
                    $($po => {
                        let slot = self.pop_slot()?;
                        self.push_vector(<rows::$pv as Splat>::apply(slot))
                    })*
                    other => self.vector_lanes(other),
                }
            }

            /// Those that have lanes or memories for immediates.
            fn vector_lanes(&mut self, opcode: u32) -> Result<(), Not> {
                match opcode {
                    $($eo => {
                        let lane = self.lane($el)?;
                        let x = self.pop_vector()?;
                        self.push_slot(<rows::$ev as ExtractLane>::apply(x, lane).to_slot())
                    })*
                    $($ro => {
                        let lane = self.lane($rl)?;
                        let slot = self.pop_slot()?;
                        let x = self.pop_vector()?;
                        self.push_vector(<rows::$rv as ReplaceLane>::apply(x, lane, slot))
                    })*
                    $($lo => {
                        let (memory, address) = self.address()?;
                        let bytes = self.machine.memory_at(memory);
                        let value = bytes.and_then(|bytes| <rows::$lv as VectorLoad>::load(bytes, position(address)));
                        self.push_vector(value.ok_or(Not::Outside(memory, (address, $lb)))?)
                    })*
                    $($wo => {
                        let (memory, fixed) = self.memarg()?;
                        let x = self.pop_vector()?;
                        let address = self.pop_slot()?.saturating_add(fixed);
                        let bytes = self.machine.memory_at(memory);
                        let stored = bytes.and_then(|bytes| <rows::$wv as VectorStore>::store(bytes, position(address), x));
                        stored.ok_or(Not::Outside(memory, (address, $wb)))
                    })*
                    $($mo => {
                        let (memory, fixed) = self.memarg()?;
                        let lane = self.lane(u8::MAX)?;
                        let x = self.pop_vector()?;
                        let address = self.pop_slot()?.saturating_add(fixed);
                        let bytes = self.machine.memory_at(memory);
                        let slot = bytes.and_then(|bytes| LoadOp::$mf.load(bytes, position(address)));
                        let slot = slot.ok_or(Not::Outside(memory, (address, LoadOp::$mf.bytes() as u32)))?;
                        self.push_vector(<rows::$ms as ReplaceLane>::apply(x, lane, slot))
                    })*
                    $($no => {
                        let (memory, fixed) = self.memarg()?;
                        let lane = self.lane(u8::MAX)?;
                        let x = self.pop_vector()?;
                        let address = self.pop_slot()?.saturating_add(fixed);
                        let slot = <rows::$nf as ExtractLane>::apply(x, lane).to_slot();
                        let bytes = self.machine.memory_at(memory);
                        let stored = bytes.and_then(|bytes| StoreOp::$ns.store(bytes, position(address), slot));
                        stored.ok_or(Not::Outside(memory, (address, StoreOp::$ns.bytes() as u32)))
                    })*
                    0xFD00C => {
                        let bytes = reader::bytes::<16>(self.code).ok_or(CORRUPT)?;
                        let value = u128::from_le_bytes(bytes);
                        self.push_vector([value as u64, (value >> 64) as u64])
                    }
                    0xFD00D => {
                        let lanes = reader::bytes::<16>(self.code).ok_or(CORRUPT)?;
                        let y = self.pop_vector()?;
                        let x = self.pop_vector()?;
                        self.push_vector(i8x16_shuffle(x, y, lanes))
                    }
                    _ => Err(CORRUPT),
                }
            }
        }
    };
}
wrt_instructions::vector_operators!(define_vector);

impl<V: Values> Running<'_, '_, '_, '_, V> {
    fn pop_slot(&mut self) -> Result<u64, Not> {
        self.operands.pop().ok_or(CORRUPT)
    }

    fn push_slot(&mut self, value: u64) -> Result<(), Not> {
        self.operands.push(value).ok_or(CORRUPT)
    }

    fn pop_vector(&mut self) -> Result<V128, Not> {
        let high = self.pop_slot()?;
        Ok([self.pop_slot()?, high])
    }

    fn push_vector(&mut self, [low, high]: V128) -> Result<(), Not> {
        self.push_slot(low)?;
        self.push_slot(high)
    }

    /// The lane of an operator on vectors of `lanes` lanes.
    fn lane(&mut self, lanes: u8) -> Result<u8, Not> {
        reader::byte(self.code).filter(|lane| *lane < lanes).ok_or(CORRUPT)
    }

    fn memarg(&mut self) -> Result<(u32, u64), Not> {
        reader::memarg(self.code).ok_or(CORRUPT)
    }

    /// The memory of an access whose address is the topmost operand, and that address.
    fn address(&mut self) -> Result<(u32, u64), Not> {
        let (memory, fixed) = self.memarg()?;
        Ok((memory, self.pop_slot()?.saturating_add(fixed)))
    }
}
