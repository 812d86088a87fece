//! TLS 1.3 with certificates that nobody vouches for.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor, TlsConnector,
    rustls::{
        self, ClientConfig, ConnectionCommon, DigitallySignedStruct, ServerConfig, SignatureScheme,
        client::{
            Resumption,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::{CryptoProvider, ring, verify_tls13_signature},
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
        version::TLS13,
    },
};

use super::HandshakeError;

/// The application protocol; a new one whenever the handshake changes.
pub(super) const PROTOCOL: &[u8] = b"valence-prover/1";

/// The name in certificates, which nobody checks.
pub(super) const NAME: &str = "valence-coprocessor-prover";

/// RFC 9266.
const CHANNEL_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// A worker's key and certificate, for as long as it runs.
#[derive(Clone)]
pub(crate) struct Identity(pub(super) TlsAcceptor);

/// Why a worker could not make itself an identity.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// The certificate could not be made.
    #[error("no certificate could be made")]
    Certificate(#[source] rcgen::Error),
    /// TLS does not take it.
    #[error("TLS does not take the certificate")]
    Tls(#[source] rustls::Error),
}

impl Identity {
    /// A new key, and a certificate for it.
    pub(crate) fn new() -> Result<Self, IdentityError> {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()])
            .map_err(IdentityError::Certificate)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])
            .map_err(IdentityError::Tls)?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .map_err(IdentityError::Tls)?;
        // Every connection is a full handshake: nothing of an earlier one is taken up again.
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// What a service demands of a worker's TLS: any certificate, as long as the worker holds its key.
#[derive(Clone)]
pub(crate) struct Trust(pub(super) TlsConnector);

impl Trust {
    pub(crate) fn new() -> Self {
        let provider = provider();
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .expect("the provider has cipher suites of TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.enable_sni = false;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Self(TlsConnector::from(Arc::new(config)))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Random bytes of the system.
pub(super) fn nonce() -> Result<[u8; 32], HandshakeError> {
    let mut nonce = [0; 32];
    ring::default_provider()
        .secure_random
        .fill(&mut nonce)
        .map_err(|_| HandshakeError::Random)?;
    Ok(nonce)
}

/// What is the same at both ends of this connection, and on no other.
pub(super) fn channel<Side>(
    connection: &ConnectionCommon<Side>,
) -> Result<[u8; 32], HandshakeError> {
    if connection.alpn_protocol() != Some(PROTOCOL) {
        return Err(HandshakeError::OtherProtocol);
    }
    connection
        .export_keying_material([0; 32], CHANNEL_LABEL, Some(b""))
        .map_err(HandshakeError::Channel)
}

/// Accepts every certificate: who ends the channel is found out by the proofs over it. The signature of the TLS
/// handshake is checked, since without it the channel would be bound to no key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::PeerIncompatible::Tls12NotOfferedOrEnabled.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
