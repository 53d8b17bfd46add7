//! Hand-written modules for the corners of the fuel schedule, some with their fuel counted by hand.

/// A module with calls of its export `f`, made one after the other on one instance.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) wat: String,
    /// Arguments, and the fuel where it was counted by hand.
    pub(crate) calls: Vec<(Vec<u64>, Option<u64>)>,
}

pub(super) fn case(name: impl Into<String>, wat: impl Into<String>, calls: &[(&[u64], Option<u64>)]) -> Case {
    let calls = calls.iter().map(|(arguments, fuel)| (arguments.to_vec(), *fuel)).collect();
    Case { name: name.into(), wat: wat.into(), calls }
}

/// `count` times an operator pair of price 2 that leaves nothing.
pub(super) fn nothing(count: usize) -> String {
    "i32.const 7 drop ".repeat(count)
}

/// Text made for each number of a range.
fn each(range: std::ops::Range<usize>, text: impl Fn(usize) -> String) -> String {
    range.map(text).collect::<Vec<_>>().join(" ")
}

/// An `i32` as a slot.
const fn i32(value: i32) -> u64 {
    value as u32 as u64
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = straight();
    cases.extend(cuts());
    cases.extend(dead_code());
    cases.extend(structures());
    cases.extend(calls());
    cases.extend(memories());
    cases.extend(tables());
    cases.extend(references());
    cases.extend(frames());
    cases.extend(edges());
    cases.extend(traps());
    cases.extend(super::exceptions::cases());
    cases.extend(super::atomics::cases());
    cases.extend(super::objects::cases());
    cases
}

