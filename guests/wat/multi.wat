;; Several results: of functions, of blocks, loops and ifs with parameters, through calls and branches.
(module
  (type $swap (func (param i32 i64) (result i64 i32)))
  (table funcref (elem $swap $swap_times))

  (func $swap (export "swap") (type $swap) (local.get 1) (local.get 0))
  (func $swap_times (type $swap)
    (i64.mul (local.get 1) (i64.const 10)) (i32.mul (local.get 0) (i32.const 10)))
  (func (export "swap_by") (param $which i32) (param i32 i64) (result i64 i32)
    (call_indirect (type $swap) (local.get 1) (local.get 2) (local.get $which)))

  (func (export "all") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))

  (func $divide (export "divide") (param i32 i32) (result i32 i32)
    (i32.div_s (local.get 0) (local.get 1)) (i32.rem_s (local.get 0) (local.get 1)))

  ;; The greatest common divisor, its loop carrying both numbers on the stack.
  (func (export "gcd") (param i32 i32) (result i32)
    (local $b i32)
    (local.get 0) (local.get 1)
    (loop $turn (param i32 i32) (result i32)
      (local.tee $b)
      (if (param i32) (result i32) (then
        (local.get $b)
        (call $divide) (local.set 0) (drop)
        (local.get $b) (local.get 0)
        (br $turn)) (else))))

  ;; An if with two parameters and three results, in both arms a different order.
  (func (export "order") (param i32 i32) (result i32 i32 i32)
    (local.get 0) (local.get 1)
    (if (param) (result i32) (i32.lt_s (local.get 0) (local.get 1))
      (then (i32.const 1))
      (else (i32.const 2)))
    (drop)
    (if (param i32 i32) (result i32 i32 i32) (i32.lt_s (local.get 0) (local.get 1))
      (then (i32.const -1))
      (else (local.set 0) (local.set 1) (local.get 0) (local.get 1) (i32.const 1))))

  ;; Branches that carry several values out of nested blocks, dropping what lies below.
  (func (export "carry") (param $way i32) (result i32 i32)
    (block $a (result i32 i32)
      (i32.const 1000)
      (block $b (result i32 i32)
        (i32.const 2000) (i32.const 3000)
        (block $c (result i32 i32)
          (i32.const 10) (i32.const 20)
          (br_table $c $b $a $c (local.get $way)))
        (i32.add)
        (br_if $b (i32.const 7) (i32.const 8) (i32.eq (local.get $way) (i32.const 5)))
        (drop) (drop)
        (i32.add) (i32.add)
        (br $b (i32.const 4)))
      (i32.add) (i32.add)
      (i32.const 5)))

  ;; Fibonacci with the pair on the stack all the time.
  (func (export "fib") (param $n i32) (result i64 i64)
    (local $a i64)
    (i64.const 0) (i64.const 1)
    (block $done (param i64 i64) (result i64 i64)
      (loop $next (param i64 i64) (result i64 i64)
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.tee $a)
        (i64.add) (local.get $a)
        (call $pair_back)
        (br $next))))
  (func $pair_back (param i64 i64) (result i64 i64) (local.get 1) (local.get 0))

  ;; Sixteen results.
  (func $sixteen (param i32) (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local.get 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7)
    (i32.const 8) (i32.const 9) (i32.const 10) (i32.const 11) (i32.const 12) (i32.const 13) (i32.const 14)
    (i32.const 15))
  (func (export "sixteen") (param i32) (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (call $sixteen (local.get 0)))
  (func (export "sixteen_folded") (param i32) (result i32)
    (call $sixteen (local.get 0))
    (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub)
    (i32.sub) (i32.sub) (i32.sub) (i32.sub)))
