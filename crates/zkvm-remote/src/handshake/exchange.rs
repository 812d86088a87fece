//! The two sides of the handshake.

use core::time::Duration;
use std::io;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};
use tokio_rustls::{client, rustls::pki_types::ServerName, server};

use super::{
    HandshakeError, Identity, Trust,
    proof::{Role, Transcript},
    tls::{self, NAME},
};
use crate::Secret;

/// What each side says first.
pub(super) const GREETING: [u8; 8] = *b"VALPRV\x00\x01";

/// The worker's side: whoever comes out of it knows the secret.
pub(crate) async fn as_worker<Socket: AsyncRead + AsyncWrite + Unpin>(
    socket: Socket,
    identity: &Identity,
    secret: &Secret,
) -> Result<server::TlsStream<Socket>, HandshakeError> {
    let mut stream = identity
        .0
        .accept(socket)
        .await
        .map_err(HandshakeError::Tls)?;
    let channel = tls::channel(stream.get_ref().1)?;
    greeted(&mut stream).await?;
    let transcript = Transcript {
        service_nonce: read(&mut stream).await?,
        worker_nonce: tls::nonce()?,
        channel,
    };
    let answer = [
        GREETING.as_slice(),
        &transcript.worker_nonce,
        &transcript.prove(secret, Role::Worker),
    ]
    .concat();
    write(&mut stream, &answer).await?;
    let proof = read(&mut stream).await?;
    transcript.check(secret, Role::Service, &proof)?;
    Ok(stream)
}

/// The service's side, within `limit`: whoever is at the other end knows the secret.
pub(crate) async fn as_service<Socket: AsyncRead + AsyncWrite + Unpin>(
    socket: Socket,
    trust: &Trust,
    secret: &Secret,
    limit: Duration,
) -> Result<client::TlsStream<Socket>, HandshakeError> {
    timeout(limit, greet(socket, trust, secret))
        .await
        .unwrap_or(Err(HandshakeError::Timeout { limit }))
}

async fn greet<Socket: AsyncRead + AsyncWrite + Unpin>(
    socket: Socket,
    trust: &Trust,
    secret: &Secret,
) -> Result<client::TlsStream<Socket>, HandshakeError> {
    let name = ServerName::try_from(NAME).expect("a valid name");
    let mut stream = trust
        .0
        .connect(name, socket)
        .await
        .map_err(HandshakeError::Tls)?;
    let channel = tls::channel(stream.get_ref().1)?;
    let service_nonce = tls::nonce()?;
    write(&mut stream, &[GREETING.as_slice(), &service_nonce].concat()).await?;
    greeted(&mut stream).await?;
    let transcript = Transcript {
        service_nonce,
        worker_nonce: read(&mut stream).await?,
        channel,
    };
    let proof = read(&mut stream).await?;
    transcript.check(secret, Role::Worker, &proof)?;
    write(&mut stream, &transcript.prove(secret, Role::Service)).await?;
    Ok(stream)
}

async fn greeted(stream: &mut (impl AsyncRead + Unpin)) -> Result<(), HandshakeError> {
    if read(stream).await? == GREETING {
        Ok(())
    } else {
        Err(HandshakeError::OtherProtocol)
    }
}

async fn read<const LENGTH: usize>(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<[u8; LENGTH], HandshakeError> {
    let mut bytes = [0; LENGTH];
    stream
        .read_exact(&mut bytes)
        .await
        .map_err(HandshakeError::Closed)?;
    Ok(bytes)
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), HandshakeError> {
    let written: io::Result<()> = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    }
    .await;
    written.map_err(HandshakeError::Closed)
}
