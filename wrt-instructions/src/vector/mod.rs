//! Vector operators: their rows as data, and behind the feature `simd` their meaning.
//!
//! A `v128` stands in two slots, the low half first. Without the feature the rows keep their numbers and names, but no engine
//! has a handler for them.

// @need-ids: REQ_018, REQ_TABLE_001

#[cfg(feature = "simd")]
pub mod meaning;

mod row;

pub use row::{Distance, Slots, VectorAccess, VectorPlain, VectorRow};

use crate::operator::{LoadOp, OperatorInfo, StoreOp, group_enum};
use crate::part::Part;

/// The two slots of a `v128`: bits 0 to 63, and bits 64 to 127. Lane 0 is in the lowest bits.
pub type V128 = [u64; 2];

/// Whether this build runs vector operators.
pub const BUILT: bool = Part::Simd.is_built();

macro_rules! define {
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
        group_enum! { /// Operators on one vector.
            VectorUnaryOp { $($uv $uo $un $up $ua,)* } }
        group_enum! { /// Operators on two vectors.
            VectorBinaryOp { $($bv $bo $bn $bp $ba,)* } }
        group_enum! { /// Operators on three vectors.
            VectorTernaryOp { $($tv $to $tn $tp $ta,)* } }
        group_enum! { /// Shifts of all lanes by one distance.
            VectorShiftOp { $($sv $so $sn $sp $sa,)* } }
        group_enum! { /// Operators on one vector that give an `i32`.
            VectorTestOp { $($qv $qo $qn $qp $qa,)* } }
        group_enum! { /// One value in every lane.
            SplatOp { $($pv $po $pn $pp $pa,)* } }
        group_enum! { /// Reads of one lane.
            ExtractLaneOp { $($ev $eo $en $ep $ea,)* } }
        group_enum! { /// Changes of one lane.
            ReplaceLaneOp { $($rv $ro $rn $rp $ra,)* } }
        group_enum! { /// Loads of vectors.
            VectorLoadOp { $($lv $lo $ln $lp $la,)* } }
        group_enum! { /// Stores of vectors.
            VectorStoreOp { $($wv $wo $wn $wp $wa,)* } }
        group_enum! { /// Loads of one lane.
            LoadLaneOp { $($mv $mo $mn $mp $ma,)* } }
        group_enum! { /// Stores of one lane.
            StoreLaneOp { $($nv $no $nn $np $na,)* } }

        /// Every row of the table of vector operators, for pages and hashes.
        pub const OPERATORS: &[OperatorInfo] = &[
            $(VectorUnaryOp::$uv.info(),)* $(VectorBinaryOp::$bv.info(),)* $(VectorTernaryOp::$tv.info(),)*
            $(VectorShiftOp::$sv.info(),)* $(VectorTestOp::$qv.info(),)* $(SplatOp::$pv.info(),)*
            $(ExtractLaneOp::$ev.info(),)* $(ReplaceLaneOp::$rv.info(),)* $(VectorLoadOp::$lv.info(),)*
            $(VectorStoreOp::$wv.info(),)* $(LoadLaneOp::$mv.info(),)* $(StoreLaneOp::$nv.info(),)*
        ];

        impl VectorLoadOp {
            /// How many bytes it reads.
            pub const fn bytes(self) -> usize {
                match self { $(Self::$lv => $lb,)* }
            }
        }
        impl VectorStoreOp {
            /// How many bytes it writes.
            pub const fn bytes(self) -> usize {
                match self { $(Self::$wv => $wb,)* }
            }
        }
        impl LoadLaneOp {
            /// What it does: this load, and then the change of a lane to what was loaded.
            pub const fn parts(self) -> (LoadOp, ReplaceLaneOp) {
                match self { $(Self::$mv => (LoadOp::$mf, ReplaceLaneOp::$ms),)* }
            }
        }
        impl StoreLaneOp {
            /// What it does: the read of a lane, and then this store of it.
            pub const fn parts(self) -> (ExtractLaneOp, StoreOp) {
                match self { $(Self::$nv => (ExtractLaneOp::$nf, StoreOp::$ns),)* }
            }
        }
    };
}
crate::vector_operators!(define);

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_TABLE_001
    // @inspection
    #[test]
    fn the_tables_have_every_vector_operator_once() {
        let mut opcodes: std::vec::Vec<u32> = OPERATORS.iter().map(|row| row.opcode).collect();
        let structural = crate::operator::OPERATORS.iter().filter(|row| row.opcode >= 0xF_D000);
        opcodes.extend(structural.map(|row| row.opcode));
        opcodes.sort_unstable();
        opcodes.dedup();
        // 236 operators of the vector instructions, and 20 relaxed ones from 0x100 on.
        assert_eq!(opcodes.len(), 256);
        assert_eq!(opcodes.iter().filter(|opcode| **opcode >= 0xF_D100).count(), 20);
        assert_eq!((opcodes.first(), opcodes.last()), (Some(&0xF_D000), Some(&0xF_D113)));
    }
}