fn straight() -> Vec<Case> {
    let long = |count: usize| format!(r#"(module (func (export "f") (result i32) {} i32.const 1))"#, nothing(count));
    vec![
        // The example of the page: 3 + 11 × 12.
        case(
            "the page's example",
            r#"(module (func (export "f") (param $n i32) (result i32) (local $sum i32)
                block loop local.get $n i32.eqz br_if 1
                  local.get $sum local.get $n i32.add local.set $sum
                  local.get $n i32.const 1 i32.sub local.set $n
                  br 0 end end
                local.get $sum))"#,
            &[(&[10], Some(135)), (&[0], Some(15))],
        ),
        case("an empty function", r#"(module (func (export "f")))"#, &[(&[], Some(0))]),
        case("empty blocks", r#"(module (func (export "f") block end loop end))"#, &[(&[], Some(2))]),
        case("256 in one segment", long(127), &[(&[], Some(255))]),
        case("257, in two segments", long(128), &[(&[], Some(257))]),
        case("long straight code", long(700), &[(&[], Some(1401))]),
        // Entry costs 24 / 8 = 3, of which one segment holds 253 more.
        case(
            "entry counts in the running sum",
            format!(r#"(module (func (export "f") (local {}) {} nop))"#, "i64 ".repeat(24), nothing(126)),
            &[(&[], Some(256))],
        ),
    ]
}

fn cuts() -> Vec<Case> {
    // Block 2; then-branch past the cut; 300 inside; the end of the outer block is targeted, so it is a head.
    let targeted = format!(
        r#"(module (func (export "f") (param i32) (result i32)
            block block local.get 0 br_if 1 {} end {} end {} local.get 0))"#,
        nothing(150),
        nothing(3),
        nothing(5)
    );
    let untargeted = format!(
        r#"(module (func (export "f") (param i32) (result i32)
            block block {} local.get 0 br_if 0 nop end {} end {} local.get 0))"#,
        nothing(150),
        nothing(3),
        nothing(5)
    );
    let by_return = format!(
        r#"(module (func (export "f") (param i32) (result i32)
            block local.get 0 local.get 0 br_if 1 drop {} end {} i32.const 4))"#,
        nothing(150),
        nothing(5)
    );
    let in_loop = format!(
        r#"(module (func (export "f") (param i32) (result i32)
            block loop {} local.get 0 i32.eqz br_if 1 local.get 0 i32.const 1 i32.sub local.set 0 br 0 end end {}
            local.get 0))"#,
        nothing(150),
        nothing(5)
    );
    let in_arm = format!(
        r#"(module (func (export "f") (param i32) (result i32)
            block local.get 0 if local.get 0 i32.const 1 i32.eq br_if 1 {} else {} local.get 0 br_if 1 end {} end {}
            local.get 0))"#,
        nothing(150),
        nothing(140),
        nothing(2),
        nothing(5)
    );
    let nested = format!(
        r#"(module (func (export "f") (param i32) (result i32)
            block $a block $b block $c block $d
              local.get 0 br_if $a
              {} local.get 0 i32.const 1 i32.sub br_if $b
            end {} end {} end {} end {} local.get 0))"#,
        nothing(130),
        nothing(130),
        nothing(60),
        nothing(70),
        nothing(5)
    );
    // The first operator behind the head of a switch costs more than a whole segment: it is a cut all the same.
    let dear = format!(
        r#"(module (func $many (result {results}) {values})
          (func (export "f") (param i32) (result i32)
            block $out block $in local.get 0 br_if $out local.get 0 br_table $in $in end
              call $many {drops} end nop nop nop local.get 0))"#,
        results = "i32 ".repeat(300),
        values = "i32.const 1 ".repeat(300),
        drops = "drop ".repeat(300)
    );
    // The only cut in the chain of $out is a call right behind a head. Where the call traps, what follows $out was not
    // paid: the end of $out is a head.
    let (values, gets) = ("i32 ".repeat(300), each(0..300, |i| format!("local.get {i}")));
    let behind_a_head = format!(
        r#"(module (func $same (param {values}) (result {values}) local.get 0 if unreachable end {gets})
          (func (export "f") (param i32 i32) (result i32)
            local.get 1 {constants}
            block $out (param {values}) (result {values}) block $in (param {values}) (result {values})
              local.get 0 if (param {values}) (result {values}) br $out else local.get 0 br_table $in $in end
            end call $same end nop nop nop {drops}))"#,
        constants = "i32.const 1 ".repeat(299),
        drops = "drop ".repeat(299)
    );
    vec![
        case(
            "a dear operator right behind a head",
            behind_a_head,
            &[(&[0, 0], None), (&[1, 0], None), (&[0, 1], None)],
        ),
        case("a branch past a cut", targeted, &[(&[0], None), (&[1], None)]),
        case("a cut that no branch passes", untargeted, &[(&[0], None), (&[1], None)]),
        case("a cut that only a return passes", by_return, &[(&[0], None), (&[1], None)]),
        case("a cut in a loop in a block", in_loop, &[(&[0], None), (&[3], None)]),
        case("cuts in arms in a block", in_arm, &[(&[0], None), (&[1], None), (&[2], None)]),
        case("cuts in nested blocks", nested, &[(&[0], None), (&[1], None), (&[2], None)]),
        case("an operator dearer than a segment", dear, &[(&[0], None), (&[1], None)]),
    ]
}

fn dead_code() -> Vec<Case> {
    vec![
        // Operators up to the `end` cost nothing; after it they do: block, return, nop.
        case("code behind a return", r#"(module (func (export "f") block return nop nop end nop))"#, &[(&[], Some(3))]),
        // loop 1 and the three nops behind it, then turns of local.get, if, (br | nothing): see the page's definition.
        case(
            "code behind an endless loop is reachable",
            r#"(module (func (export "f") (param i32) (local i32)
                loop local.get 0 i32.eqz if return end local.get 0 i32.const 1 i32.sub local.set 0 br 0 end
                nop nop nop))"#,
            &[(&[0], Some(1 + 3 + 8 + 1)), (&[2], Some(4 + 3 * 8 + 1))],
        ),
        // The branch behind the inner block is reachable, so it targets the outer end, which has a cut: a head.
        case(
            "a branch behind a block that ends unreachable",
            format!(
                r#"(module (func (export "f") (param i32)
                    block $out local.get 0 if return end
                      {} block unreachable end br $out end {} ))"#,
                nothing(150),
                nothing(4)
            ),
            &[(&[1], None), (&[0], None)],
        ),
        case(
            "both arms leave",
            r#"(module (func (export "f") (param i32) (result i32)
                local.get 0 if i32.const 1 return else i32.const 2 return end i32.const 5 i32.const 6 i32.add))"#,
            &[(&[0], None), (&[1], None)],
        ),
        case(
            "structures in unreachable code",
            r#"(module (func (export "f") (param i32) (result i32)
                block (result i32) i32.const 3 br 0
                  block loop br 0 end end i32.const 1 if nop else nop end local.get 0 br_table 0 1 end
                local.get 0 i32.add))"#,
            &[(&[4], Some(6))],
        ),
        case(
            "an arm that leaves and one that does not",
            r#"(module (func (export "f") (param i32) (result i32)
                block local.get 0 if br 1 nop else nop end nop nop end i32.const 9))"#,
            &[(&[0], None), (&[1], None)],
        ),
        case(
            "unreachable at once",
            r#"(module (func (export "f") (result i32 i64) unreachable i32.const 1 i64.const 2))"#,
            &[(&[], Some(1))],
        ),
    ]
}

