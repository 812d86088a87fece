//! Real prover processes on real programs: what a stranger may upload must cost that stranger's request only.

mod command_line;
mod ethereum_step;
mod guests;
mod hostile;
mod program;
mod serve;
mod signatures;
mod state_proofs;
mod supervision;
