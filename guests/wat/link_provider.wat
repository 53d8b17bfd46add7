;; Gives another module its memory, table, globals and functions, and calls back what that one puts into the table.
(module
  (type $unary (func (param i32) (result i32)))
  (memory (export "memory") 1 2)
  (table (export "table") 4 funcref)
  (global $count (export "count") (mut i32) (i32.const 100))
  (global (export "base") i32 (i32.const 64))
  (elem (i32.const 0) func $square)
  (data (i32.const 64) "\05\00\00\00\07\00\00\00")

  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  ;; Reads a word of the memory and counts.
  (func (export "read") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.load (local.get 0)))
  (func (export "count_now") (result i32) (global.get $count))
  ;; Whatever stands in the table, of whichever instance.
  (func (export "apply") (param $slot i32) (param i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get $slot)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