fn structures() -> Vec<Case> {
    let switch = format!(
        r#"(module (func (export "f") (param $n i32) (result i32) (local $sum i32)
            loop $next
              block $d block $c block $b block $a
                local.get $n i32.const 3 i32.and br_table $a $b $c $d
              end local.get $sum i32.const 1 i32.add local.set $sum br $d
              end {} local.get $sum i32.const 2 i32.mul local.set $sum br $d
              end local.get $sum i32.const 5 i32.xor local.set $sum
              end
              local.get $n i32.const 1 i32.sub local.tee $n br_if $next
            end local.get $sum))"#,
        nothing(20)
    );
    vec![
        case("a switch in a loop", switch, &[(&[1], None), (&[9], None)]),
        case(
            "a switch that carries values",
            r#"(module (func (export "f") (param i32) (result i32 i32)
                block $two (result i32 i32) block $one (result i32 i32)
                  i32.const 90 i32.const 10 i32.const 3 local.get 0 br_table $one $two $one 2
                end i32.sub i32.const 100 end))"#,
            &[(&[0], None), (&[1], None), (&[2], None), (&[3], None), (&[i32(-1)], None)],
        ),
        case(
            "a switch on a loop",
            r#"(module (func (export "f") (param i32) (result i32)
                i32.const 0 loop $l (param i32) (result i32)
                  i32.const 3 i32.add
                  local.get 0 i32.const 1 i32.sub local.tee 0 i32.const 2 i32.and br_table $l 1 end))"#,
            &[(&[6], None), (&[4], None)],
        ),
        case(
            "loops in arms",
            r#"(module (func (export "f") (param $n i32) (result i32) (local $s i32)
                local.get $n i32.const 1 i32.and if
                  loop local.get $s local.get $n i32.add local.set $s
                    local.get $n i32.const 1 i32.sub local.tee $n br_if 0 end
                else
                  loop local.get $s i32.const 2 i32.add local.set $s
                    local.get $n i32.const 2 i32.sub local.tee $n br_if 0 end
                end local.get $s))"#,
            &[(&[5], None), (&[6], None)],
        ),
        case(
            "parameters of blocks and loops",
            r#"(module (func (export "f") (param i64 i32) (result i64 i32)
                local.get 0 local.get 1
                block (param i64 i32) (result i64 i32)
                  loop $l (param i64 i32) (result i64 i32)
                    local.set 1 local.get 0 i64.mul i64.const 1 i64.add
                    local.get 1 i32.const 1 i32.sub
                    local.get 1 i32.const 1 i32.gt_u br_if $l
                  end
                  br 0
                end))"#,
            &[(&[3, 4], None), (&[5, 1], None)],
        ),
        case(
            "arms with parameters and results",
            r#"(module (func (export "f") (param i32) (result i32)
                i32.const 5 i32.const 6 local.get 0
                if (param i32 i32) (result i32) i32.add else i32.sub local.get 0 i32.const 0 br_if 0 drop end
                local.get 0
                if (param i32) (result i32) i32.const 2 i32.mul end))"#,
            &[(&[0], None), (&[1], None)],
        ),
        case(
            "values carried over the operands below",
            r#"(module (func (export "f") (param i32) (result i32)
                i32.const 1 i32.const 2 i32.const 3 i32.const 4
                block (result i32) local.get 0 i32.const 50 i32.const 60 local.get 0 br_if 0 drop i32.add end
                i32.add i32.add i32.add i32.add))"#,
            &[(&[0], None), (&[1], None)],
        ),
        case(
            "locals that change under operands that were read before",
            r#"(module (func (export "f") (param $a i32) (param $b i32) (result i32)
                local.get $a local.get $b local.get $a
                i32.const 10 local.set $a
                local.get $b if i32.const 20 local.set $b else local.get $a local.set $b end
                loop local.get $a i32.const 1 i32.sub local.tee $a br_if 0 end
                i32.add i32.sub local.get $a local.get $b i32.add i32.mul))"#,
            &[(&[3, 4], None), (&[3, 0], None)],
        ),
        case(
            "a conditional branch to the function",
            r#"(module (func (export "f") (param i32) (result i32 i32)
                i32.const 1 i32.const 2 i32.const 3 local.get 0 br_if 0 i32.add local.get 0 i32.eqz br_if 0 i32.add i32.const 7))"#,
            &[(&[0], None), (&[1], None)],
        ),
    ]
}

