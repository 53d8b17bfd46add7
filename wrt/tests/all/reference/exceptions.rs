//! Cases with exceptions: what is thrown, through which frames, and what of a frame is left where it is caught.

use super::cases::{Case, case, nothing};

/// The tags, and a function that throws as its parameter says.
const THROWER: &str = "(tag $none) (tag $one (param i32)) (tag $two (param i32 i64)) (tag $three (param i32 i32 i32))
    (func $t (param i32)
      block block block block local.get 0 br_table 0 1 2 3 end
        throw $none end
        i32.const 11 throw $one end
        i32.const 12 i64.const 13 throw $two end)";

/// Calls with each of the thrower's choices, the last two of which throw nothing.
const CHOICES: &[(&[u64], Option<u64>)] = &[(&[0], None), (&[1], None), (&[2], None), (&[3], None), (&[4], None)];

fn with(code: &str) -> String {
    format!("(module {THROWER} {code})")
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = labels();
    cases.extend(frames());
    cases.extend(wide_frames());
    cases.extend(references());
    cases
}

/// Exceptions by reference: which clauses make one, and what throwing it again hands over.
fn references() -> Vec<Case> {
    // A reference is two units beside: it is made, with 8 or 16 bytes, for 1; thrown again, its one slot costs 1.
    vec![
        case(
            "caught by reference, and thrown again",
            with(
                r#"(func (export "f") (result i32)
                  block $one (result i32) try_table (catch $one $one)
                    block $ref (result i32 exnref) try_table (catch_ref $one $ref) i32.const 9 throw $one end unreachable end
                    throw_ref end unreachable end)"#,
            ),
            // As "caught where it is thrown" with its bytes; around it a block, try_table, throw_ref, the clause and its slot.
            &[(&[], Some(7 + 1 + 1 + 1 + 1 + 1 + 1 + 1))],
        ),
        case(
            "kept, and thrown again from other frames",
            with(
                r#"(func $again (param exnref i32) (result i32) (local i64)
                  local.get 1 i32.eqz if local.get 0 throw_ref end
                  local.get 0 local.get 1 i32.const 1 i32.sub call $again i32.const 1 i32.add)
                (func (export "f") (param $n i32) (result i32) (local $x exnref) (local $r i32)
                  block $all (result exnref) try_table (catch_all_ref $all) local.get $n call $t i32.const 77 return end unreachable end
                  local.set $x
                  loop $l
                    block $done
                      block $none (result exnref) block $two (result i32 i64) block $one (result i32 exnref)
                        try_table (catch $two $two) (catch_ref $one $one) (catch_ref $none $none)
                          local.get $x local.get $r call $again drop end
                        unreachable end
                        ref.is_null i32.add local.get $r i32.add local.set $r br $done end
                        i64.const 5 i64.gt_u i32.add local.get $r i32.add local.set $r br $done end
                      ref.is_null local.get $r i32.add i32.const 7 i32.add local.set $r
                    end
                    local.get $r i32.const 40 i32.lt_u br_if $l
                  end local.get $r)"#,
            ),
            CHOICES,
        ),
        case(
            "a loop's label that wants a reference",
            with(
                r#"(func (export "f") (param $n i32) (result i32) (local $sum i32)
                  ref.null exn
                  loop $l (param exnref) ref.is_null local.get $sum i32.add local.set $sum
                    local.get $n i32.eqz if local.get $sum return end
                    local.get $n i32.const 1 i32.sub local.set $n
                    try_table (catch_all_ref $l) local.get $n i32.const 3 i32.and call $t end
                    local.get $sum i32.const 100 i32.add local.set $sum ref.null exn br $l
                  end unreachable)"#,
            ),
            &[(&[0], None), (&[9], None)],
        ),
        case(
            "null, and not caught",
            with(
                r#"(func (export "f") (param $n i32) (result i32)
                  block $all try_table (catch_all $all) local.get $n i32.eqz if ref.null exn throw_ref end end end
                  block $ref (result exnref) try_table (catch_all_ref $ref) local.get $n call $t end i32.const 5 return end
                  throw_ref)"#,
            ),
            CHOICES,
        ),
    ]
}

