;; A control loop on integers, for processors without floats: a filter of 16 taps, a reference measurement that cancels the
;; sensor's gain, and a controller with proportional and integral part. Its state is a ring of samples in 128 bytes
;; of memory, a global, and weights from a data segment: a restart has to put all of them back.
(module
  (import "device" "sensor" (func $sensor (param $channel i32) (result i32)))
  (import "device" "actuator" (func $actuator (param $value i32)))
  (memory 128 128 (pagesize 1))
  ;; 16 weights whose sum is 64.
  (data (i32.const 64) "\01\00\00\00\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00\06\00\00\00\07\00\00\00\08\00\00\00")
  (data (i32.const 96) "\08\00\00\00\07\00\00\00\06\00\00\00\04\00\00\00\03\00\00\00\02\00\00\00\01\00\00\00\01\00\00\00")
  (global $samples (mut i32) (i32.const 0))
  (global $integral (mut i32) (i32.const 0))

  (func $filter (result i32)
    (local $i i32) (local $sum i32)
    (loop $taps
      (local.set $sum
        (i32.add (local.get $sum)
          (i32.mul
            (i32.load offset=64 (i32.shl (local.get $i) (i32.const 2)))
            (i32.load (i32.shl (i32.and (i32.sub (global.get $samples) (local.get $i)) (i32.const 15)) (i32.const 2))))))
      (br_if $taps (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (i32.shr_s (local.get $sum) (i32.const 6)))

  (func $clamp (param $value i32) (param $most i32) (result i32)
    (if (result i32) (i32.gt_s (local.get $value) (local.get $most))
      (then (local.get $most))
      (else
        (if (result i32) (i32.lt_s (local.get $value) (i32.sub (i32.const 0) (local.get $most)))
          (then (i32.sub (i32.const 0) (local.get $most)))
          (else (local.get $value))))))

  (func (export "cycle") (param $setpoint i32)
    (local $error i32)
    ;; Channel 1: the converter is ready. One that never is makes this a guest that never ends.
    (loop $wait (br_if $wait (i32.eqz (call $sensor (i32.const 1)))))
    (global.set $samples (i32.add (global.get $samples) (i32.const 1)))
    (i32.store (i32.shl (i32.and (global.get $samples) (i32.const 15)) (i32.const 2)) (call $sensor (i32.const 0)))
    ;; Channel 2: the reference, 1024 where the gain is right. One that is lost makes this a division by zero.
    (local.set $error
      (i32.sub (local.get $setpoint)
        (i32.div_s (i32.shl (call $filter) (i32.const 10)) (call $sensor (i32.const 2)))))
    (global.set $integral (call $clamp (i32.add (global.get $integral) (local.get $error)) (i32.const 20000)))
    (call $actuator
      (call $clamp
        (i32.add (i32.shr_s (local.get $error) (i32.const 1)) (i32.shr_s (global.get $integral) (i32.const 5)))
        (i32.const 4000)))))
