"""Writes frame.wat: functions whose frames are far beyond 256 slots, by locals and by operands."""

LOCALS = 600
TYPES = ["i32", "i64", "f32", "f64"]


def lines():
    yield ";; Written by frame.py."
    yield "(module"
    # 600 locals of four types in turn, all in use at once.
    yield '  (func $many (export "locals") (param $n i32) (result i64)'
    yield "    (local $sum i64)"
    for i in range(LOCALS):
        yield f"    (local $v{i} {TYPES[i % 4]})"
    yield "    (loop $turn"
    for i in range(LOCALS):
        kind = TYPES[i % 4]
        value = f"(local.get $v{i})"
        if kind == "i32":
            new = f"(i32.add (i32.mul {value} (i32.const 5)) (i32.add (local.get $n) (i32.const {i})))"
        elif kind == "i64":
            new = f"(i64.add {value} (i64.extend_i32_u (local.get $v{i - 1})))"
        elif kind == "f32":
            new = f"(f32.add (f32.mul {value} (f32.const 0.5)) (f32.const {i}))"
        else:
            new = f"(f64.add {value} (f64.promote_f32 (local.get $v{i - 1})))"
        yield f"      (local.set $v{i} {new})"
    yield "      (local.set $n (i32.sub (local.get $n) (i32.const 1)))"
    yield "      (br_if $turn (i32.gt_s (local.get $n) (i32.const 0))))"
    for i in range(LOCALS):
        bits = {
            "i32": f"(i64.extend_i32_u (local.get $v{i}))",
            "i64": f"(local.get $v{i})",
            "f32": f"(i64.extend_i32_u (i32.reinterpret_f32 (local.get $v{i})))",
            "f64": f"(i64.reinterpret_f64 (local.get $v{i}))",
        }[TYPES[i % 4]]
        yield f"    (local.set $sum (i64.xor (i64.rotl (local.get $sum) (i64.const 5)) {bits}))"
    yield "    (local.get $sum))"
    # The same frame on the stack several times over.
    yield '  (func $nest (export "nested") (param $depth i32) (param $n i32) (result i64)'
    for i in range(300):
        yield f"    (local $v{i} i64)"
    for i in range(300):
        yield f"    (local.set $v{i} (i64.extend_i32_u (i32.mul (local.get $n) (i32.const {2 * i + 1}))))"
    yield "    (if (result i64) (local.get $depth)"
    yield "      (then (call $nest (i32.sub (local.get $depth) (i32.const 1)) (i32.add (local.get $n) (i32.const 3))))"
    yield "      (else (call $many (i32.const 2))))"
    for i in range(300):
        yield f"    (i64.xor (i64.rotr (local.get $v{i}) (i64.const {i % 64})))"
    yield "  )"
    # 400 operands before the first is taken.
    yield '  (func (export "operands") (param $x i64) (result i64)'
    for i in range(400):
        yield f"    (i64.mul (local.get $x) (i64.const {i + 1}))"
    yield "    (block (br_if 0 (i64.eqz (local.get $x))) (local.set $x (i64.const 0)))"
    for i in range(399):
        yield f"    {'(i64.sub)' if i % 3 else '(i64.xor)'}"
    yield "  )"
    # 300 parameters and 40 results, of which all but a few lie beyond the first window.
    parameters = " ".join(["i32"] * 300)
    results = " ".join(["i32"] * 40)
    yield f"  (func $wide (param {parameters}) (result {results})"
    for i in range(40):
        yield f"    (i32.sub (local.get {i * 7}) (local.get {299 - i}))"
    yield "  )"
    yield '  (func (export "wide") (param $x i32) (result i32)'
    for i in range(300):
        yield f"    (i32.mul (local.get $x) (i32.const {i * i}))"
    yield "    (call $wide)"
    for i in range(39):
        yield "    (i32.xor)"
    yield "  )"
    # Memory and branches through registers beyond the window.
    yield "  (memory 1)"
    yield '  (func (export "far") (param $n i32) (result i32)'
    for i in range(280):
        yield f"    (local $pad{i} i64)"
    yield "    (local $p i32) (local $sum i32) (local $f f64) (local $c i32)"
    yield """    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $c) (local.get $n)))
      (i32.store offset=16 (local.get $p) (i32.mul (local.get $c) (i32.const 7)))
      (local.set $sum (i32.add (local.get $sum) (i32.load offset=16 (local.get $p))))
      (local.set $f (f64.add (local.get $f) (f64.convert_i32_u (local.get $sum))))
      (if (i32.and (local.get $c) (i32.const 1))
        (then (local.set $sum (i32.xor (local.get $sum) (local.get $c))))
        (else (local.set $pad270 (i64.add (local.get $pad270) (i64.extend_i32_u (local.get $sum))))))
      (local.set $p (select (local.get $p) (i32.add (local.get $p) (i32.const 4)) (i32.gt_u (local.get $p) (i32.const 65500))))
      (local.set $c (i32.add (local.get $c) (i32.const 1)))
      (br $next)))
    (i32.xor (i32.wrap_i64 (i64.reinterpret_f64 (local.get $f))) (i32.add (local.get $sum) (i32.wrap_i64 (local.get $pad270)))))"""
    yield ")"


if __name__ == "__main__":
    print("\n".join(lines()))
