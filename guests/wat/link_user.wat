;; Lives in the memory, table and globals of link_provider.wat, which it imports as "provider".
(module
  (type $unary (func (param i32) (result i32)))
  (import "provider" "memory" (memory 1))
  (import "provider" "table" (table 4 funcref))
  (import "provider" "count" (global $count (mut i32)))
  (import "provider" "base" (global $base i32))
  (import "provider" "read" (func $read (type $unary)))
  (import "provider" "apply" (func $apply (param i32 i32) (result i32)))
  (import "provider" "divide" (func $divide (param i32 i32) (result i32)))
  ;; Its own function goes into the provider's table, its own bytes next to the provider's.
  (elem (i32.const 2) func $triple_and_count)
  (data (offset (i32.add (global.get $base) (i32.const 8))) "\0b\00\00\00")
  ;; A memory of its own beside it would need multi-memory; a global of its own does not.
  (global $own (mut i32) (i32.const 0))

  (func $triple_and_count (type $unary)
    (global.set $own (i32.add (global.get $own) (i32.const 1)))
    (global.set $count (i32.add (global.get $count) (i32.const 10)))
    (i32.mul (local.get 0) (i32.const 3)))

  ;; The sum of the provider's two words and our own, read by the provider.
  (func (export "sum") (result i32)
    (i32.add (i32.add (call $read (global.get $base)) (call $read (i32.add (global.get $base) (i32.const 4))))
      (call $read (i32.add (global.get $base) (i32.const 8)))))
  ;; Into the provider and back: slot 0 is the provider's, 2 ours, 1 and 3 empty.
  (func (export "apply") (param i32 i32) (result i32) (call $apply (local.get 0) (local.get 1)))
  (func (export "apply_direct") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0)))
  (func (export "counts") (result i32 i32) (global.get $count) (global.get $own))
  (func (export "store_and_read") (param i32 i32) (result i32)
    (i32.store (local.get 0) (local.get 1))
    (call $read (local.get 0)))
  ;; Growing is seen on both sides.
  (func (export "grow") (param i32) (result i32 i32)
    (memory.grow (local.get 0)) (memory.size))
  ;; A trap in the provider passes through us.
  (func (export "divide") (param i32 i32) (result i32)
    (global.set $own (i32.add (global.get $own) (i32.const 1000)))
    (call $divide (local.get 0) (local.get 1)))
  ;; n calls over the border and back.
  (func (export "ping_pong") (param $n i32) (result i32)
    (local $x i32)
    (block $out (loop $next
      (br_if $out (i32.eqz (local.get $n)))
      (local.set $x (i32.add (local.get $n) (call $apply (i32.const 2) (local.get $x))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next)))
    (local.get $x)))
