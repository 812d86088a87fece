//! A real compressed proof, made by `cargo xtask demo`'s prover for the echo circuit, and changed ones.
