//! `Listener`: where a worker is reached, and how.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

use crate::{Secret, handshake::Identity};

/// A bound port.
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) security: Option<Security>,
}

/// TLS and the secret; never one without the other.
pub(super) struct Security {
    pub(super) identity: Identity,
    pub(super) secret: Secret,
}

impl core::fmt::Debug for Security {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Security(…)")
    }
}

/// Why a worker cannot be reached at an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Everybody could have work done, and read it on the way.
    #[error("a worker without secret listens on loopback only, not on {address}")]
    NoSecret {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The port is taken, or may not be.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No key or certificate could be made.
    #[error("cannot make a certificate")]
    Identity(#[source] Box<dyn core::error::Error + Send + Sync>),
}

impl Listener {
    /// Binds an address. With a secret, connections are encrypted and authenticated, also on loopback; without one,
    /// they are neither, and the address must be of loopback.
    pub async fn bind(address: SocketAddr, secret: Option<Secret>) -> Result<Self, ListenError> {
        if secret.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(ListenError::NoSecret { address });
        }
        let security = secret
            .map(|secret| {
                let identity =
                    Identity::new().map_err(|error| ListenError::Identity(error.into()))?;
                Ok(Security { identity, secret })
            })
            .transpose()?;
        let bound = async {
            let socket = TcpListener::bind(address).await?;
            let address = socket.local_addr()?;
            Ok((socket, address))
        }
        .await;
        let (socket, address) = bound.map_err(|source| ListenError::Bind { address, source })?;
        Ok(Self {
            socket,
            address,
            security,
        })
    }

    /// The address, with the port that was taken.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether connections are encrypted and authenticated.
    pub const fn is_secured(&self) -> bool {
        self.security.is_some()
    }
}
