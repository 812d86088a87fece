//! `Admitted`: a connection that may speak HTTP/2.

use core::{
    pin::Pin,
    task::{Context, Poll},
};
use std::io;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
};
use tonic::transport::server::Connected;

/// What every HTTP/2 connection begins with (RFC 9113, 3.4).
pub(super) const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream of bytes both ways.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send {}

impl<Stream: AsyncRead + AsyncWrite + Send> Duplex for Stream {}

/// A connection that may speak HTTP/2; holds its place among the established ones.
pub(super) struct Admitted {
    /// What of the preface was not read again yet.
    preface: &'static [u8],
    stream: Pin<Box<dyn Duplex>>,
    _place: OwnedSemaphorePermit,
}

/// A newcomer whose first bytes are HTTP/2.
pub(super) struct Greeted(Pin<Box<dyn Duplex>>);

impl Greeted {
    /// Reads the preface; `None` if it is none.
    pub(super) async fn read(stream: impl Duplex + 'static) -> io::Result<Option<Self>> {
        let mut stream: Pin<Box<dyn Duplex>> = Box::pin(stream);
        let mut first = [0; PREFACE.len()];
        // Byte after byte as they come: what is no HTTP/2 is known by its first wrong one.
        for length in 0..first.len() {
            first[length] = stream.read_u8().await?;
            if first[length] != PREFACE[length] {
                return Ok(None);
            }
        }
        Ok(Some(Self(stream)))
    }

    pub(super) fn admit(self, place: OwnedSemaphorePermit) -> Admitted {
        Admitted {
            preface: &PREFACE,
            stream: self.0,
            _place: place,
        }
    }
}

impl AsyncRead for Admitted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.preface.is_empty() {
            return self.stream.as_mut().poll_read(context, buffer);
        }
        let length = self.preface.len().min(buffer.remaining());
        let (now, later) = self.preface.split_at(length);
        buffer.put_slice(now);
        self.preface = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}

impl Connected for Admitted {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}
