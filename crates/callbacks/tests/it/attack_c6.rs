//! c6: a callback reaches public addresses only, unless the operator opened more.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use async_trait::async_trait;
use valence_coprocessor::{CallbackState, ErrorKind, JobState};
use valence_coprocessor_wasm::{NameResolver, NetworkRules};
use valence_coprocessor_zkvm::ProofKind;

use crate::receiver::{Behaviour, Receiver};
use crate::world::World;

#[tokio::test]
async fn attack_c6_a_callback_to_what_is_not_public_is_refused_with_the_request()
-> anyhow::Result<()> {
    let receiver = Receiver::start([]).await?;
    let world = World::new(NetworkRules::default()).await?;
    let port = receiver.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://168.63.129.16/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "http://user:secret@192.168.1.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        "not a url".to_owned(),
    ] {
        let error = world
            .ask(&url, ProofKind::Execute)
            .await
            .err()
            .with_context(|| format!("{url} was accepted"))?;
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::InvalidInput, "invalid_callback"),
            "{url}: {error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert!(receiver.posted().is_empty());
    Ok(())
}

/// A resolver whose first answer is public, and every later one is not.
#[derive(Debug, Default)]
struct Rebinding(AtomicUsize);

#[async_trait]
impl NameResolver for Rebinding {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let public = IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8));
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Ok(match self.0.fetch_add(1, Ordering::SeqCst) {
            // One address that is not public spoils the rest.
            0 => vec![public, loopback],
            _ => vec![loopback],
        })
    }
}

#[tokio::test]
async fn attack_c6_a_name_that_leads_to_loopback_is_not_called() -> anyhow::Result<()> {
    let receiver = Receiver::start([]).await?;
    let resolver = Arc::new(Rebinding::default());
    let rules = NetworkRules::default().with_resolver(Arc::clone(&resolver) as _);
    let world = World::new(rules).await?;
    let url = format!(
        "http://rebinding.example:{}/?token=secret",
        receiver.address.port()
    );
    let job = world.prove(&url, ProofKind::Execute).await?;
    let callback = job.callback.context("it was asked for")?;
    assert_eq!(
        (job.state, callback.state),
        (JobState::Done, CallbackState::GivenUp)
    );
    assert_eq!(job.log.len(), 3, "{:?}", job.log);
    for line in &job.log {
        assert!(line.contains("not at a public address"), "{line}");
        // The log is everybody's, and where something is inside is not.
        assert!(
            !line.contains("rebinding") && !line.contains("127.0.0"),
            "{line}"
        );
        assert!(!line.contains("secret"), "{line}");
    }
    assert_eq!(
        resolver.0.load(Ordering::SeqCst),
        3,
        "each attempt looks anew"
    );
    assert!(receiver.posted().is_empty());
    Ok(())
}

#[tokio::test]
async fn attack_c6_redirects_are_not_followed() -> anyhow::Result<()> {
    let inner = Receiver::start([]).await?;
    let behaviours = (0..3).map(|_| Behaviour::Redirect(inner.url()));
    let outer = Receiver::start(behaviours).await?;
    // Even what may be reached is not reached by a redirect.
    let world = World::new(World::allowing("127.0.0.1")).await?;
    let job = world.prove(&outer.url(), ProofKind::Execute).await?;
    let callback = job.callback.context("it was asked for")?;
    assert_eq!(
        (job.state, callback.state),
        (JobState::Done, CallbackState::GivenUp)
    );
    assert!(
        job.log[0].contains("redirects are not followed"),
        "{:?}",
        job.log
    );
    assert_eq!((outer.posted().len(), inner.posted().len()), (3, 0));
    Ok(())
}
