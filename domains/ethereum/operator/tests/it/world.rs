//! An operator with everything around it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use valence_coprocessor_client::Client;
use valence_coprocessor_ethereum_beacon::{Bootstrap, Client as LightClient, Versioned};
use valence_coprocessor_ethereum_light_client::{BlockRoot, MAINNET};
use valence_coprocessor_ethereum_operator::{
    Backoff, BeaconNodes, BeaconUrl, Clock, Event, FetchLimits, Network, Operator, OperatorConfig,
    Reporter, StepProver,
};
use valence_coprocessor_protocol::{DomainName, HeadState};

use crate::beacon_node::{Recording, SIGNATURE_SLOT};
use crate::service::Service;

/// The root of block 7069376 of the beacon chain, as everybody knows it.
pub(crate) fn checkpoint() -> BlockRoot {
    let recording = Recording::read().expect("tests that come here have the recording");
    let bootstrap: Versioned<Bootstrap> =
        serde_json::from_value(recording.bootstrap).expect("a bootstrap");
    let header = bootstrap.data.header.beacon.summary();
    header.hash_tree_root(&mut valence_coprocessor_ethereum_light_client::Hasher::new())
}

pub(crate) fn genesis(recording: &Recording) -> HeadState {
    let bootstrap: Versioned<Bootstrap> =
        serde_json::from_value(recording.bootstrap.clone()).expect("a bootstrap");
    let client = LightClient::bootstrap(MAINNET, checkpoint(), &bootstrap.data);
    client.expect("mainnet's").store().state()
}

pub(crate) fn config() -> OperatorConfig {
    let network = Network::named("mainnet").expect("it is built in");
    let now = network.time_of(SIGNATURE_SLOT + 1);
    let domain = DomainName::new("ethereum-mainnet").expect("a name");
    OperatorConfig {
        checkpoint: Some(checkpoint()),
        backoff: backoff(),
        attempts: 3,
        clock: Clock::new(move || now),
        ..OperatorConfig::new(network, domain)
    }
}

pub(crate) fn backoff() -> Backoff {
    Backoff {
        first: Duration::from_millis(1),
        longest: Duration::from_millis(20),
    }
}

pub(crate) fn limits() -> FetchLimits {
    FetchLimits {
        answer: Duration::from_secs(20),
        ..FetchLimits::default()
    }
}

/// What operators say, as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    pub(crate) fn reporter(&self) -> Reporter {
        let said = Arc::clone(&self.0);
        Reporter::new(move |event: &Event| {
            said.lock()
                .expect("nobody panics here")
                .push(event.to_string());
        })
    }

    /// How often something was said.
    pub(crate) fn count(&self, text: &str) -> usize {
        let said = self.0.lock().expect("nobody panics here");
        said.iter().filter(|line| line.contains(text)).count()
    }

    pub(crate) fn all(&self) -> String {
        self.0.lock().expect("nobody panics here").join("\n")
    }
}

pub(crate) fn operator(
    config: OperatorConfig,
    urls: &[String],
    limits: FetchLimits,
    service: &Service,
    prover: StepProver,
    said: &Said,
) -> Operator {
    let urls = urls.iter().map(|url| BeaconUrl::parse(url).expect("a URL"));
    let nodes = BeaconNodes::new(urls, limits, config.backoff).expect("there are nodes");
    let client = Client::new(&service.address).expect("an address");
    Operator::new(config, nodes, client, prover, said.reporter()).expect("a fine configuration")
}