fn calls() -> Vec<Case> {
    let params = "i32 ".repeat(300);
    let many = format!(
        r#"(module (func $sum (param {params}) (result i32) local.get 0 {sum})
          (func (export "f") (param i32) (result i32) i32.const 1000 {arguments} call $sum i32.sub))"#,
        sum = each(1..300, |i| format!("i32.const 3 i32.mul local.get {i} i32.add")),
        arguments = "local.get 0 i32.const 1 i32.add local.tee 0 ".repeat(300)
    );
    let aliases = r#"(module (global $g (mut i32) (i32.const 5))
          (func $bump (param i32) (result i32) global.get $g local.get 0 i32.add global.set $g global.get $g)
          (func (export "f") (param $a i32) (result i32)
            local.get $a i32.const 77 global.get $g local.get $a
            local.get $a call $bump
            i32.const 3 local.set $a
            local.get $a call $bump
            i32.add i32.add i32.mul i32.add i32.sub))"#;
    let recursion = r#"(module (func $fib (export "f") (param i32) (result i32)
            local.get 0 i32.const 2 i32.lt_s if (result i32) local.get 0
            else local.get 0 i32.const 1 i32.sub call $fib local.get 0 i32.const 2 i32.sub call $fib i32.add end))"#;
    let tail = r#"(module (type $t (func (param i32 i32) (result i32))) (table funcref (elem $even $odd))
          (func $even (type $t) (local i64 i64 i64)
            local.get 0 i32.eqz if local.get 1 return end
            local.get 0 i32.const 1 i32.sub local.get 1 i32.const 1 i32.add i32.const 1 return_call_indirect (type $t))
          (func $odd (type $t)
            local.get 0 i32.eqz if i32.const 0 local.get 1 i32.sub return end
            local.get 0 i32.const 1 i32.sub local.get 1 i32.const 1 i32.add return_call $even)
          (func (export "f") (param i32) (result i32) i32.const 9 local.get 0 i32.const 0 call $even i32.add))"#;
    let host = r#"(module (import "host" "a" (func $a (param i32) (result i32)))
          (import "host" "b" (func $b (param i32 i32 i32) (result i32)))
          (import "host" "c" (func $c))
          (func (export "f") (param i32) (result i32) (local i32)
            loop local.get 1 local.get 0 call $a i32.add local.get 0 local.get 1 call $b local.set 1 call $c
              local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end
            local.get 1 call $g)
          (func $g (param i32) (result i32) (return_call $a (local.get 0))))"#;
    vec![
        case("a call with many parameters", many, &[(&[1], None)]),
        case("operands that wait for calls", aliases, &[(&[4], None), (&[i32(-9)], None)]),
        case("recursion", recursion, &[(&[5], None)]),
        case("tail calls", tail, &[(&[0], None), (&[9], None), (&[10], None)]),
        case("calls of the host", host, &[(&[3], None)]),
        case(
            "calls of functions that cost nothing",
            r#"(module (func $e) (func (export "f") call $e call $e call $g) (func $g (local i32 i64)))"#,
            &[(&[], Some(3))],
        ),
        case(
            "entry of a function with locals",
            r#"(module (func $e (local i32 i32 i32 i32 i32 i32 i32 i32 i32)) (func (export "f") call $e call $e))"#,
            &[(&[], Some(4))],
        ),
    ]
}