fn labels() -> Vec<Case> {
    let cuts = nothing(130);
    vec![
        // The block, try_table, a constant and a throw of one slot; its one clause.
        case(
            "caught where it is thrown",
            with(
                r#"(func (export "f") (result i32) block $h (result i32)
                  try_table (catch $one $h) i32.const 9 throw $one end unreachable end)"#,
            ),
            // The unreachable operator is reachable by the page, and in the same segment.
            &[(&[], Some(1 + 1 + 1 + 2 + 1 + 1))],
        ),
        // The block, try_table and a throw of nothing; both clauses and the frame.
        case(
            "two clauses that do not catch",
            with(
                r#"(func (export "f") block $h (result i32)
                  try_table (catch $one $h) (catch $one $h) throw $none end unreachable end drop)"#,
            ),
            &[(&[], Some(1 + 1 + 1 + 1 + 1 + 2 + 1))],
        ),
        case(
            "a loop's label",
            with(
                r#"(func (export "f") (param $n i32) (result i32) (local $sum i32)
                  i32.const 0 loop $l (param i32) local.set $sum
                    local.get $n i32.eqz if local.get $sum return end
                    local.get $n i32.const 1 i32.sub local.set $n
                    try_table (catch $one $l) local.get $sum i32.const 3 i32.add throw $one end
                  end unreachable)"#,
            ),
            &[(&[0], None), (&[10], None)],
        ),
        case(
            "the function's label",
            with(
                r#"(func $g (param i32) (result i32 i64) (local i64)
                  try_table (catch $two 0) local.get 0 call $t end i32.const 1 i64.const 2)
                (func (export "f") (param i32) (result i64)
                  i64.const 100 block try_table (catch_all 0) local.get 0 call $g drop i64.extend_i32_s return end end
                  i64.const 3 i64.sub)"#,
            ),
            CHOICES,
        ),
        case(
            "only the function's label has its results",
            with(
                r#"(func (export "f") (param i32) (result i32 i64) (local i64)
                  try_table (catch $two 0) local.get 0 call $t end unreachable)"#,
            ),
            CHOICES,
        ),
        case(
            "an arm's label, and a handler in unreachable code",
            with(
                r#"(func (export "f") (param i32) (result i32)
                  local.get 0 if (result i32)
                    try_table (catch $one 0) local.get 0 throw $one end
                    unreachable block try_table (catch_all 0) nop end end
                  else i32.const 40 try_table (result i32) i32.const 2 end i32.add end
                  i32.const 1 i32.add)"#,
            ),
            &[(&[0], None), (&[5], None)],
        ),
        case(
            "a clause over a cut",
            with(&format!(
                r#"(func (export "f") (param i32) (result i32)
                  block $all try_table (catch_all $all) {cuts} local.get 0 call $t {cuts} end {cuts} end {cuts}
                  local.get 0)"#
            )),
            CHOICES,
        ),
        case(
            "a clause over a cut, to a block that nothing else leaves",
            with(&format!(
                r#"(func (export "f") (param i32) (result i32)
                  block $out (result i32) {cuts} try_table (catch $one $out) local.get 0 call $t end {cuts} unreachable end)"#
            )),
            CHOICES,
        ),
    ]
}

