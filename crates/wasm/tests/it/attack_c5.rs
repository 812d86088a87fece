//! c5: whatever goes wrong in a controller is an error with its message, never null.

use valence_coprocessor_wasm::{CallError, CompileError, Export};

use crate::modules::{ECHO, entrypoint};
use crate::world::{World, call, failure, sandbox};

#[tokio::test]
async fn attack_c5_trap_is_an_error_with_its_reason() {
    for (code, reason) in [
        ("(unreachable)", "unreachable"),
        (
            "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
            "divide by zero",
        ),
        (
            "(drop (i32.load (i32.const 1000000)))",
            "out of bounds memory access",
        ),
    ] {
        let failed = failure(&sandbox(), &entrypoint(code)).await;
        let CallError::Trap { message } = &failed.error else {
            panic!("{code} must trap: {failed}");
        };
        assert!(message.contains(reason), "{message}");
    }
}

#[tokio::test]
async fn attack_c5_panic_ends_the_call_with_its_text() {
    let code =
        "(call $panic (i32.const 14) (i32.const 6)) (drop (call $ret (i32.const 0) (i32.const 0)))";
    let failed = failure(&sandbox(), &entrypoint(code)).await;
    assert_eq!(
        failed.error,
        CallError::Panic {
            message: "a text".to_owned()
        }
    );
}

#[tokio::test]
async fn attack_c5_panic_with_a_wild_pointer_is_still_a_panic() {
    let failed = failure(
        &sandbox(),
        &entrypoint("(call $panic (i32.const -1) (i32.const -1))"),
    )
    .await;
    assert!(matches!(failed.error, CallError::Panic { .. }), "{failed}");
}

#[tokio::test]
async fn attack_c5_missing_export_is_named() {
    let failed = call(
        &sandbox(),
        &World::new(),
        Export::GetWitnesses,
        &entrypoint("(nop)"),
        "{}",
    )
    .await
    .expect_err("there is no such export");
    assert_eq!(
        failed.error,
        CallError::MissingExport {
            export: Export::GetWitnesses
        }
    );
}

#[tokio::test]
async fn attack_c5_return_value_that_is_no_json_is_refused() {
    let wat = entrypoint("(drop (call $ret (i32.const 0) (i32.const 8)))")
        .replace("(export \"entrypoint\")", "(export \"get_witnesses\")");
    let failed = call(&sandbox(), &World::new(), Export::GetWitnesses, &wat, "{}")
        .await
        .expect_err("the return value is refused");
    assert!(
        matches!(
            failed.error,
            CallError::InvalidReturn {
                export: Export::GetWitnesses,
                ..
            }
        ),
        "{failed}"
    );
    assert!(
        failed
            .host_error
            .is_some_and(|reason| reason.starts_with("ret: "))
    );
}

#[tokio::test]
async fn attack_c5_export_of_another_type_is_refused_at_once() {
    for wat in [
        "(module (func (export \"entrypoint\") (param i32)))",
        "(module (func (export \"entrypoint\") (result i32) (i32.const 1)))",
        "(module (memory (export \"entrypoint\") 1))",
    ] {
        let wasm = wat::parse_str(wat).expect("the test's module is valid");
        let error = sandbox().compile(&wasm).expect_err("the module is refused");
        assert_eq!(
            error,
            CompileError::ExportType {
                export: Export::Entrypoint
            }
        );
    }
}

#[tokio::test]
async fn attack_c5_unknown_import_traps_when_it_is_called() {
    let wat = |code: &str| {
        format!(
            r#"(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32) (result i32)))
              (import "valence" "teleport" (func $teleport))
              (func (export "entrypoint") {code}))"#
        )
    };
    let loaded = call(
        &sandbox(),
        &World::new(),
        Export::Entrypoint,
        &wat("(nop)"),
        "{}",
    )
    .await;
    assert_eq!(loaded.expect("loading is fine").ret, b"null");
    for (code, name) in [
        (
            "(drop (call $write (i32.const 0)))",
            "wasi_snapshot_preview1::fd_write",
        ),
        ("(call $teleport)", "valence::teleport"),
    ] {
        let failed = failure(&sandbox(), &wat(code)).await;
        let CallError::Trap { message } = &failed.error else {
            panic!("{code} must trap: {failed}");
        };
        assert!(message.contains(name), "{message}");
    }
}

#[tokio::test]
async fn attack_c5_uploads_that_are_no_module_are_refused() {
    let sandbox = sandbox();
    let wasm = wat::parse_str(ECHO).expect("the test's module is valid");
    assert_eq!(
        sandbox.compile(b"").expect_err("empty"),
        CompileError::NotWasm
    );
    assert_eq!(
        sandbox.compile(b"\x7fELF").expect_err("an ELF"),
        CompileError::NotWasm
    );
    for length in [4, 7, 9, wasm.len() - 1] {
        let error = sandbox.compile(&wasm[..length]);
        assert!(
            matches!(error, Err(CompileError::Invalid { .. })),
            "{length}: {error:?}"
        );
    }
}