fn memories() -> Vec<Case> {
    let copy = r#"(module (memory (export "memory") 1 1) (data (i32.const 8) "abcdefghijklmnopqrstuvwxyz0123456789")
          (func (export "f") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy nop))"#;
    vec![
        // Five operators: 3 reads, the copy, nop; and one for each 64 bytes.
        case(
            "overlapping copies",
            copy,
            &[
                (&[4, 8, 1000], Some(5 + 16)),
                (&[9, 8, 1000], Some(5 + 16)),
                (&[300, 8, 640], Some(5 + 10)),
                (&[8, 300, 641], Some(5 + 11)),
                (&[8, 8, 65], Some(5 + 2)),
                (&[9, 8, 63], Some(5 + 1)),
                (&[65_536, 0, 0], Some(5)),
                (&[0, 65_536, 0], Some(5)),
                (&[65_536, 65_536, 1], Some(5)),
                (&[65_473, 0, 64], Some(5)),
                (&[i32(-1), 0, 2], Some(5)),
                (&[65_472, 0, 64], Some(6)),
            ],
        ),
        case(
            "fills",
            r#"(module (memory (export "memory") 1 1)
              (func (export "f") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.fill))"#,
            &[
                (&[3, 0x1FF, 700], Some(4 + 11)),
                (&[0, 7, 64], Some(5)),
                (&[65_536, 7, 0], Some(4)),
                (&[65_537, 7, 0], Some(4)),
                (&[65_000, 7, 537], Some(4)),
            ],
        ),
        case(
            "initialisation from a segment, and of one that was dropped",
            format!(
                r#"(module (memory (export "memory") 1 1) (data $d "{}")
                  (func (export "f") (param i32 i32 i32 i32)
                    local.get 0 local.get 1 local.get 2 memory.init $d local.get 3 if data.drop $d end))"#,
                "0123456789".repeat(30)
            ),
            &[
                (&[100, 7, 200, 0], Some(6 + 4)),
                (&[100, 300, 0, 0], Some(6)),
                (&[100, 299, 2, 0], Some(6)),
                (&[65_500, 0, 100, 0], Some(6)),
                (&[5000, 0, 300, 1], Some(7 + 5)),
                (&[5000, 0, 0, 0], Some(6)),
                (&[5000, 0, 1, 0], Some(6)),
            ],
        ),
        // Growth costs 1024 a page, and nothing where it fails.
        case(
            "growth of a memory",
            r#"(module (memory (export "memory") 1 4)
              (func (export "f") (param i32) (result i32 i32) local.get 0 memory.grow memory.size))"#,
            &[
                (&[0], Some(3)),
                (&[2], Some(3 + 2048)),
                (&[2], Some(3)),
                (&[1], Some(3 + 1024)),
                (&[1], Some(3)),
                (&[i32(-1)], Some(3)),
                (&[0], Some(3)),
            ],
        ),
        case(
            "loads and stores",
            r#"(module (memory (export "memory") 1 1)
              (func (export "f") (param $i i32) (result i64) (local $s i64)
                loop
                  local.get $i local.get $i i64.extend_i32_u i64.const 0x0102030405060708 i64.mul i64.store offset=3
                  local.get $i i32.const 5 i32.add i64.load32_s offset=1 local.get $s i64.add local.set $s
                  local.get $i local.get $i i32.add i32.const -3 i32.store8 offset=9
                  local.get $i i32.load16_u offset=2 local.get $i i32.sub i32.const 100 i32.add
                  i64.extend_i32_s local.get $s i64.xor local.set $s
                  local.get $i i32.const 1 i32.sub local.tee $i br_if 0 end
                local.get $s))"#,
            &[(&[7], None)],
        ),
    ]
}

