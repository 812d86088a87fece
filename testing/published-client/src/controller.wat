;; A controller as published ones are: it echoes, and stores what it is told to under the path that the text names.
(module
  (import "valence" "args" (func $args (param i32) (result i32)))
  (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
  (import "valence" "log" (func $log (param i32 i32) (result i32)))
  (import "valence" "set_storage_file" (func $set_file (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 64)
  (data (i32.const 0) "[{\"Data\":[42,0,0,0,0,0,0,0]}]")
  (data (i32.const 64) "\"path\":\"")
  (data (i32.const 96) "called")
  (global $at i32 (i32.const 65536))

  ;; Where the text after `"path":"` begins, or 0.
  (func $find (param $length i32) (result i32)
    (local $place i32) (local $index i32)
    (local.set $place (global.get $at))
    (block $none
      (loop $next
        (br_if $none
          (i32.gt_u (i32.add (local.get $place) (i32.const 8))
                    (i32.add (global.get $at) (local.get $length))))
        (local.set $index (i32.const 0))
        (block $differs
          (loop $compare
            (br_if $differs
              (i32.ne (i32.load8_u (i32.add (local.get $place) (local.get $index)))
                      (i32.load8_u (i32.add (i32.const 64) (local.get $index)))))
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br_if $compare (i32.lt_u (local.get $index) (i32.const 8))))
          (return (i32.add (local.get $place) (i32.const 8))))
        (local.set $place (i32.add (local.get $place) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "get_witnesses")
    (drop (call $ret (i32.const 0) (i32.const 29))))

  (func (export "entrypoint")
    (local $length i32) (local $path i32) (local $end i32)
    (local.set $length (call $args (global.get $at)))
    (drop (call $log (i32.const 96) (i32.const 6)))
    (local.set $path (call $find (local.get $length)))
    (if (local.get $path)
      (then
        (local.set $end (local.get $path))
        (block $done
          (loop $next
            (br_if $done (i32.eq (i32.load8_u (local.get $end)) (i32.const 34)))
            (local.set $end (i32.add (local.get $end) (i32.const 1)))
            (br $next)))
        (drop (call $set_file
          (local.get $path) (i32.sub (local.get $end) (local.get $path))
          (global.get $at) (local.get $length)))))
    (drop (call $ret (global.get $at) (local.get $length))))

  (func (export "validate_block")
    (drop (call $ret (global.get $at) (call $args (global.get $at))))))
