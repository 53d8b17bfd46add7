;; br_table in every place, and control flow that compilers seldom write.
(module
  (memory 1)
  ;; A program for $automaton: one byte an operation, taken cyclically from here.
  (data (i32.const 0) "\00\03\01\04\02\05\01\06\00\03\07\01\02\04\06\05\03\01\00\02")

  ;; Eight states and more; the selector is the byte, the default never comes.
  (func (export "automaton") (param $steps i32) (param $x i32) (result i32)
    (local $pc i32)
    (block $end
      (loop $step
        (br_if $end (i32.eqz (local.get $steps)))
        (local.set $steps (i32.sub (local.get $steps) (i32.const 1)))
        (block $default (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
          (br_table $0 $1 $2 $3 $4 $5 $6 $7 $default
            (i32.load8_u (i32.rem_u (local.get $pc) (i32.const 20)))))
          ;; 0
          (local.set $x (i32.add (local.get $x) (i32.const 0x12345)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $step))
          ;; 1
          (local.set $x (i32.rotl (local.get $x) (i32.const 5)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $step))
          ;; 2: skips when negative
          (local.set $pc (i32.add (local.get $pc)
            (select (i32.const 2) (i32.const 1) (i32.lt_s (local.get $x) (i32.const 0))))) (br $step))
          ;; 3
          (local.set $x (i32.mul (local.get $x) (i32.const 0x01000193)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $step))
          ;; 4
          (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 11))))
          (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $step))
          ;; 5: jumps by what x is
          (local.set $pc (i32.add (local.get $pc) (i32.add (i32.const 1) (i32.and (local.get $x) (i32.const 3)))))
          (br $step))
          ;; 6
          (local.set $x (i32.sub (i32.popcnt (local.get $x)) (local.get $x)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $step))
          ;; 7
          (local.set $pc (i32.const 1)) (br $step))
        (unreachable)))
    (local.get $x))

  ;; The value a br_table carries, to blocks of its own, the function's end and a default.
  (func (export "value") (param $i i32) (result i32)
    (block $outer (result i32)
      (i32.add (i32.const 100)
        (block $inner (result i32)
          (br_table $inner $outer 2 $inner (i32.add (local.get $i) (i32.const 50)) (local.get $i)))))
    (i32.add (i32.const 1000)))

  ;; Only a default.
  (func (export "only_default") (param $i i32) (result i32)
    (block (br_table 0 (local.get $i))) (local.get $i))

  ;; br_table whose target is the loop itself: a do-while with three ways to go on.
  (func (export "loop_target") (param $n i32) (result i32)
    (local $sum i32)
    (block $out
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_table $out $again $again $again $out $again (local.get $n))))
    (local.get $sum))

  ;; Code after branches and unreachable is dead, whatever stands there.
  (func (export "dead") (param $i i32) (result i32)
    (block $a (result i32)
      (br $a (local.get $i))
      (i32.add) (br_if $a (i32.const 1) (i32.const 2)) (drop)
      (block (result i32) (unreachable) (i32.eqz)) (i32.mul)
      (loop (br 0))
      (select))
    (if (result i32) (i32.const 1) (then (i32.const 7)) (else (unreachable) (f64.add) (i32.trunc_f64_s)))
    (i32.add))

  ;; The local is changed while its old value waits on the stack, in each kind of block.
  (func (export "old_value") (param $x i32) (param $y i32) (result i32)
    (local.get $x)
    (if (local.get $y)
      (then (local.set $x (i32.const 1)))
      (else (local.set $x (i32.const 2))))
    (local.get $x)
    (block (br_if 0 (local.get $y)) (local.set $x (i32.const 10)))
    (local.get $x)
    (loop (local.set $x (i32.add (local.get $x) (i32.const 100))) (br_if 0 (i32.lt_s (local.get $x) (i32.const 500))))
    (local.get $x)
    (local.tee $x (i32.const 7))
    (i32.mul (local.get $x))
    (i32.add) (i32.add) (i32.add) (i32.add))

  ;; Nested 12 deep, a branch out of each by its depth.
  (func (export "depth") (param $d i32) (result i32)
    (block (result i32) (block (result i32) (block (result i32) (block (result i32)
    (block (result i32) (block (result i32) (block (result i32) (block (result i32)
    (block (result i32) (block (result i32) (block (result i32) (block (result i32)
      (br_table 0 1 2 3 4 5 6 7 8 9 10 11 12 (i32.const 1) (local.get $d))
    ) (i32.add (i32.const 1))) (i32.mul (i32.const 3))) (i32.add (i32.const 1))) (i32.mul (i32.const 3)))
    (i32.add (i32.const 1))) (i32.mul (i32.const 3))) (i32.add (i32.const 1))) (i32.mul (i32.const 3)))
    (i32.add (i32.const 1))) (i32.mul (i32.const 3))) (i32.add (i32.const 1))) (i32.mul (i32.const 3))))
