//! The client: where the service is, and who signs.

use core::time::Duration;

use valence_coprocessor_api::{HealthAnswer, StatsAnswer, paths, signing::RequestSigner};

use crate::{ClientError, request::Call};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Deploying computes a verifying key, which takes the service many seconds.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_mins(5);

/// A client of one service.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) address: String,
    pub(crate) signer: Option<RequestSigner>,
}

impl Client {
    /// A client of the service at `address`, such as `http://127.0.0.1:37281`; without a scheme, `http` is meant.
    pub fn new(address: &str) -> Result<Self, ClientError> {
        let invalid = || ClientError::InvalidAddress {
            address: address.to_owned(),
        };
        let trimmed = address.trim();
        let with_scheme = if trimmed.contains("://") {
            trimmed.to_owned()
        } else {
            format!("http://{trimmed}")
        };
        let url = reqwest::Url::parse(&with_scheme).map_err(|_| invalid())?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.query().is_none()
            && url.fragment().is_none();
        if !is_plain {
            return Err(invalid());
        }
        let address = with_scheme.trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|source| ClientError::Unreachable {
                address: address.clone(),
                source,
            })?;
        Ok(Self {
            http,
            address,
            signer: None,
        })
    }

    /// Signs every request from here on.
    #[must_use]
    pub fn with_signer(mut self, signer: RequestSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// The address of the service.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Version, mode, root and load of the service.
    pub async fn stats(&self) -> Result<StatsAnswer, ClientError> {
        Call::get(paths::STATS).send(self).await
    }

    /// Whether the service is able to answer.
    pub async fn health(&self) -> Result<HealthAnswer, ClientError> {
        Call::get(paths::HEALTH).send(self).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_lack_its_scheme_and_end_in_a_slash() {
        for address in ["127.0.0.1:37281", "http://127.0.0.1:37281/"] {
            let client = Client::new(address).expect("an address");
            assert_eq!(client.address(), "http://127.0.0.1:37281");
        }
    }

    #[test]
    fn what_is_no_address_is_named() {
        for address in ["", "ftp://host", "http://", "http://host/?query", "::"] {
            let error = Client::new(address).expect_err("no address");
            assert!(matches!(
                &error,
                ClientError::InvalidAddress { address: named } if named == address
            ));
            assert!(error.is_users_fault());
        }
    }
}
