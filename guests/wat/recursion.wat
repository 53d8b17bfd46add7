;; Deep, mutual and endless recursion.
(module
  (func $ackermann (export "ackermann") (param $m i32) (param $n i32) (result i32)
    (if (i32.eqz (local.get $m))
      (then (return (i32.add (local.get $n) (i32.const 1)))))
    (if (i32.eqz (local.get $n))
      (then (return (call $ackermann (i32.sub (local.get $m) (i32.const 1)) (i32.const 1)))))
    (call $ackermann
      (i32.sub (local.get $m) (i32.const 1))
      (call $ackermann (local.get $m) (i32.sub (local.get $n) (i32.const 1)))))

  ;; 1 + 2 + ... + n, n + 1 frames deep.
  (func $deep (export "deep") (param $n i32) (result i64)
    (if (result i64) (local.get $n)
      (then (i64.add
        (i64.extend_i32_u (local.get $n))
        (call $deep (i32.sub (local.get $n) (i32.const 1)))))
      (else (i64.const 0))))

  (func $even (export "even") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (call $odd (i32.sub (local.get $n) (i32.const 1))))
      (else (i32.const 1))))
  (func $odd (export "odd") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (call $even (i32.sub (local.get $n) (i32.const 1))))
      (else (i32.const 0))))

  ;; Moves a tower of n discs; the number of moves, and a digest of which peg each came from and went to.
  (global $moves (mut i32) (i32.const 0))
  (global $digest (mut i64) (i64.const 0))
  (func $hanoi (param $n i32) (param $from i32) (param $to i32) (param $over i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (call $hanoi (i32.sub (local.get $n) (i32.const 1)) (local.get $from) (local.get $over) (local.get $to))
    (global.set $moves (i32.add (global.get $moves) (i32.const 1)))
    (global.set $digest
      (i64.add
        (i64.mul (global.get $digest) (i64.const 31))
        (i64.extend_i32_u (i32.add (i32.mul (local.get $from) (i32.const 3)) (local.get $to)))))
    (call $hanoi (i32.sub (local.get $n) (i32.const 1)) (local.get $over) (local.get $to) (local.get $from)))
  (func (export "hanoi") (param $n i32) (result i32 i64)
    (global.set $moves (i32.const 0))
    (global.set $digest (i64.const 0))
    (call $hanoi (local.get $n) (i32.const 0) (i32.const 1) (i32.const 2))
    (global.get $moves) (global.get $digest))

  ;; Never returns: the stack ends first. A few locals make its frames larger.
  (func $endless (export "endless") (param $n i64) (result i64)
    (local $a i64) (local $b i64) (local $c i64)
    (local.set $a (i64.add (local.get $n) (i64.const 1)))
    (i64.add (call $endless (local.get $a)) (local.get $a)))
  (func $endless_pair (export "endless_pair") (call $endless_other (i32.const 0)))
  (func $endless_other (param i32) (call $endless_pair)))