fn tables() -> Vec<Case> {
    vec![
        case(
            "growth, fill and size of a table",
            r#"(module (table $t 1 60 funcref) (func $a) (elem declare func $a)
              (func (export "f") (param i32) (result i32 i32 i32)
                ref.func $a local.get 0 table.grow $t
                i32.const 0 ref.null func local.get 0 table.fill $t
                table.size $t
                i32.const 0 table.get $t ref.is_null))"#,
            &[(&[0], None), (&[33], None), (&[16], None), (&[20], None), (&[i32(-1)], None)],
        ),
        case(
            "copies between tables and from segments",
            r#"(module (type $v (func (result i32)))
              (table $t (export "t") 50 funcref) (table $u 50 funcref)
              (func $a (result i32) i32.const 10) (func $b (result i32) i32.const 20) (func $c (result i64) i64.const 1)
              (elem $e func $a $b $a $b $b $a $a $b $c $a $a $b $a $b $b $a $a $b $b $a $a)
              (func (export "f") (param $to i32) (param $from i32) (param $n i32) (param $i i32) (result i32)
                i32.const 10 i32.const 0 i32.const 21 table.init $t $e
                local.get $to local.get $from local.get $n table.copy $t $t
                i32.const 1 local.get $from local.get $n table.copy $u $t
                local.get $i call_indirect $u (type $v)
                local.get $i call_indirect $t (type $v) i32.sub))"#,
            &[
                (&[12, 10, 21, 2], None),
                (&[10, 12, 33, 4], None),
                (&[10, 10, 17, 1], None),
                (&[0, 10, 40, 9], None),
                (&[0, 10, 41, 9], None),
                (&[50, 50, 0, 9], None),
                (&[0, 0, 0, 50], None),
                (&[0, 0, 0, 49], None),
            ],
        ),
        case(
            "a segment that was dropped",
            r#"(module (table $t 8 funcref) (func $a) (elem $e func $a $a)
              (func (export "f") (param i32)
                i32.const 0 i32.const 0 local.get 0 table.init $t $e elem.drop $e
                i32.const 3 i32.const 1 table.get $t table.set $t
                i32.const 8 ref.null func table.set $t))"#,
            &[(&[2], None), (&[0], None), (&[1], None)],
        ),
    ]
}

/// What is tried on both sides of slot 248: text that leaves one value more than it found.
const AT_THE_EDGE: [(&str, &str); 14] = [
    ("a call", "(call $rotate (i32.const 10) (i32.const 20) (local.get 0)) i32.sub i32.mul"),
    (
        "an indirect call",
        "(call_indirect $t (type $three) (i32.const 11) (local.get 0) (i32.const 30) (i32.const 1)) i32.sub i32.mul",
    ),
    ("a call of a function that returns by tail calls", "(call $tail (local.get 0)) i32.mul i32.sub"),
    ("memory.fill", "(memory.fill (i32.const 8) (i32.const 5) (i32.const 100)) local.get 0"),
    ("memory.copy", "(memory.copy (i32.const 50) (i32.const 40) (i32.const 90)) local.get 0"),
    ("memory.init", "(memory.init $d (i32.const 3) (i32.const 2) (i32.const 9)) local.get 0"),
    ("memory.grow", "(memory.grow (i32.const 1))"),
    ("table.fill", "(table.fill $t (i32.const 5) (ref.func $rotate) (i32.const 2)) local.get 0"),
    ("table.copy", "(table.copy $t $t (i32.const 3) (i32.const 1) (i32.const 3)) local.get 0"),
    ("table.init", "(table.init $t $e (i32.const 2) (i32.const 1) (i32.const 2)) local.get 0"),
    ("table.grow", "(table.grow $t (ref.func $rotate) (i32.const 20))"),
    (
        "branches that carry values",
        "(block (result i32 i32 i32) i32.const 99 i32.const 7 i32.const 8 i32.const 9 local.get 0 br_if 0
           i32.sub (br_table 0 (local.get 0))) i32.sub i32.mul",
    ),
    ("select", "(select (i32.const 3) (i32.const 4) (local.get 0))"),
    ("a store and a load", "(i32.store (i32.const 500) (local.get 0)) (i32.load (i32.const 500))"),
];

