//! What a controller keeps: files and one raw value, within a quota.

mod changes;
mod path;
mod storage;

pub(crate) use changes::Changes;
pub(crate) use path::StoragePath;
pub(crate) use storage::{ControllerId, Storage};
