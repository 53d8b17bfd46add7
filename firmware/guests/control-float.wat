;; The control loop of control-integer.wat on floats: samples and filter in f32, the controller in f64.
(module
  (import "device" "sensor" (func $sensor (param $channel i32) (result f32)))
  (import "device" "actuator" (func $actuator (param $value f32)))
  (memory 128 128 (pagesize 1))
  ;; 16 weights whose sum is 1: 1/64, 1/64, 2/64, 3/64, 4/64, 6/64, 7/64, 8/64, and back.
  (data (i32.const 64) "\00\00\80\3c\00\00\80\3c\00\00\00\3d\00\00\40\3d\00\00\80\3d\00\00\c0\3d\00\00\e0\3d\00\00\00\3e")
  (data (i32.const 96) "\00\00\00\3e\00\00\e0\3d\00\00\c0\3d\00\00\80\3d\00\00\40\3d\00\00\00\3d\00\00\80\3c\00\00\80\3c")
  (global $samples (mut i32) (i32.const 0))
  (global $integral (mut f64) (f64.const 0))

  (func $filter (result f32)
    (local $i i32) (local $sum f32)
    (loop $taps
      (local.set $sum
        (f32.add (local.get $sum)
          (f32.mul
            (f32.load offset=64 (i32.shl (local.get $i) (i32.const 2)))
            (f32.load (i32.shl (i32.and (i32.sub (global.get $samples) (local.get $i)) (i32.const 15)) (i32.const 2))))))
      (br_if $taps (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (local.get $sum))

  (func $clamp (param $value f64) (param $most f64) (result f64)
    (f64.max (f64.min (local.get $value) (local.get $most)) (f64.neg (local.get $most))))

  (func (export "cycle") (param $setpoint i32)
    (local $measured i32) (local $error f64)
    (loop $wait (br_if $wait (f32.eq (call $sensor (i32.const 1)) (f32.const 0))))
    (global.set $samples (i32.add (global.get $samples) (i32.const 1)))
    (f32.store (i32.shl (i32.and (global.get $samples) (i32.const 15)) (i32.const 2)) (call $sensor (i32.const 0)))
    ;; Whole units: infinity, from a reference that was lost, is none, and traps.
    (local.set $measured
      (i32.trunc_f32_s (f32.div (f32.mul (call $filter) (f32.const 1024)) (call $sensor (i32.const 2)))))
    (local.set $error (f64.sub (f64.convert_i32_s (local.get $setpoint)) (f64.convert_i32_s (local.get $measured))))
    (global.set $integral (call $clamp (f64.add (global.get $integral) (local.get $error)) (f64.const 20000)))
    (call $actuator
      (f32.demote_f64
        (f64.nearest
          (call $clamp
            (f64.add (f64.mul (local.get $error) (f64.const 0.5)) (f64.mul (global.get $integral) (f64.const 0.03125)))
            (f64.const 4000)))))))