/// Operators whose operands stand about slot 248 of a wide frame, where its scratch registers begin.
fn edges() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, text) in AT_THE_EDGE {
        for first in 244..=249 {
            let wat = format!(
                r#"(module (memory (export "memory") 1 2) (table $t (export "table") 10 50 funcref)
          (type $three (func (param i32 i32 i32) (result i32 i32 i32)))
          (elem (i32.const 1) func $rotate) (elem $e func $rotate $rotate $rotate) (data $d "0123456789abcdef")
          (func $rotate (type $three) local.get 1 local.get 2 local.get 0)
          (func $tail (param i32) (result i32 i32 i32) (local {locals})
            local.get 0 i32.const 50 i32.const 60 i32.const 70
            local.get 0 if (param i32 i32 i32) (result i32 i32 i32) return_call $rotate end
            i32.const 80 i32.const 1 return_call_indirect $t (type $three))
          (func $g (param i32) (result i32) local.get 0)
          (func (export "f") (param i32) (result i32 i32 i32) (local {locals})
            local.get 0 local.get 0 call $g {text}
            (drop {deep})))"#,
                locals = "i64 ".repeat(first - 3),
                deep = (1..12).fold("(i32.const 0)".to_owned(), |deep, _| format!("(i32.add (local.get 0) {deep})"))
            );
            cases.push(case(format!("{name} at slot {first}"), wat, &[(&[1], None), (&[0], None)]));
        }
    }
    cases
}

/// Operators on references that may be null, as branches and calls.
fn references() -> Vec<Case> {
    let with = |body: &str| {
        format!(
            r#"(module (type $t (func (param i32) (result i32)))
                (func $double (type $t) local.get 0 local.get 0 i32.add)
                (elem declare func $double)
                (func (export "f") (param $n i32) (result i32) (local $r (ref null $t))
                    local.get $n if ref.func $double local.set $r end
                    {body}))"#
        )
    };
    let calls: &[(&[u64], Option<u64>)] = &[(&[0], None), (&[21], None)];
    let cuts = nothing(130);
    vec![
        case("call_ref", with("local.get $n local.get $r call_ref $t i32.const 1 i32.add"), calls),
        case("return_call_ref", with("local.get $n local.get $r return_call_ref $t"), calls),
        case("ref.as_non_null", with("local.get $n local.get $r ref.as_non_null call_ref $t"), calls),
        case("ref.as_non_null of a null", with("ref.null $t ref.as_non_null drop i32.const 3"), calls),
        case(
            "br_on_null with a value",
            with("block $l (result i32) i32.const 7 local.get $n local.get $r br_on_null $l call_ref $t i32.sub end"),
            calls,
        ),
        case("br_on_null out of the function", with("i32.const 9 local.get $r br_on_null 0 call_ref $t"), calls),
        case(
            "br_on_non_null with a value below",
            with(
                "block $l (result i32 (ref $t)) i32.const 5 local.get $n i32.add local.get $r br_on_non_null $l
                 drop i32.const -1 return end call_ref $t",
            ),
            calls,
        ),
        case(
            "br_on_null over a cut",
            with(&format!("block $l local.get $r br_on_null $l {cuts} drop end {cuts} local.get $n")),
            calls,
        ),
        case(
            "br_on_non_null back to a loop",
            with(
                "i32.const 3 local.set $i block $out local.get $r br_on_null $out
                 loop $l (param (ref $t)) (result) local.set $r local.get $i i32.const 1 i32.sub local.tee $i
                 i32.eqz br_if $out local.get $r br_on_non_null $l end end local.get $i",
            )
            .replace("(local $r (ref null $t))", "(local $r (ref null $t)) (local $i i32)"),
            calls,
        ),
    ]
}

