//! c11: whatever is uploaded as a module is compiled or refused; whatever compiles ends.

use std::sync::Arc;

use proptest::prelude::*;
use valence_coprocessor_wasm::{Call, Export, Host, Limits, Sandbox};

use crate::modules::ECHO;
use crate::world::{World, limits, sandbox_with};

fn compile_and_call(sandbox: &Sandbox, wasm: &[u8]) {
    let Ok(module) = sandbox.compile(wasm) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for export in Export::ALL {
        let host = World::new() as Arc<dyn Host>;
        let call = Call {
            args: b"{}".to_vec(),
            host,
            budget: sandbox.budget(),
        };
        // Any outcome will do, as long as there is one.
        let _ = runtime.block_on(sandbox.call(&module, export, call));
    }
}

#[test]
fn attack_c11_damaged_modules_are_compiled_or_refused() {
    let sandbox = sandbox_with(Limits {
        fuel: 1_000_000,
        ..limits()
    });
    let wasm = wat::parse_str(ECHO).expect("the test's module is valid");
    let damage = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    proptest!(ProptestConfig::with_cases(300), |(damage in damage)| {
        let mut wasm = wasm.clone();
        for (index, byte) in damage {
            let index = index.index(wasm.len());
            wasm[index] = byte;
        }
        compile_and_call(&sandbox, &wasm);
    });
}

#[test]
fn attack_c11_random_bytes_are_compiled_or_refused() {
    let sandbox = sandbox_with(Limits {
        fuel: 1_000_000,
        ..limits()
    });
    let bytes = proptest::collection::vec(any::<u8>(), 0..256);
    proptest!(ProptestConfig::with_cases(300), |(bytes in bytes, header in any::<bool>())| {
        let prefix: &[u8] = if header { b"\0asm\x01\0\0\0" } else { b"" };
        compile_and_call(&sandbox, &[prefix, &bytes].concat());
    });
}
