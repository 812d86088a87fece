//! c4: controllers that want all of something get a named error, and the others do not notice.

use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor_wasm::{CallError, CompileError, Export, Limits};

use crate::modules::{Argument, ECHO, entrypoint, probe};
use crate::world::{World, call, failure, limits, sandbox, sandbox_with};

const FOREVER: &str = "(loop $forever (br $forever))";

#[tokio::test]
async fn attack_c4_infinite_loop_in_an_export_runs_out_of_fuel() {
    let failed = failure(&sandbox(), &entrypoint(FOREVER)).await;
    assert_eq!(
        failed.error,
        CallError::FuelExhausted {
            limit: limits().fuel
        }
    );
}

#[tokio::test]
async fn attack_c4_infinite_loop_in_start_runs_out_of_fuel() {
    let wat =
        format!(r#"(module (func $start {FOREVER}) (func (export "entrypoint")) (start $start))"#);
    let failed = failure(&sandbox(), &wat).await;
    assert_eq!(
        failed.error,
        CallError::FuelExhausted {
            limit: limits().fuel
        }
    );
}

#[tokio::test]
async fn attack_c4_infinite_loop_with_much_fuel_meets_the_deadline() {
    let limit = Duration::from_millis(100);
    let sandbox = sandbox_with(Limits {
        fuel: u64::MAX,
        duration: limit,
        ..limits()
    });
    let failed = failure(&sandbox, &entrypoint(FOREVER)).await;
    assert_eq!(failed.error, CallError::DeadlineExceeded { limit });
}

#[tokio::test]
async fn attack_c4_infinite_loop_lets_others_run_on_the_same_thread() {
    let sandbox = sandbox_with(Limits {
        fuel: u64::MAX,
        duration: Duration::from_secs(3),
        ..limits()
    });
    let slow = {
        let sandbox = sandbox.clone();
        tokio::spawn(async move { failure(&sandbox, &entrypoint(FOREVER)).await })
    };
    tokio::task::yield_now().await;
    let outcome = call(&sandbox, &World::new(), Export::Entrypoint, ECHO, "[1]").await;
    assert_eq!(outcome.expect("the echo answers").ret, b"[1]");
    assert!(
        !slow.is_finished(),
        "the echo must not wait for the slow controller"
    );
    slow.await.expect("the slow controller ends");
}

#[tokio::test]
async fn attack_c4_memory_growth_ends_at_the_limit() {
    let wat = entrypoint("(loop $grow (drop (memory.grow (i32.const 16))) (br $grow))");
    let failed = failure(&sandbox(), &wat).await;
    assert_eq!(
        failed.error,
        CallError::MemoryLimit {
            limit: limits().memory_bytes
        }
    );
}

#[tokio::test]
async fn attack_c4_memory_of_a_module_is_limited_before_it_runs() {
    let wasm = wat::parse_str("(module (memory 60000))").expect("the test's module is valid");
    let error = sandbox().compile(&wasm).expect_err("the module is refused");
    assert!(matches!(error, CompileError::Invalid { .. }), "{error}");
}

#[tokio::test]
async fn attack_c4_table_growth_ends_at_the_limit() {
    let wat = r#"(module (table $table 1 funcref) (func (export "entrypoint")
      (loop $grow (drop (table.grow $table (ref.null func) (i32.const 4096))) (br $grow))))"#;
    let failed = failure(&sandbox(), wat).await;
    assert_eq!(
        failed.error,
        CallError::TableLimit {
            limit: limits().table_elements
        }
    );
}

#[tokio::test]
async fn attack_c4_million_log_lines_end_at_the_limit() {
    let wat = entrypoint(
        "(local $left i32) (local.set $left (i32.const 1000000))
         (loop $more
           (drop (call $log (i32.const 0) (i32.const 8)))
           (local.set $left (i32.sub (local.get $left) (i32.const 1)))
           (br_if $more (local.get $left)))",
    );
    let failed = failure(&sandbox(), &wat).await;
    let (lines, bytes) = (limits().log_lines, limits().log_bytes);
    assert_eq!(failed.error, CallError::LogLimit { lines, bytes });
    assert_eq!(
        failed.log.len(),
        lines,
        "what was logged until then is kept"
    );
}

