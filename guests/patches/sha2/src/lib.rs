#![doc = include_str!("../README.md")]
#![no_std]

mod compression;
mod hasher;

pub use digest::{self, Digest};

#[cfg(feature = "compress")]
pub use compression::compress256;
pub use hasher::Sha256;
