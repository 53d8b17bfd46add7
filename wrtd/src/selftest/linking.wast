;; Several modules in one store share memories, tables, globals and functions.
(module $library
  (memory (export "memory") 1)
  (global $counter (export "counter") (mut i32) (i32.const 5))
  (table (export "table") 2 funcref)
  (func (export "bump") (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (global.get $counter)))
(register "library" $library)

(module $user
  (import "library" "memory" (memory 1))
  (import "library" "counter" (global $counter (mut i32)))
  (import "library" "table" (table 2 funcref))
  (import "library" "bump" (func $bump (result i32)))
  (elem (i32.const 1) func $local)
  (func $local (result i32) (i32.const 77))
  (func (export "bump") (result i32) (call $bump))
  (func (export "counter") (result i32) (global.get $counter))
  (func (export "write") (i32.store (i32.const 8) (i32.const 1234)))
  (func (export "through_table") (result i32) (call_indirect (result i32) (i32.const 1))))
(assert_return (invoke "bump") (i32.const 6))
(assert_return (get $library "counter") (i32.const 6))
(assert_return (invoke $library "bump") (i32.const 7))
(assert_return (invoke $user "counter") (i32.const 7))
(assert_return (invoke $user "through_table") (i32.const 77))
(invoke $user "write")

(module
  (import "library" "memory" (memory 1))
  (import "library" "table" (table 2 funcref))
  (func (export "read") (result i32) (i32.load (i32.const 8)))
  (func (export "through_table") (result i32) (call_indirect (result i32) (i32.const 1))))
(assert_return (invoke "read") (i32.const 1234))
(assert_return (invoke "through_table") (i32.const 77))

(assert_unlinkable (module (import "library" "nothing" (func))) "unknown import")
(assert_unlinkable (module (import "library" "bump" (func))) "incompatible import type")
(assert_unlinkable (module (import "library" "memory" (memory 2))) "incompatible import type")
