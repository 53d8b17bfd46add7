;; Tail calls: a million of them need no stack.
(module
  (type $step (func (param i32 i64) (result i64)))
  (table funcref (elem $add $double $halve))

  ;; n + (n - 1) + ... + 1 + sum
  (func $count (export "count") (param $n i32) (param $sum i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call $count
      (i32.sub (local.get $n) (i32.const 1))
      (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n)))))

  (func $even (export "even") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
  (func $odd (export "odd") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get $n) (i32.const 1))))

  ;; Three steps that choose each other through the table, until n is used up.
  (func $next (param $n i32) (param $x i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
    (return_call_indirect (type $step)
      (i32.sub (local.get $n) (i32.const 1))
      (local.get $x)
      (i32.wrap_i64 (i64.rem_u (local.get $x) (i64.const 3)))))
  (func $add (type $step)
    (return_call $next (local.get 0) (i64.add (local.get 1) (i64.const 0x9e3779b97f4a7c15))))
  (func $double (type $step)
    (return_call $next (local.get 0) (i64.rotl (local.get 1) (i64.const 1))))
  (func $halve (type $step)
    (return_call $next (local.get 0) (i64.xor (local.get 1) (i64.shr_u (local.get 1) (i64.const 7)))))
  (func (export "dispatch") (param $n i32) (param $x i64) (result i64)
    (return_call $next (local.get $n) (local.get $x)))

  ;; Callers and callees of different frame sizes and arities, with values left lying on the stack.
  (func $wide (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (local i64 i64 i64 i64)
    (i32.const 77)
    (if (i32.gt_s (local.get 0) (i32.const 0))
      (then (return_call $narrow (i32.sub (local.get 0) (local.get 7)))))
    (i32.add (local.get 1)))
  (func $narrow (export "uneven") (param i32) (result i32)
    (i32.const 1) (i32.const 2) (i32.const 3)
    (return_call $wide (local.get 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
      (i32.const 6) (i32.const 7)))

  ;; A tail call out of a block, with several results.
  (func $pair (param i32) (result i32 f64)
    (i32.mul (local.get 0) (i32.const 3)) (f64.convert_i32_s (local.get 0)))
  (func (export "pair") (param i32) (result i32 f64)
    (block (loop (br_if 1 (i32.eqz (local.get 0))) (return_call $pair (local.get 0))))
    (i32.const -1) (f64.const -0))

  ;; What call_indirect traps on, return_call_indirect traps on.
  (func (export "wrong") (param $index i32) (result i64)
    (return_call_indirect (param i64) (result i64) (i64.const 1) (local.get $index))))
