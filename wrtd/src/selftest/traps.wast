;; A trap ends the call, and nothing else: the instance lives on.
(module
  (global $steps (mut i32) (i32.const 0))
  (func (export "stop") (global.set $steps (i32.add (global.get $steps) (i32.const 1))) (unreachable))
  (func (export "steps") (result i32) (global.get $steps))
  (func $deep (param i64 i64 i64 i64) (call $deep (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
  (func (export "deep") (call $deep (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0))))

(assert_trap (invoke "stop") "unreachable")
(assert_trap (invoke "stop") "unreachable")
(assert_return (invoke "steps") (i32.const 2))
(assert_exhaustion (invoke "deep") "call stack exhausted")
(assert_return (invoke "steps") (i32.const 2))
(assert_trap (module (memory 1) (data (i32.const 65536) "x")) "out of bounds memory access")
(assert_trap (module (func $start (unreachable)) (start $start)) "unreachable")
