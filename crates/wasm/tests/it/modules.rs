//! Modules in text form.

use std::fmt::Write;

/// Returns its arguments from every export.
pub(crate) const ECHO: &str = r#"(module
  (import "valence" "args" (func $args (param i32) (result i32)))
  (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
  (memory (export "memory") 257)
  (func $echo (drop (call $ret (i32.const 1024) (call $args (i32.const 1024)))))
  (export "get_witnesses" (func $echo))
  (export "entrypoint" (func $echo))
  (export "validate_block" (func $echo))
  (export "get_state_proof" (func $echo)))"#;

/// An argument of an import.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Argument<'a> {
    /// Pointer and length of bytes.
    Slice(&'a [u8]),
    /// Pointer to bytes whose length the import knows.
    Fixed(&'a [u8]),
    /// Where the result goes.
    Out,
    /// A number as it is.
    Number(i32),
}

/// A module whose entry point calls one import, stores the answer in the file `code`, and the bytes that the import
/// wrote in the raw storage.
pub(crate) fn probe(module: &str, import: &str, arguments: &[Argument<'_>]) -> String {
    const OUT: i32 = 0x10_0000;
    let mut data = String::new();
    let mut values = String::new();
    let mut offset = 64;
    let mut parameters = 0;
    for argument in arguments {
        let numbers: Vec<i32> = match argument {
            Argument::Slice(bytes) | Argument::Fixed(bytes) => {
                let text: String = bytes.iter().fold(String::new(), |mut text, byte| {
                    write!(text, "\\{byte:02x}").expect("writing to a text succeeds");
                    text
                });
                writeln!(data, "(data (i32.const {offset}) \"{text}\")")
                    .expect("writing to a text succeeds");
                let start = offset;
                let length = i32::try_from(bytes.len()).expect("test data is small");
                offset += length + 8;
                match argument {
                    Argument::Slice(_) => vec![start, length],
                    _ => vec![start],
                }
            }
            Argument::Out => vec![OUT],
            Argument::Number(number) => vec![*number],
        };
        for number in numbers {
            parameters += 1;
            write!(values, " (i32.const {number})").expect("writing to a text succeeds");
        }
    }
    let parameters = "i32 ".repeat(parameters);
    format!(
        r#"(module
  (import "{module}" "{import}" (func $import (param {parameters}) (result i32)))
  (import "valence" "set_storage_file" (func $set_file (param i32 i32 i32 i32) (result i32)))
  (import "valence" "set_raw_storage" (func $set_raw (param i32 i32) (result i32)))
  (memory (export "memory") 64)
  (data (i32.const 0) "code")
  {data}
  (func (export "entrypoint") (local $code i32)
    (local.set $code (call $import{values}))
    (i32.store (i32.const 8) (local.get $code))
    (drop (call $set_file (i32.const 0) (i32.const 4) (i32.const 8) (i32.const 4)))
    (if (i32.gt_s (local.get $code) (i32.const 0))
      (then (drop (call $set_raw (i32.const {OUT}) (local.get $code)))))))"#
    )
}

/// A module whose entry point is this code; `$log`, `$ret`, `$args` and `$panic` are imported.
pub(crate) fn entrypoint(code: &str) -> String {
    format!(
        r#"(module
  (import "valence" "args" (func $args (param i32) (result i32)))
  (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
  (import "valence" "log" (func $log (param i32 i32) (result i32)))
  (import "valence" "panic" (func $panic (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "not json, but a text")
  (func $entry (export "entrypoint") {code}))"#
    )
}
