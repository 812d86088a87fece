//! Who makes proofs, and what each of them is told.

use core::{fmt, num::NonZeroU64, str::FromStr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Mode;

/// Who makes proofs.
#[derive(Clone, Debug, Default)]
pub enum Backend {
    /// The CPU of this machine.
    #[default]
    Cpu,
    /// A GPU of this machine, through SP1's CUDA server.
    Cuda(CudaConfig),
    /// SP1's prover network.
    Network(NetworkConfig),
}

impl Backend {
    /// The mode of the processes that prove so.
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Cpu => Mode::Cpu,
            Self::Cuda(_) => Mode::Cuda,
            Self::Network(_) => Mode::Network,
        }
    }
}

/// A GPU of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CudaConfig {
    /// SP1's CUDA server. It is never downloaded: what is not there is missing.
    pub server: PathBuf,
    /// The GPU's number, as CUDA counts them.
    pub device: u32,
}

/// An account of SP1's prover network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// The account's key.
    pub key: NetworkKey,
    /// Who proves there.
    pub mode: NetworkMode,
    /// Where the network, or the gateway of a cluster, is asked; SP1's own address for the mode if not named.
    pub url: Option<String>,
    /// The most that a unit of the network's gas may cost, in the smallest unit of its token; what the network names if
    /// not given. [`NetworkMode::Mainnet`] only.
    pub price: Option<NonZeroU64>,
}

/// Who proves on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkMode {
    /// Whoever wins the auction.
    Mainnet,
    /// Capacity that was reserved, or a cluster of one's own.
    Reserved,
}

/// The private key of an account: 32 bytes in hexadecimal. Neither shown nor logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NetworkKey(String);

/// A text that is no [`NetworkKey`]. It is not repeated, since it may be one with a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of an account of the prover network is 64 hexadecimal digits")]
pub struct InvalidNetworkKey;

impl NetworkKey {
    /// The 64 digits, for whoever signs with them.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl FromStr for NetworkKey {
    type Err = InvalidNetworkKey;

    /// With or without `0x`, and with space around it, as files have.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim();
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(InvalidNetworkKey)
        }
    }
}

impl fmt::Debug for NetworkKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NetworkKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidNetworkKey, NetworkKey};

    const DIGITS: &str = "8f2a559490c3a3d1b7f4ee10c2d5a3b6f1e0d9c8b7a697887766554433221100";

    #[test]
    fn a_key_is_taken_with_and_without_prefix_and_is_never_shown() {
        for text in [
            DIGITS.to_owned(),
            format!("0x{DIGITS}"),
            format!(" {DIGITS}\n"),
        ] {
            let key: NetworkKey = text.parse().expect("64 digits");
            assert_eq!(key.digits(), DIGITS);
            assert!(!format!("{key:?}").contains(&DIGITS[..4]), "{key:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        let long = format!("{DIGITS}00");
        let other = DIGITS.replace('8', "g");
        for text in ["", "0x", &DIGITS[1..], long.as_str(), other.as_str()] {
            assert_eq!(text.parse::<NetworkKey>(), Err(InvalidNetworkKey));
        }
        let shown = InvalidNetworkKey.to_string();
        assert!(shown.contains("64 hexadecimal digits"), "{shown}");
    }
}
