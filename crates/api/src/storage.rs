//! Reading and writing what a controller stores.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Base64Bytes;

/// Reads a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileRead {
    /// Path of the file.
    pub path: String,
}

/// Reads a file, the path in the query.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Path of the file; a body `{"path"}` does as well, and must then name the same.
    pub path: Option<String>,
}

/// Writes a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileWrite {
    /// Path of the file.
    pub path: String,
    /// The new contents.
    pub contents: Base64Bytes,
}

/// Says that it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Success {
    /// Always true: what fails answers an error.
    pub success: bool,
}
