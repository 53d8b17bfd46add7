;; One half of a control loop on floats: what samples are kept in, filtered and bounded with. linked-control.wat is the other one, and
;; imports everything that is exported here, as "filter". Together they do what control-float.wat does.
(module
  (type $bound (func (param f64 f64) (result f64)))
  (memory (export "samples") 128 128 (pagesize 1))
  ;; 16 weights whose sum is 1: 1/64, 1/64, 2/64, 3/64, 4/64, 6/64, 7/64, 8/64, and back.
  (data (i32.const 64) "\00\00\80\3c\00\00\80\3c\00\00\00\3d\00\00\40\3d\00\00\80\3d\00\00\c0\3d\00\00\e0\3d\00\00\00\3e")
  (data (i32.const 96) "\00\00\00\3e\00\00\e0\3d\00\00\c0\3d\00\00\80\3d\00\00\40\3d\00\00\00\3d\00\00\80\3c\00\00\80\3c")
  (global $taken (export "taken") (mut i32) (i32.const 0))
  ;; What bounds the integral, and, from the other half, what bounds the output.
  (table (export "bounds") 2 2 funcref)
  (elem (i32.const 0) func $clamp)

  (func $clamp (export "clamp") (type $bound) (param $value f64) (param $most f64) (result f64)
    (f64.max (f64.min (local.get $value) (local.get $most)) (f64.neg (local.get $most))))

  ;; Whole units: infinity, from a reference that was lost, is none, and traps.
  (func (export "measure") (param $reference f32) (result i32)
    (local $i i32) (local $sum f32)
    (loop $taps
      (local.set $sum
        (f32.add (local.get $sum)
          (f32.mul
            (f32.load offset=64 (i32.shl (local.get $i) (i32.const 2)))
            (f32.load (i32.shl (i32.and (i32.sub (global.get $taken) (local.get $i)) (i32.const 15)) (i32.const 2))))))
      (br_if $taps (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (i32.trunc_f32_s (f32.div (f32.mul (local.get $sum) (f32.const 1024)) (local.get $reference)))))
