//! Why a server cannot run.

use std::{io, net::SocketAddr};

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The OpenAPI document cannot be written down.
    #[error("cannot write the OpenAPI document: {reason}")]
    Specification {
        /// What the serializer says.
        reason: String,
    },
}
