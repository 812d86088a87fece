//! What `protoc` made of `proto/prover.proto`.
#![expect(
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    reason = "generated: its style is the generator's"
)]

tonic::include_proto!("valence.prover.v1");
