//! A network between two programs that can be cut.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Forwards connections to one address, until it is cut.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    /// Cancelled when the wire is cut; replaced when it is mended.
    cut: Arc<Mutex<CancellationToken>>,
    _accepting: AbortOnDropHandle<()>,
}

impl Wire {
    /// A wire to `target`, which is `host:port`.
    pub async fn to(target: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("binding a wire")?;
        let address = listener.local_addr().context("a wire's address")?;
        let cut = Arc::new(Mutex::new(CancellationToken::new()));
        let accepting = tokio::spawn(accept(listener, target.to_owned(), Arc::clone(&cut)));
        Ok(Self {
            address,
            cut,
            _accepting: AbortOnDropHandle::new(accepting),
        })
    }

    /// Its end here.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Cuts every connection, and each new one, until [`Self::mend`].
    pub fn cut(&self) {
        self.token().cancel();
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        *self.token() = CancellationToken::new();
    }

    fn token(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, target: String, cut: Arc<Mutex<CancellationToken>>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let target = target.clone();
        let cut = cut.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tokio::spawn(async move {
            let forward = async {
                let mut far = TcpStream::connect(&target).await?;
                copy_bidirectional(&mut near, &mut far).await
            };
            tokio::select! {
                biased;
                () = cut.cancelled() => {}
                _ = forward => {}
            }
        });
    }
}
