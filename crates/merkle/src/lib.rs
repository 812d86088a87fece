#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod error;
mod insertion;
mod key;
mod node;
mod path;

pub use error::{InsertionError, PathError};
pub use insertion::{Insertion, insert};
pub use key::Key;
pub use node::{Node, NodeStates};
pub use path::{Path, PathRef};