#[tokio::test]
async fn attack_c4_log_bytes_are_limited() {
    let wat = entrypoint(
        "(drop (memory.grow (i32.const 15)))
         (loop $more (drop (call $log (i32.const 64) (i32.const 600000))) (br $more))",
    );
    let failed = failure(&sandbox(), &wat).await;
    assert!(
        matches!(failed.error, CallError::LogLimit { .. }),
        "{failed}"
    );
    assert_eq!(failed.log.len(), 1);
}

#[tokio::test]
async fn attack_c4_return_of_a_gibibyte_is_refused() {
    let wat = entrypoint("(drop (call $ret (i32.const 0) (i32.const 1073741824)))");
    let failed = failure(&sandbox(), &wat).await;
    let limit = limits().value_bytes;
    assert_eq!(
        failed.error,
        CallError::OutputLimit {
            got: 1 << 30,
            limit
        }
    );
}

#[tokio::test]
async fn attack_c4_deep_recursion_overflows_the_stack() {
    let failed = failure(&sandbox(), &entrypoint("(call $entry)")).await;
    assert_eq!(failed.error, CallError::StackOverflow);
}

#[tokio::test]
async fn attack_c4_host_calls_are_limited() {
    let sandbox = sandbox_with(Limits {
        host_calls: 50,
        ..limits()
    });
    let wat = r#"(module
      (import "valence" "get_raw_storage" (func $raw (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "entrypoint") (loop $more (drop (call $raw (i32.const 0))) (br $more))))"#;
    let failed = failure(&sandbox, wat).await;
    assert_eq!(failed.error, CallError::HostCallLimit { limit: 50 });
}

#[tokio::test]
async fn attack_c4_arguments_are_limited() {
    let sandbox = sandbox_with(Limits {
        value_bytes: 100,
        ..limits()
    });
    let args = format!("\"{}\"", "x".repeat(200));
    let failed = call(&sandbox, &World::new(), Export::Entrypoint, ECHO, &args)
        .await
        .expect_err("the arguments are refused");
    assert_eq!(
        failed.error,
        CallError::ArgumentsTooLarge {
            got: 202,
            limit: 100
        }
    );
}

/// Pointers and lengths at the edges of memory and of 32 bits answer a code.
#[tokio::test]
async fn attack_c4_pointers_out_of_bounds_answer_a_code() {
    let sandbox = sandbox();
    let end = 64 * 65536;
    for (import, arguments, expected) in [
        ("args", vec![Argument::Number(-1)], -2),
        ("args", vec![Argument::Number(end - 1)], -2),
        ("get_controller", vec![Argument::Number(end - 31)], -2),
        ("log", vec![Argument::Number(-1), Argument::Number(1)], -6),
        ("log", vec![Argument::Number(end), Argument::Number(1)], -6),
        (
            "set_raw_storage",
            vec![Argument::Number(1), Argument::Number(end)],
            -6,
        ),
        (
            "set_raw_storage",
            vec![Argument::Number(1), Argument::Number(-1)],
            -6,
        ),
        (
            "get_historical_update",
            vec![Argument::Number(end - 31), Argument::Out],
            -6,
        ),
        (
            "ret",
            vec![Argument::Number(end - 1), Argument::Number(4)],
            -6,
        ),
    ] {
        let host = World::new();
        let wat = probe("valence", import, &arguments);
        call(&sandbox, &host, Export::Entrypoint, &wat, "{}")
            .await
            .expect("the call ends well");
        assert_eq!(host.probed().0, expected, "{import} {arguments:?}");
    }
}

/// Every slot is taken by controllers that never end; the next call waits for one, and its own time is limited.
#[tokio::test]
async fn attack_c4_full_pool_makes_calls_wait_no_longer_than_their_time() {
    let limit = Duration::from_millis(300);
    let sandbox = sandbox_with(Limits {
        fuel: u64::MAX,
        duration: limit,
        ..limits()
    });
    let forever = Arc::new(entrypoint(FOREVER));
    let calls: Vec<_> = (0..9)
        .map(|_| {
            let (sandbox, forever) = (sandbox.clone(), Arc::clone(&forever));
            tokio::spawn(async move { failure(&sandbox, &forever).await })
        })
        .collect();
    for call in calls {
        let failed = call.await.expect("the call ends");
        assert_eq!(failed.error, CallError::DeadlineExceeded { limit });
    }
    let outcome = call(&sandbox, &World::new(), Export::Entrypoint, ECHO, "7").await;
    assert_eq!(outcome.expect("the pool is free again").ret, b"7");
}
