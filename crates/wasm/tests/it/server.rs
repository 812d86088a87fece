//! A small HTTP server on loopback, and names that resolve as a test wants.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use valence_coprocessor_wasm::NameResolver;

/// A server that answers every request by the function it was given, and remembers the requests.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers requests with what `answer` makes of them: the whole response, status line included.
    pub(crate) async fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("the listener has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (Arc::new(answer), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move { serve(stream, &*answer, &seen).await });
            }
        });
        Self { address, requests }
    }

    /// A server that answers 200 with this body.
    pub(crate) async fn with_body(body: &'static str) -> Self {
        Self::start(move |_| response("200 OK", "", body.as_bytes())).await
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

/// A response that closes its connection.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut response = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    response.extend_from_slice(body);
    response
}

async fn serve(
    mut stream: TcpStream,
    answer: &(impl Fn(&str) -> Vec<u8> + Send + Sync),
    seen: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut request = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let length = stream
            .read(&mut chunk)
            .await
            .ok()
            .filter(|length| *length > 0)?;
        request.extend_from_slice(&chunk[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if complete(&text) {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(text.clone());
            stream.write_all(&answer(&text)).await.ok()?;
            return stream.shutdown().await.ok();
        }
    }
}

/// Whether head and body have arrived.
fn complete(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    body.len() >= length
}

/// Answers names from a list of answers; each lookup takes the next one, and the last one stays.
#[derive(Default)]
pub(crate) struct Names {
    answers: HashMap<String, Vec<Vec<IpAddr>>>,
    lookups: AtomicUsize,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with(mut self, name: &str, answers: &[&[&str]]) -> Self {
        let address = |text: &&str| text.parse().expect("the test's address is valid");
        let answers = answers
            .iter()
            .map(|answer| answer.iter().map(address).collect())
            .collect();
        self.answers.insert(name.to_owned(), answers);
        self
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl NameResolver for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let lookup = self.lookups.fetch_add(1, Ordering::Relaxed);
        let answers = self
            .answers
            .get(name.trim_end_matches('.'))
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such name"))?;
        let answer = answers.get(lookup).or_else(|| answers.last());
        Ok(answer.cloned().unwrap_or_default())
    }
}
