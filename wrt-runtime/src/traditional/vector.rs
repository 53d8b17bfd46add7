//! The vector operators (core 4.4.3 and 4.6.9, "exec-vload" ff.). A `v128` is two slots on the operand stack, the low half below.

use super::machine::{Cursor, Machine, Stop};
use super::reader;
use super::run::trap;
use wrt_instructions::memory_ops::position;
use wrt_instructions::operator::{LoadOp, StoreOp};
use wrt_instructions::vector::meaning::{
    ExtractLane, ReplaceLane, Splat, VectorBinary, VectorLoad, VectorShift, VectorStore, VectorTernary, VectorTest,
    VectorUnary, i8x16_shuffle, vectors as rows,
};
use wrt_instructions::{Slot, Trap, V128};

/// Why an operator was not done.
enum Not {
    Corrupt,
    /// An access outside of the memory with this index: address and length.
    Outside(u32, (u64, usize)),
}

/// Runs the vector operator at `offset`, whose prefix was read.
#[inline(never)]
pub(super) fn run(machine: &mut Machine<'_>, mut at: Cursor, offset: u32) -> Result<Cursor, Stop> {
    let before = Cursor { pc: offset, ..at };
    match machine.vector(&mut at) {
        Ok(()) => Ok(at),
        Err(Not::Corrupt) => Err(trap(before, offset, Trap::CorruptCode)),
        Err(Not::Outside(memory, access)) => Err(machine.outside(before, offset, memory, access)),
    }
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
        impl Machine<'_> {
            // @need-ids: REQ_TRADITIONAL_001, REQ_TABLE_001, REQ_VECTOR_001
            fn vector(&mut self, at: &mut Cursor) -> Result<(), Not> {
                let (second, pc) = reader::u32(self.code, at.pc).ok_or(Not::Corrupt)?;
                at.pc = pc;
                match 0xFD000_u32.wrapping_add(second) {
                    $($uo => {
                        let x = self.pop_vector(at)?;
                        self.push_vector(at, <rows::$uv as VectorUnary>::apply(x))
                    })*
                    $($bo => {
                        let y = self.pop_vector(at)?;
                        let x = self.pop_vector(at)?;
                        self.push_vector(at, <rows::$bv as VectorBinary>::apply(x, y))
                    })*
                    $($to => {
                        let z = self.pop_vector(at)?;
                        let y = self.pop_vector(at)?;
                        let x = self.pop_vector(at)?;
                        self.push_vector(at, <rows::$tv as VectorTernary>::apply(x, y, z))
                    })*
                    $($so => {
                        let distance = self.pop_slot(at)? as u32;
                        let x = self.pop_vector(at)?;
                        self.push_vector(at, <rows::$sv as VectorShift>::apply(x, distance))
                    })*
                    $($qo => {
                        let x = self.pop_vector(at)?;
                        self.push_slot(at, <rows::$qv as VectorTest>::apply(x).into())
                    })*
                    $($po => {
                        let slot = self.pop_slot(at)?;
                        self.push_vector(at, <rows::$pv as Splat>::apply(slot))
                    })*
                    other => self.vector_lanes(at, other),
                }
            }

            /// Those that have lanes or memories for immediates.
            fn vector_lanes(&mut self, at: &mut Cursor, opcode: u32) -> Result<(), Not> {
                match opcode {
                    $($eo => {
                        let lane = self.lane(at, $el)?;
                        let x = self.pop_vector(at)?;
                        self.push_slot(at, <rows::$ev as ExtractLane>::apply(x, lane).to_slot())
                    })*
                    $($ro => {
                        let lane = self.lane(at, $rl)?;
                        let slot = self.pop_slot(at)?;
                        let x = self.pop_vector(at)?;
                        self.push_vector(at, <rows::$rv as ReplaceLane>::apply(x, lane, slot))
                    })*
                    $($lo => {
                        let (memory, address) = self.address(at)?;
                        let bytes = self.memory_at(memory);
                        let value = bytes.and_then(|bytes| <rows::$lv as VectorLoad>::load(bytes, position(address)));
                        self.push_vector(at, value.ok_or(Not::Outside(memory, (address, $lb)))?)
                    })*
                    $($wo => {
                        let (memory, fixed) = self.memarg(at)?;
                        let x = self.pop_vector(at)?;
                        let address = self.pop_slot(at)?.saturating_add(fixed);
                        let bytes = self.memory_at(memory);
                        let stored = bytes.and_then(|bytes| <rows::$wv as VectorStore>::store(bytes, position(address), x));
                        stored.ok_or(Not::Outside(memory, (address, $wb)))
                    })*
                    $($mo => {
                        let (memory, fixed) = self.memarg(at)?;
                        let lane = self.lane(at, u8::MAX)?;
                        let x = self.pop_vector(at)?;
                        let address = self.pop_slot(at)?.saturating_add(fixed);
                        let bytes = self.memory_at(memory);
                        let slot = bytes.and_then(|bytes| LoadOp::$mf.load(bytes, position(address)));
                        let slot = slot.ok_or(Not::Outside(memory, (address, LoadOp::$mf.bytes())))?;
                        self.push_vector(at, <rows::$ms as ReplaceLane>::apply(x, lane, slot))
                    })*
                    $($no => {
                        let (memory, fixed) = self.memarg(at)?;
                        let lane = self.lane(at, u8::MAX)?;
                        let x = self.pop_vector(at)?;
                        let address = self.pop_slot(at)?.saturating_add(fixed);
                        let slot = <rows::$nf as ExtractLane>::apply(x, lane).to_slot();
                        let bytes = self.memory_at(memory);
                        let stored = bytes.and_then(|bytes| StoreOp::$ns.store(bytes, position(address), slot));
                        stored.ok_or(Not::Outside(memory, (address, StoreOp::$ns.bytes())))
                    })*
                    0xFD00C => {
                        let (bytes, pc) = reader::bytes::<16>(self.code, at.pc).ok_or(Not::Corrupt)?;
                        at.pc = pc;
                        let value = u128::from_le_bytes(bytes);
                        self.push_vector(at, [value as u64, (value >> 64) as u64])
                    }
                    0xFD00D => {
                        let (lanes, pc) = reader::bytes::<16>(self.code, at.pc).ok_or(Not::Corrupt)?;
                        at.pc = pc;
                        let y = self.pop_vector(at)?;
                        let x = self.pop_vector(at)?;
                        self.push_vector(at, i8x16_shuffle(x, y, lanes))
                    }
                    _ => Err(Not::Corrupt),
                }
            }
        }
    };
}
wrt_instructions::vector_operators!(define_vector);

