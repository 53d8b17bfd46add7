;; The other half of linked-filter.wat: the controller. It writes samples into the filter's memory, counts them in its global, puts a
;; function of its own into its table, and calls its functions, directly and through that table.
(module
  (type $bound (func (param f64 f64) (result f64)))
  (import "device" "sensor" (func $sensor (param $channel i32) (result f32)))
  (import "device" "actuator" (func $actuator (param $value f32)))
  (import "filter" "clamp" (func (type $bound)))
  (import "filter" "measure" (func $measure (param $reference f32) (result i32)))
  (import "filter" "samples" (memory 128 128 (pagesize 1)))
  (import "filter" "taken" (global $taken (mut i32)))
  (import "filter" "bounds" (table 2 2 funcref))
  (elem (i32.const 1) func $near)
  (global $integral (mut f64) (f64.const 0))

  ;; As the filter's, by comparisons.
  (func $near (export "near") (type $bound) (param $value f64) (param $most f64) (result f64)
    (if (f64.gt (local.get $value) (local.get $most)) (then (return (local.get $most))))
    (if (f64.lt (local.get $value) (f64.neg (local.get $most))) (then (return (f64.neg (local.get $most)))))
    (local.get $value))

  (func (export "cycle") (param $setpoint i32)
    (local $error f64)
    (loop $wait (br_if $wait (f32.eq (call $sensor (i32.const 1)) (f32.const 0))))
    (global.set $taken (i32.add (global.get $taken) (i32.const 1)))
    (f32.store (i32.shl (i32.and (global.get $taken) (i32.const 15)) (i32.const 2)) (call $sensor (i32.const 0)))
    (local.set $error
      (f64.sub (f64.convert_i32_s (local.get $setpoint)) (f64.convert_i32_s (call $measure (call $sensor (i32.const 2))))))
    (global.set $integral
      (call_indirect (type $bound) (f64.add (global.get $integral) (local.get $error)) (f64.const 20000) (i32.const 0)))
    (call $actuator
      (f32.demote_f64
        (f64.nearest
          (call_indirect (type $bound)
            (f64.add (f64.mul (local.get $error) (f64.const 0.5)) (f64.mul (global.get $integral) (f64.const 0.03125)))
            (f64.const 4000)
            (i32.const 1)))))))
