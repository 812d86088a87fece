//! A proxy that passes a request on and swallows its answer.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::Context as _;

/// A proxy before a server on this machine; it stands until the test process ends.
#[derive(Debug)]
pub struct AnswerProxy {
    address: SocketAddr,
    faults: Arc<Faults>,
}

#[derive(Debug, Default)]
struct Faults {
    /// How many requests that contain the text are still to lose their answer.
    answers: AtomicUsize,
    text: Vec<u8>,
    lost: AtomicUsize,
}

impl AnswerProxy {
    /// Stands before `port`, and can swallow answers to requests that contain `text`.
    pub fn start(port: u16, text: &[u8]) -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("asking for a free port")?;
        let address = listener.local_addr().context("reading the free port")?;
        let faults = Arc::new(Faults {
            text: text.to_vec(),
            ..Faults::default()
        });
        let shared = Arc::clone(&faults);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let faults = Arc::clone(&shared);
                thread::spawn(move || {
                    // A broken connection is what this is for.
                    drop(relay(client, port, &faults));
                });
            }
        });
        Ok(Self { address, faults })
    }

    /// Lets the next requests of the kind reach the server, then cuts the connection in place of the answer.
    pub fn lose_answers(&self, count: usize) {
        self.faults.answers.store(count, Ordering::SeqCst);
    }

    /// How many answers were lost so far.
    pub fn lost(&self) -> usize {
        self.faults.lost.load(Ordering::SeqCst)
    }

    /// The URL through the proxy.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }
}

/// Passes one connection on. Redis answers each request before it gets the next, so the two directions take turns.
fn relay(mut client: TcpStream, port: u16, faults: &Faults) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let mut answers = server.try_clone()?;
    let mut back = client.try_clone()?;
    let is_cut = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_cut_here = Arc::clone(&is_cut);
    let returning = thread::spawn(move || -> std::io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = answers.read(&mut buffer)?;
            // What comes after the cut was asked before it: the request has been dealt with.
            if count == 0 || is_cut_here.load(Ordering::SeqCst) {
                drop(back.shutdown(Shutdown::Both));
                return answers.shutdown(Shutdown::Both);
            }
            back.write_all(&buffer[..count])?;
        }
    });
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            server.shutdown(Shutdown::Both)?;
            break;
        }
        if faults.takes(&buffer[..count]) {
            is_cut.store(true, Ordering::SeqCst);
        }
        server.write_all(&buffer[..count])?;
    }
    drop(returning.join());
    Ok(())
}

impl Faults {
    /// Whether the answer to this request is to be lost.
    fn takes(&self, request: &[u8]) -> bool {
        let is_meant = request
            .windows(self.text.len().max(1))
            .any(|window| window == self.text);
        if !is_meant {
            return false;
        }
        let taken = self
            .answers
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if taken.is_ok() {
            self.lost.fetch_add(1, Ordering::SeqCst);
        }
        taken.is_ok()
    }
}
