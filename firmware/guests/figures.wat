;; What the figures in budgets.txt are about.
(module
  (memory 1024 1024 (pagesize 1))

  ;; Calls, comparisons, additions.
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fib (i32.sub (local.get $n) (i32.const 1)))
          (call $fib (i32.sub (local.get $n) (i32.const 2)))))))

  ;; Turns of: a load from one address, a store of it to the next.
  (func (export "copy") (param $turns i32) (result i32)
    (local $at i32)
    (loop $turn
      (i32.store offset=4 (local.get $at) (i32.load (local.get $at)))
      (local.set $at (i32.and (i32.add (local.get $at) (i32.const 4)) (i32.const 255)))
      (br_if $turn (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (local.get $at)))
