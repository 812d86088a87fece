//! The program `valence-coprocessor-prover`; its work is in the library, which the service uses too.

use std::process::ExitCode;

fn main() -> ExitCode {
    if valence_coprocessor_prover::is_child() {
        return valence_coprocessor_prover::child_main();
    }
    valence_coprocessor_prover::run()
}
