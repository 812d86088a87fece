//! The macros `controller!` and `log!`.

/// Exports the controller's functions; each may be left out.
///
/// `get_witnesses: fn(A) -> Result<Vec<Witness>, E>`, `entrypoint: fn(A) -> Result<R, E>`,
/// `validate_block: fn(A) -> Result<ValidatedBlock, E>`, `get_state_proof: fn(A) -> Result<StateProof, E>`, where `A` is
/// read from JSON, `R` written to JSON, and `E` shown.
#[macro_export]
macro_rules! controller {
    ($($export:ident: $function:expr),+ $(,)?) => {
        $($crate::__controller_export!($export, $function);)+
    };
}

/// The name of an export decides what its function must return.
#[doc(hidden)]
#[macro_export]
macro_rules! __controller_export {
    (get_witnesses, $function:expr) => {
        $crate::__controller_function!("get_witnesses", witnesses, $function);
    };
    (entrypoint, $function:expr) => {
        $crate::__controller_function!("entrypoint", value, $function);
    };
    (validate_block, $function:expr) => {
        $crate::__controller_function!("validate_block", block, $function);
    };
    (get_state_proof, $function:expr) => {
        $crate::__controller_function!("get_state_proof", state_proof, $function);
    };
}

/// The names are exported from WebAssembly only: in a test binary they would clash.
#[doc(hidden)]
#[macro_export]
macro_rules! __controller_function {
    ($export:literal, $run:ident, $function:expr) => {
        const _: () = {
            // Not by the export's own name, which the controller's function may bear.
            #[cfg(target_arch = "wasm32")]
            #[unsafe(export_name = $export)]
            extern "C" fn export() {
                $crate::run::$run($function);
            }

            #[cfg(not(target_arch = "wasm32"))]
            const _: fn() = || $crate::run::$run($function);
        };
    };
}

/// Writes a formatted line to the call's log. A line that the host refuses is lost.
#[macro_export]
macro_rules! log {
    ($($argument:tt)*) => {{
        let _ = $crate::log(&$crate::__format!($($argument)*));
    }};
}