fn frames() -> Vec<Case> {
    vec![
        // Between the throw and the clause: frames with operands, a handler that does not catch, and one that catches some.
        case(
            "caught many frames further out",
            with(
                r#"(func $d (param i32 i32) (result i32) (local i64 i64 i64 i64 i64 i64)
                  local.get 1 i32.eqz if local.get 0 call $t i32.const 8 return end
                  i32.const 5 local.get 0 local.get 1 i32.const 1 i32.sub call $d i32.add)
                (func (export "f") (param i32) (result i32) (local $x i32)
                  i32.const 1000 i32.const 3 local.set $x local.get $x
                  block $all
                    block $two (result i32 i64)
                      block $one (result i32)
                        local.get $x i32.const 77
                        try_table (catch $two $two) (catch_all $all)
                          i32.const 5 local.set $x local.get $x
                          try_table (catch $one $one) i32.const 6 local.get 0 i32.const 7 call $d local.set $x drop end
                          drop
                        end
                        i32.add local.get $x i32.add return
                      end
                      local.get $x i32.add return
                    end
                    i32.wrap_i64 i32.add local.get $x i32.add return
                  end
                  i32.mul local.get $x i32.add)"#,
            ),
            CHOICES,
        ),
        case(
            "not caught",
            with(
                r#"(func (export "f") (param i32) block $h (result i32)
                  try_table (catch $one $h) local.get 0 call $t end i32.const 0 end drop)"#,
            ),
            CHOICES,
        ),
        case(
            "a tail call leaves the handler",
            with(
                r#"(func $tail (param i32) block $all
                  try_table (catch_all $all) local.get 0 return_call $t end end)
                (func (export "f") (param i32) (result i32)
                  block $all try_table (catch_all $all) local.get 0 call $tail end i32.const 1 return end i32.const 2)"#,
            ),
            CHOICES,
        ),
        case(
            "through a table and a reference",
            with(
                r#"(type $ty (func (param i32))) (table funcref (elem $t))
                (func (export "f") (param i32) (result i32)
                  block $a (result i32)
                    block $b
                      try_table (catch $none $b) (catch $one $a)
                        block $c (result i32 i64)
                          try_table (catch $two $c) local.get 0 i32.const 0 call_indirect (type $ty) end
                          i32.const 1 i64.const 2
                        end
                        drop drop local.get 0 ref.func $t call_ref $ty
                      end
                    end
                    i32.const 70
                  end)"#,
            ),
            CHOICES,
        ),
        case(
            "through as many frames as there may be",
            with(
                r#"(func $d (param i32) local.get 0 i32.eqz if throw $none end local.get 0 i32.const 1 i32.sub call $d)
                (func (export "f") (param i32) (result i32)
                  block try_table (catch_all 0) local.get 0 call $d end end i32.const 3)"#,
            ),
            &[(&[0], None), (&[50], None), (&[1000], None)],
        ),
        case(
            "thrown again and again",
            with(
                r#"(func (export "f") (param $n i32) (result i32) (local $sum i32)
                  loop $l
                    block $caught (result i32) try_table (catch $one $caught)
                      local.get $n call $t i32.const 9 throw $one end unreachable end
                    local.get $sum i32.add local.set $sum
                    local.get $n i32.const 1 i32.add local.tee $n i32.const 8 i32.lt_u br_if $l
                  end local.get $sum)"#,
            ),
            &[(&[3], None), (&[1], None), (&[2], None)],
        ),
    ]
}

/// What is thrown, and where it is caught, stands on both sides of the scratch registers, beyond them, or before them.
fn wide_frames() -> Vec<Case> {
    let mut cases = Vec::new();
    for (own, other) in
        [(0, 0), (243, 0), (244, 245), (245, 246), (0, 247), (246, 245), (245, 300), (300, 245), (300, 300)]
    {
        let locals = |count: usize| "i64 ".repeat(count);
        // Both frames are wide: at one place they are that high.
        let high = format!("{} {}", "i32.const 1 ".repeat(260), "drop ".repeat(260));
        let wat = with(&format!(
            r#"(func $g (param i32) (result i32) (local {}) {high}
              local.get 0 i32.const 1 i32.eq if (result i32)
                i32.const 8 local.get 0 i32.const 21 i32.const 22 throw $three
              else i32.const 4 end)
            (func (export "f") (param i32) (result i32) (local {}) {high}
              local.get 0
              block $h (result i32 i32 i32)
                i32.const 9
                try_table (catch $three $h)
                  i32.const 10 local.get 0 call $g
                  local.get 0 i32.const 2 i32.eq if i32.const 31 i32.const 32 local.get 0 throw $three end
                  i32.sub local.set 0
                end
                local.get 0 i32.const 2
              end i32.sub i32.mul i32.sub)"#,
            locals(other),
            locals(own),
        ));
        let calls: &[(&[u64], _)] = &[(&[0], None), (&[1], None), (&[2], None)];
        let name = format!("exceptions from a frame of {other} locals to one of {own}");
        // By reference it is thrown twice: as it was made, and out of the heap.
        let again = wat.replace(
            "(catch $three $h)",
            "(catch $three $h) block $r (result i32 i32 i32 exnref) try_table (catch_ref $three $r)",
        );
        let again = again.replace("i32.sub local.set 0\n", "i32.sub local.set 0 end br 1 end throw_ref\n");
        cases.push(case(format!("{name}, by reference"), again, calls));
        cases.push(case(name, wat, calls));
    }
    cases
}
