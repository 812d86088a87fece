//! One TCP connection, which gives up on a client that leaves answers unread, and closes so that the last answer arrives.
//!
//! hyper bounds the time for a request's head and the exchange that for its body; nothing else bounds how long an answer may
//! stay in our memory because the client does not read it. And whoever closes a connection with bytes unread makes the kernel
//! drop what it has sent: a client whose body is refused would then see a broken connection instead of the reason.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// Time for which bytes are still read, and thrown away, after the last answer.
const LINGER: Duration = Duration::from_secs(1);
/// How many bytes at most.
const LINGER_BYTES: usize = 4 << 20;

/// A TCP stream whose writes must make progress.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    write_time: Duration,
    /// Runs while a write is stuck.
    stuck: Option<Pin<Box<Sleep>>>,
    /// Runs while the connection closes, with the bytes that were thrown away.
    closing: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, write_time: Duration) -> Self {
        Self {
            stream,
            write_time,
            stuck: None,
            closing: None,
        }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stuck = None;
            return result;
        }
        let write_time = self.write_time;
        let stuck = self
            .stuck
            .get_or_insert_with(|| Box::pin(sleep(write_time)));
        if stuck.deadline() < Instant::now() || stuck.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.closing.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        let (deadline, thrown) = this
            .closing
            .get_or_insert_with(|| (Box::pin(sleep(LINGER)), 0));
        let mut scratch = [0; 4_096];
        while *thrown < LINGER_BYTES && deadline.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => *thrown += buffer.filled().len(),
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
