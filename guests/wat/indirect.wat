;; call_indirect: by type, through two tables, and everything it traps on.
(module
  (type $binary (func (param i32 i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (type $binary_again (func (param i32 i32) (result i32)))
  (table $first 10 funcref)
  (table $second 4 funcref)
  (elem (table $first) (i32.const 1) func $add $sub $neg $mul)
  (elem (table $second) (i32.const 0) func $mul $neg)

  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $mul (type $binary_again) (i32.mul (local.get 0) (local.get 1)))
  (func $neg (type $unary) (i32.sub (i32.const 0) (local.get 0)))

  ;; 0 is empty, 1 add, 2 sub, 3 of another type, 4 mul, 5 to 9 empty, then the table's end.
  (func (export "binary") (param i32 i32 i32) (result i32)
    (call_indirect $first (type $binary) (local.get 1) (local.get 2) (local.get 0)))
  (func (export "unary") (param i32 i32) (result i32)
    (call_indirect $first (type $unary) (local.get 1) (local.get 0)))
  (func (export "binary_second") (param i32 i32 i32) (result i32)
    (call_indirect $second (type $binary_again) (local.get 1) (local.get 2) (local.get 0)))

  ;; n turns through add, sub and mul in both tables.
  (func (export "turns") (param $n i32) (param $x i32) (result i32)
    (block $out (loop $next
      (br_if $out (i32.eqz (local.get $n)))
      (local.set $x (call_indirect $first (type $binary)
        (local.get $x) (local.get $n)
        (i32.add (i32.const 1) (i32.rem_u (local.get $n) (i32.const 2)))))
      (local.set $x (call_indirect $second (type $binary) (local.get $x) (i32.const 0x01000193) (i32.const 0)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next)))
    (local.get $x)))
