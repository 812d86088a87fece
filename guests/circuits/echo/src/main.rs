//! Placeholder until circuit-sdk is there.
#![no_main]
sp1_zkvm::entrypoint!(main);

fn main() {
    let input = sp1_zkvm::io::read_vec();
    sp1_zkvm::io::commit_slice(&input);
}