fn frames() -> Vec<Case> {
    // 300 locals; values that wait below the call stand beyond the window.
    let locals = format!(
        r#"(module (func $g (param i32) (result i32) local.get 0 i32.const 3 i32.mul)
          (func (export "f") (param i32) (result i32) (local {})
            i32.const 11 local.set 299 local.get 0 local.set 250
            local.get 299 local.get 250 i32.const 8 local.get 0 call $g
            local.get 250 local.get 299 i32.add local.tee 251 drop
            loop local.get 250 i32.const 1 i32.sub local.tee 250 br_if 0 end
            i32.add i32.sub i32.mul local.get 251 i32.add local.get 298 i32.add))"#,
        "i32 ".repeat(299)
    );
    let operands = format!(
        r#"(module (memory (export "memory") 1 1) (func (export "f") (param i32) (result i32)
            {} local.get 0 if i32.const 0 i32.const 64 i32.const 300 memory.fill end {}))"#,
        "local.get 0 i32.const 1 i32.add local.tee 0 ".repeat(280),
        "i32.add ".repeat(279)
    );
    let carried = format!(
        r#"(module (func (export "f") (param i32) (result i32) (local {})
            i32.const 1 i32.const 2 block (result i32 i32) i32.const 5 i32.const 6 i32.const 7 local.get 0 br_if 0
            i32.add br 0 end i32.sub i32.add i32.add local.get 0 i32.add))"#,
        "i64 ".repeat(252)
    );
    vec![
        case("a frame with many locals", locals, &[(&[4], None)]),
        case("a frame with many operands", operands, &[(&[4], None), (&[i32(-280)], None)]),
        case("values carried at the edge of the window", carried, &[(&[0], None), (&[1], None)]),
        case(
            "locals are zero again after other frames stood there",
            r#"(module (func $dirty (param i64 i64 i64 i64) (result i64)
                local.get 0 local.get 1 i64.add local.get 2 i64.add local.get 3 i64.add)
              (func $clean (result i64) (local i64 i64 i64 i64 i64)
                local.get 0 local.get 1 i64.or local.get 2 i64.or local.get 3 i64.or local.get 4 i64.or)
              (func (export "f") (result i64 i64)
                i64.const -1 i64.const -2 i64.const -3 i64.const -4 call $dirty call $clean))"#,
            &[(&[], None)],
        ),
    ]
}

fn traps() -> Vec<Case> {
    vec![
        case(
            "traps in the middle of a segment",
            r#"(module (memory (export "memory") 1 1) (global (export "g") (mut i32) (i32.const 0))
              (func (export "f") (param i32 i32) (result i32)
                i32.const 1 global.set 0
                local.get 1 i32.const 7 i32.store
                local.get 0 local.get 1 i32.div_s
                i32.const 2 global.set 0
                local.get 0 i32.load offset=65530 i32.add
                i32.const 3 global.set 0))"#,
            &[
                (&[8, 0], None),
                (&[i32(i32::MIN), i32(-1)], None),
                (&[1, 4], None),
                (&[3, 4], None),
                (&[2, 65_533], None),
            ],
        ),
        case(
            "conversions that trap, and NaNs",
            r#"(module (func (export "f") (param f64 f64) (result i64 f64 f32)
                local.get 0 f64.sqrt local.get 1 f64.add f64.nearest i64.trunc_f64_s
                local.get 0 local.get 1 f64.div f64.neg
                local.get 0 f32.demote_f64 f32.sqrt))"#,
            &[
                (&[4.0_f64.to_bits(), 0.5_f64.to_bits()], None),
                (&[(-4.0_f64).to_bits(), 0], None),
                (&[0, 0], None),
                (&[0x7FF4_0000_0000_0001, 0], None),
                (&[1e300_f64.to_bits(), 0], None),
            ],
        ),
        case(
            "endless recursion",
            r#"(module (func $f (export "f") (param i32) (result i32) (local i64 i64)
                i32.const 1 local.get 0 i32.const 1 i32.add call $f i32.add))"#,
            &[(&[0], None)],
        ),
        case(
            "endless recursion of wide frames",
            format!(
                r#"(module (func $f (export "f") (param i32) (result i32) (local {}) i32.const 1 i32.const 3 local.get 0 call $f
                    i32.add i32.add))"#,
                "i64 ".repeat(255)
            ),
            &[(&[0], None)],
        ),
    ]
}