impl Machine<'_> {
    fn pop_slot(&self, at: &mut Cursor) -> Result<u64, Not> {
        self.pop(at).ok_or(Not::Corrupt)
    }

    fn push_slot(&mut self, at: &mut Cursor, value: u64) -> Result<(), Not> {
        self.push(at, value).ok_or(Not::Corrupt)
    }

    fn pop_vector(&self, at: &mut Cursor) -> Result<V128, Not> {
        let high = self.pop_slot(at)?;
        Ok([self.pop_slot(at)?, high])
    }

    fn push_vector(&mut self, at: &mut Cursor, [low, high]: V128) -> Result<(), Not> {
        self.push_slot(at, low)?;
        self.push_slot(at, high)
    }

    /// The lane of an operator on vectors of `lanes` lanes.
    fn lane(&self, at: &mut Cursor, lanes: u8) -> Result<u8, Not> {
        let (lane, pc) = reader::byte(self.code, at.pc).ok_or(Not::Corrupt)?;
        at.pc = pc;
        if lane < lanes { Ok(lane) } else { Err(Not::Corrupt) }
    }

    fn memarg(&self, at: &mut Cursor) -> Result<(u32, u64), Not> {
        let (memory, fixed, pc) = reader::memarg(self.code, at.pc).ok_or(Not::Corrupt)?;
        at.pc = pc;
        Ok((memory, fixed))
    }

    /// The memory of an access whose address is the topmost operand, and that address.
    fn address(&self, at: &mut Cursor) -> Result<(u32, u64), Not> {
        let (memory, fixed) = self.memarg(at)?;
        Ok((memory, self.pop_slot(at)?.saturating_add(fixed)))
    }
}
