//! Small controllers in WebAssembly text.

use serde_json::Value;

/// The imports that the controllers below use, and memory for them.
const HEAD: &str = r#"
    (import "valence" "args" (func $args (param i32) (result i32)))
    (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
    (import "valence" "log" (func $log (param i32 i32) (result i32)))
    (import "valence" "panic" (func $panic (param i32 i32)))
    (import "valence" "set_raw_storage" (func $set_raw (param i32 i32) (result i32)))
    (import "valence" "get_raw_storage" (func $raw (param i32) (result i32)))
    (import "valence" "set_storage_file" (func $set_file (param i32 i32 i32 i32) (result i32)))
    (import "valence" "get_state_proof" (func $state_proof (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 512)
    (data (i32.const 0) "/outcome.json")
    (data (i32.const 32) "looped")
    (data (i32.const 64) "a message of the panic")
    (data (i32.const 128) "{ not json")
    (data (i32.const 160) "[]")
    (func $echo (local $length i32)
        (local.set $length (call $args (i32.const 1024)))
        (drop (call $ret (i32.const 1024) (local.get $length))))
"#;

fn module(body: &str) -> Vec<u8> {
    module_with("", body)
}

/// Imports come first in a module.
fn module_with(imports: &str, body: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {imports} {HEAD} {body})")).expect("the text is a module")
}

/// Returns its arguments from every export.
pub(crate) fn echo() -> Vec<u8> {
    module(
        r#"(export "get_witnesses" (func $echo)) (export "entrypoint" (func $echo))
           (export "validate_block" (func $echo)) (export "get_state_proof" (func $echo))"#,
    )
}

/// Gives its arguments as witnesses, and keeps what its entry point is told in `/outcome.json`.
pub(crate) fn keeper() -> Vec<u8> {
    module(
        r#"(export "get_witnesses" (func $echo))
           (func (export "entrypoint") (local $length i32)
                (local.set $length (call $args (i32.const 1024)))
                (drop (call $set_file (i32.const 0) (i32.const 13) (i32.const 1024) (local.get $length)))
                (drop (call $ret (i32.const 1024) (local.get $length))))"#,
    )
}

/// The same, but first reads what it stored, and does not care whether it can.
pub(crate) fn reader() -> Vec<u8> {
    module(
        r#"(func (export "get_witnesses")
                (drop (call $raw (i32.const 65536)))
                (call $echo))
           (func (export "entrypoint") (local $length i32)
                (drop (call $raw (i32.const 65536)))
                (local.set $length (call $args (i32.const 1024)))
                (drop (call $set_file (i32.const 0) (i32.const 13) (i32.const 1024) (local.get $length))))"#,
    )
}

/// Gives witnesses; its entry point writes a file and then does `end`.
pub(crate) fn writes_then(end: &str) -> Vec<u8> {
    module(&format!(
        r#"(export "get_witnesses" (func $echo))
           (func (export "entrypoint")
                (drop (call $log (i32.const 32) (i32.const 6)))
                (drop (call $set_file (i32.const 0) (i32.const 13) (i32.const 32) (i32.const 6)))
                {end})"#,
    ))
}

/// Ends of [`writes_then`].
pub(crate) const TRAP: &str = "unreachable";
pub(crate) const PANIC: &str = "(call $panic (i32.const 64) (i32.const 22)) unreachable";
pub(crate) const INVALID_JSON: &str = "(drop (call $ret (i32.const 128) (i32.const 10)))";
pub(crate) const LOOP: &str = "(loop $forever (br $forever))";

/// No export at all.
pub(crate) fn mute() -> Vec<u8> {
    module("")
}

/// A domain `looped` whose state proofs ask for a state proof of `looped`; and a circuit that asks for one.
pub(crate) fn recursive() -> Vec<u8> {
    module(
        r#"(func $ask (local $length i32)
                (local.set $length (call $state_proof
                    (i32.const 32) (i32.const 6) (i32.const 160) (i32.const 2) (i32.const 1024)))
                (if (i32.lt_s (local.get $length) (i32.const 0)) (then unreachable))
                (drop (call $ret (i32.const 160) (i32.const 2))))
           (export "get_witnesses" (func $ask)) (export "get_state_proof" (func $ask))"#,
    )
}

/// A circuit's controller that asks the domain `looped` for a state proof, and gives no witnesses.
pub(crate) fn asks_domain() -> Vec<u8> {
    module(
        r#"(func (export "get_witnesses") (local $length i32)
                (local.set $length (call $args (i32.const 1024)))
                (if (i32.lt_s (call $state_proof
                        (i32.const 32) (i32.const 6) (i32.const 1024) (local.get $length) (i32.const 65536))
                    (i32.const 0)) (then unreachable))
                (drop (call $ret (i32.const 160) (i32.const 2))))"#,
    )
}

/// A domain's controller that writes its raw storage when asked for a state proof, and validates with it.
pub(crate) fn writing_domain() -> Vec<u8> {
    module(
        r#"(func (export "get_state_proof") (local $length i32)
                (local.set $length (call $args (i32.const 1024)))
                (drop (call $set_raw (i32.const 1024) (local.get $length)))
                (drop (call $ret (i32.const 1024) (local.get $length))))
           (func (export "validate_block") (local $length i32)
                (local.set $length (call $raw (i32.const 1024)))
                (drop (call $ret (i32.const 1024) (local.get $length))))"#,
    )
}

/// A domain that takes every block which its light client has accepted for `block`, and traps on others.
pub(crate) fn proven_as(block: &Value) -> Vec<u8> {
    let json = block.to_string();
    let text = json.replace('"', "\\22");
    let imports =
        r#"(import "valence_v2" "light_client_step" (func $step (param i32) (result i32)))"#;
    let body = format!(
        r#"(data (i32.const 4096) "{text}")
           (func (export "validate_block")
                (if (i32.ne (call $step (i32.const 1024)) (i32.const 144)) (then unreachable))
                (drop (call $ret (i32.const 4096) (i32.const {}))))"#,
        json.len()
    );
    module_with(imports, &body)
}
