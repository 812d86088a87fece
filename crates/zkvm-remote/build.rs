//! Makes the messages of `proto/prover.proto`; `protoc` does it, which SP1's own build demands as well.

fn main() -> std::io::Result<()> {
    tonic_prost_build::configure().compile_protos(&["proto/prover.proto"], &["proto"])
}
