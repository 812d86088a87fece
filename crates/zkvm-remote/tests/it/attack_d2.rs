//! d2: relays, other secrets, no secret. What both sides say of relayed and replayed bytes is seen in the tests of the
//! handshake itself.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::{io::copy_bidirectional, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor, TlsConnector,
    rustls::{
        self, ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    },
};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;
use valence_coprocessor_zkvm_remote::{
    ConnectError, HandshakeError, ListenError, Listener, RemoteConfig, RemoteError, WorkerConfig,
};

use crate::running::{Running, execution, public_values, run, secret, service, soon};

const PROTOCOL: &[u8] = b"valence-prover/1";

#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn connector() -> TlsConnector {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    TlsConnector::from(Arc::new(config))
}

fn acceptor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(vec!["middle".to_owned()]).expect("made");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("its own key");
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// Somebody who ends TLS on both sides, and passes on every byte that is in it.
async fn middle(worker: SocketAddr) -> SocketAddr {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (near, _) = socket.accept().await.expect("a service");
            let mut near = acceptor().accept(near).await.expect("TLS needs no secret");
            let far = tokio::net::TcpStream::connect(worker)
                .await
                .expect("it listens");
            let name = ServerName::try_from("worker").expect("a name");
            let mut far = connector().connect(name, far).await.expect("TLS");
            let _ = copy_bidirectional(&mut near, &mut far).await;
        }
    });
    address
}

fn handshake_error<T: std::fmt::Debug>(result: Result<T, RemoteError>) -> HandshakeError {
    match result {
        Err(RemoteError::Unreachable(ConnectError::Handshake(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn attack_d2_a_hostile_prover_that_relays_the_handshake_is_found_out() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let worker = Running::start(
        Arc::clone(&zkvm) as _,
        WorkerConfig::default(),
        Some(secret("s")),
    )
    .await;
    let middle = middle(worker.address).await;
    let through = service(middle, Some(secret("s")), RemoteConfig::default());
    let refused = handshake_error(run(&through, &execution(b"in")).await);
    assert!(
        matches!(refused, HandshakeError::WrongSecret { role: "worker" }),
        "{refused:?}"
    );
    assert_eq!(zkvm.executions(), 0);
    // The same worker without anybody between.
    assert_eq!(
        public_values(run(&worker.service(), &execution(b"in")).await),
        b"in"
    );
}

#[tokio::test]
async fn attack_d2_another_secret_is_refused() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let config = WorkerConfig::default();
    let worker = Running::start(Arc::clone(&zkvm) as _, config, Some(secret("s"))).await;
    let stranger = service(worker.address, Some(secret("t")), RemoteConfig::default());
    let refused = handshake_error(soon(stranger.status()).await);
    assert!(
        matches!(refused, HandshakeError::WrongSecret { role: "worker" }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn attack_d2_a_worker_with_a_secret_serves_no_plaintext_and_one_without_no_tls() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let config = WorkerConfig::default();
    let secured = Running::start(Arc::clone(&zkvm) as _, config.clone(), Some(secret("s"))).await;
    let plain = service(secured.address, None, RemoteConfig::default());
    assert!(run(&plain, &execution(b"in")).await.is_err());
    let open = Running::open(Arc::clone(&zkvm) as _, config).await;
    let encrypted = service(open.address, Some(secret("s")), RemoteConfig::default());
    let refused = handshake_error(run(&encrypted, &execution(b"in")).await);
    assert!(matches!(refused, HandshakeError::Tls(_)), "{refused:?}");
    assert_eq!(zkvm.executions(), 0);
}

#[tokio::test]
async fn attack_d2_no_secret_is_refused_off_loopback() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let address: SocketAddr = address.parse().expect("an address");
        let refused = Listener::bind(address, None).await;
        assert!(
            matches!(refused, Err(ListenError::NoSecret { .. })),
            "{refused:?}"
        );
    }
    let everywhere: SocketAddr = "0.0.0.0:0".parse().expect("an address");
    let listener = Listener::bind(everywhere, Some(secret("s")))
        .await
        .expect("with a secret");
    assert!(listener.is_secured());
}
