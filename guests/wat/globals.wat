;; Globals of every kind, their initialisers, and a start function that sees them.
(module
  (global $i32 (mut i32) (i32.const -7))
  (global $i64 (mut i64) (i64.const 0x8000000000000000))
  (global $f32 (mut f32) (f32.const 0x1.8p-149))
  (global $f64 (mut f64) (f64.const -inf))
  (global $fixed i32 (i32.const 40))
  (global $computed i32 (i32.add (i32.mul (global.get $fixed) (i32.const 3)) (i32.const -20)))
  (global $computed64 i64 (i64.sub (i64.mul (i64.const 0x100000000) (i64.const 0x100000001)) (i64.const 1)))
  (global $started (mut i32) (i32.const 0))
  (global $counter (export "counter") (mut i64) (i64.const 0))
  (memory 1)
  ;; Where the segment goes is computed too.
  (data (offset (i32.add (global.get $fixed) (i32.const 2))) "\2a")

  (func $start
    (global.set $started (i32.add (global.get $started) (i32.load8_u (i32.const 42))))
    (global.set $started (i32.add (global.get $started) (global.get $computed))))
  (start $start)

  (func (export "all") (result i32 i64 f32 f64)
    (global.get $i32) (global.get $i64) (global.get $f32) (global.get $f64))
  (func (export "constants") (result i32 i32 i64 i32)
    (global.get $fixed) (global.get $computed) (global.get $computed64) (global.get $started))
  (func (export "set") (param i32 i64 f32 f64)
    (global.set $i32 (local.get 0)) (global.set $i64 (local.get 1))
    (global.set $f32 (local.get 2)) (global.set $f64 (local.get 3)))
  ;; Counts to n in a global, then past it by what a call adds.
  (func $bump (param i64) (global.set $counter (i64.add (global.get $counter) (local.get 0))))
  (func (export "count") (param $n i32) (result i64)
    (block $out (loop $next
      (br_if $out (i32.eqz (local.get $n)))
      (call $bump (i64.extend_i32_u (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next)))
    (global.get $counter)))
