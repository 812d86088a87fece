//! `WorkerAddress`: where a worker is, and how it is spoken to.

use core::{fmt, net::IpAddr, str::FromStr};

use tonic::transport::Uri;

use crate::DEFAULT_PORT;

/// Where a worker is: `https://host[:port]` for TLS and the secret, `http://host[:port]` for neither, which is for
/// loopback only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerAddress {
    text: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) secured: bool,
}

/// An address that is none of a worker, or that may not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not of the form.
    #[error(
        "`{got}` is no address of a worker: expected https://host[:port], or http:// on this machine"
    )]
    Malformed {
        /// What it is.
        got: String,
    },
    /// TLS without secret authenticates nobody.
    #[error("no secret for worker {address}: set VALENCE_PROVER_SECRET to the worker's own")]
    NoSecret {
        /// The worker.
        address: WorkerAddress,
    },
    /// Everybody on the way could read and change the work.
    #[error("worker {address} is not on this machine: use https:// and a secret")]
    PlaintextOffLoopback {
        /// The worker.
        address: WorkerAddress,
    },
}

impl WorkerAddress {
    /// Refuses what cannot be used with or without a secret, as far as that is known before names are looked up.
    pub(super) fn check(&self, has_secret: bool) -> Result<(), AddressError> {
        let address = self.clone();
        if self.secured {
            return if has_secret {
                Ok(())
            } else {
                Err(AddressError::NoSecret { address })
            };
        }
        match self.host.parse::<IpAddr>() {
            Ok(ip) if !ip.to_canonical().is_loopback() => {
                Err(AddressError::PlaintextOffLoopback { address })
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for WorkerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| AddressError::Malformed {
            got: text.to_owned(),
        })
    }
}

impl fmt::Display for WorkerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn parse(text: &str) -> Option<WorkerAddress> {
    let uri: Uri = text.parse().ok()?;
    let secured = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = uri.authority()?;
    let is_bare = uri.path().trim_start_matches('/').is_empty() && uri.query().is_none();
    if !is_bare || authority.as_str().contains('@') {
        return None;
    }
    // Read here, because the URI's own port is absent where it is no port.
    let port = match authority.as_str().strip_prefix(authority.host())? {
        "" => DEFAULT_PORT,
        port => port
            .strip_prefix(':')?
            .parse()
            .ok()
            .filter(|port| *port != 0)?,
    };
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    (!host.is_empty()).then(|| WorkerAddress {
        text: text.to_owned(),
        host,
        port,
        secured,
    })
}

#[cfg(test)]
mod tests {
    use super::{AddressError, WorkerAddress};

    fn address(text: &str) -> WorkerAddress {
        text.parse().expect("an address")
    }

    #[test]
    fn hosts_and_ports_are_read() {
        let named = address("https://worker.example");
        assert_eq!(
            (named.host.as_str(), named.port),
            ("worker.example", 37_282)
        );
        let numbered = address("http://[::1]:443/");
        assert_eq!((numbered.host.as_str(), numbered.port), ("::1", 443));
        assert!(!numbered.secured && named.secured);
        for text in [
            "worker.example",
            "ftp://worker.example",
            "https://user@worker.example",
            "https://worker.example/path",
            "https://worker.example?query",
            "https://worker.example:0",
            "https://worker.example:70000",
            "https://worker.example:",
            "https://",
        ] {
            let refused = text.parse::<WorkerAddress>();
            assert!(
                matches!(refused, Err(AddressError::Malformed { .. })),
                "{text}: {refused:?}"
            );
        }
    }

    #[test]
    fn attack_d2_no_secret_and_plaintext_are_refused_off_loopback() {
        let far = address("https://192.0.2.1");
        assert!(matches!(
            far.check(false),
            Err(AddressError::NoSecret { .. })
        ));
        far.check(true).expect("secured");
        let plain = address("http://192.0.2.1");
        for has_secret in [false, true] {
            let refused = plain.check(has_secret);
            assert!(
                matches!(refused, Err(AddressError::PlaintextOffLoopback { .. })),
                "{refused:?}"
            );
        }
        address("http://127.0.0.1").check(false).expect("loopback");
        let near = address("https://127.0.0.1");
        assert!(matches!(
            near.check(false),
            Err(AddressError::NoSecret { .. })
        ));
    }
}
