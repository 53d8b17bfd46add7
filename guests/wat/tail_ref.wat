;; Typed function references: call_ref, return_call_ref, br_on_null.
(module
  (type $unary (func (param i32) (result i32)))
  (type $loop (func (param i32 i32) (result i32)))
  (global $chosen (mut (ref null $unary)) (ref.null $unary))
  (elem declare func $inc $triple $spin)

  (func $inc (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $triple (type $unary) (i32.mul (local.get 0) (i32.const 3)))

  ;; 0 chooses nothing.
  (func (export "choose") (param i32)
    (block $none (block $triple (block $inc
      (br_table $none $inc $triple $none (local.get 0)))
      (global.set $chosen (ref.func $inc)) (return))
      (global.set $chosen (ref.func $triple)) (return))
    (global.set $chosen (ref.null $unary)))

  (func (export "call") (param i32) (result i32)
    (call_ref $unary (local.get 0) (global.get $chosen)))
  (func (export "tail") (param i32) (result i32)
    (return_call_ref $unary (local.get 0) (global.get $chosen)))
  (func (export "call_or") (param i32 i32) (result i32)
    (block $none
      (return (call_ref $unary (local.get 0) (br_on_null $none (global.get $chosen)))))
    (local.get 1))

  (func $spin (type $loop)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_ref $loop
      (i32.sub (local.get 0) (i32.const 1))
      (i32.xor (i32.rotl (local.get 1) (i32.const 3)) (local.get 0))
      (ref.func $spin)))
  (func (export "spin") (param i32 i32) (result i32)
    (return_call_ref $loop (local.get 0) (local.get 1) (ref.func $spin))))
