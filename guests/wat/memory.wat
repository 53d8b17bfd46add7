;; Linear memory: every load and store, bounds, growth, bulk operators, segments.
(module
  (memory (export "memory") 1 3)
  (data (i32.const 16) "\01\82\83\84\85\86\87\88\f9\fa\fb\fc\fd\fe\ff\00")
  (data $passive "the quick brown guest jumps over the lazy host")

  ;; i32: load8_s, load8_u, load16_s, load16_u, load
  (func (export "loads32") (param i32) (result i32 i32 i32 i32 i32)
    (i32.load8_s (local.get 0)) (i32.load8_u (local.get 0)) (i32.load16_s (local.get 0)) (i32.load16_u (local.get 0))
    (i32.load (local.get 0)))
  (func (export "loads64") (param i32) (result i64 i64 i64 i64 i64 i64 i64)
    (i64.load8_s (local.get 0)) (i64.load8_u (local.get 0)) (i64.load16_s (local.get 0)) (i64.load16_u (local.get 0))
    (i64.load32_s (local.get 0)) (i64.load32_u (local.get 0)) (i64.load (local.get 0)))
  (func (export "floats") (param i32) (result f32 f64) (f32.load (local.get 0)) (f64.load (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load64") (param i32) (result i64) (i64.load (local.get 0)))
  ;; With offsets, one of them the greatest there is.
  (func (export "load_at_8") (param i32) (result i32) (i32.load offset=8 align=1 (local.get 0)))
  (func (export "load_far") (param i32) (result i32) (i32.load8_u offset=0xffffffff (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "store8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "store16") (param i32 i32) (i32.store16 offset=2 (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "store8_64") (param i32 i64) (i64.store8 (local.get 0) (local.get 1)))
  (func (export "store16_64") (param i32 i64) (i64.store16 (local.get 0) (local.get 1)))
  (func (export "store32_64") (param i32 i64) (i64.store32 (local.get 0) (local.get 1)))
  (func (export "store_f32") (param i32 f32) (f32.store (local.get 0) (local.get 1)))
  (func (export "store_f64") (param i32 f64) (f64.store (local.get 0) (local.get 1)))
  ;; Scaled indexing, as arrays have it.
  (func (export "nth") (param $base i32) (param $i i32) (result i32)
    (i32.load offset=4 (i32.add (local.get $base) (i32.shl (local.get $i) (i32.const 2)))))

  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $passive (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $passive))

  ;; A digest of n bytes from p on.
  (func (export "digest") (param $p i32) (param $n i32) (result i32)
    (local $d i32)
    (block $out (loop $next
      (br_if $out (i32.eqz (local.get $n)))
      (local.set $d (i32.mul (i32.xor (local.get $d) (i32.load8_u (local.get $p))) (i32.const 0x01000193)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next)))
    (local.get $d))
  ;; Fills one byte after the other until memory ends: the trap leaves what was written.
  (func (export "run_off") (param $p i32)
    (loop $next
      (i32.store8 (local.get $p) (i32.const 0xaa))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br $next))))
