//! Restoring the client of the domain's head: from the file, else from a beacon node, at first from the checkpoint.

use valence_coprocessor_ethereum_beacon::{Bootstrap, Client, SyncCommittee, Update, Versioned};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, LightClientStore,
};
use valence_coprocessor_ethereum_state_proof::BlockPayload;
use valence_coprocessor_protocol::HeadState;

use crate::domain::{Domain, Head};
use crate::node::Request;
use crate::nodes::BeaconNodes;
use crate::{Event, NodeError, OperatorConfig, OperatorError, Reporter};

/// The client whose state is the domain's head; that of the checkpoint if the domain has no block.
pub(crate) async fn restore(
    domain: &Domain,
    head: Option<Head>,
    nodes: &mut BeaconNodes,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<Client, OperatorError> {
    let (client, source) = match head {
        None => (checkpoint(nodes, config, reporter).await?, "the checkpoint"),
        Some(head) => from_head(domain, head, nodes, config, reporter).await?,
    };
    reporter.report(&Event::Restored {
        source,
        state: client.store().state(),
        slot: client.store().checkpoint().slot,
    });
    Ok(client)
}

/// The client at the trusted block.
pub(crate) async fn checkpoint(
    nodes: &mut BeaconNodes,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<Client, OperatorError> {
    let trusted = config
        .checkpoint
        .ok_or_else(|| OperatorError::NoCheckpoint {
            domain: config.domain.to_string(),
        })?;
    bootstrap(trusted, nodes, config, reporter).await
}

async fn from_head(
    domain: &Domain,
    head: Head,
    nodes: &mut BeaconNodes,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<(Client, &'static str), OperatorError> {
    let chain = config.network.config;
    if let Some(record) = domain.record().await?
        && let Some(client) = record.find(chain, head.state)
    {
        return Ok((client, "the domain's file"));
    }
    let payload = head
        .payload
        .ok_or_else(|| OperatorError::UnknownHead { state: head.state })?;
    let client = rebuild(&payload, head.state, nodes, config, reporter).await?;
    Ok((client, "a beacon node's bootstrap"))
}

async fn bootstrap(
    root: BlockRoot,
    nodes: &mut BeaconNodes,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<Client, OperatorError> {
    let request = Request::object(format!("/eth/v1/beacon/light_client/bootstrap/0x{root}"));
    let check = |answer: Versioned<Bootstrap>| {
        Client::bootstrap(config.network.config, root, &answer.data)
            .map_err(|source| NodeError::Refused { source })
    };
    nodes.first(&request, reporter, check).await
}

/// The head's client knows the next committee or does not; both are tried. What a node says of it needs no proof: the
/// state commits to it.
async fn rebuild(
    payload: &BlockPayload,
    state: HeadState,
    nodes: &mut BeaconNodes,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<Client, OperatorError> {
    let root = BlockRoot::from_bytes(&payload.beacon_block_root);
    let client = bootstrap(root, nodes, config, reporter).await?;
    if client.store().state() == state {
        return Ok(client);
    }
    let chain = config.network.config;
    let period = chain.preset.period(payload.slot);
    let request = Request {
        route: "/eth/v1/beacon/light_client/updates".to_owned(),
        query: vec![
            ("start_period", period.to_string()),
            ("count", "1".to_owned()),
        ],
        objects: 1,
    };
    let check = |answer: Vec<Versioned<Update>>| {
        let update = answer.into_iter().next();
        let next = update.and_then(|update| update.data.next_sync_committee);
        let next = next.ok_or(NodeError::NoNextSyncCommittee { period })?;
        with_next(&client, next, chain, state)
    };
    nodes.first(&request, reporter, check).await
}

fn with_next(
    client: &Client,
    next: SyncCommittee,
    chain: ChainConfig,
    expected: HeadState,
) -> Result<Client, NodeError> {
    let refused = |source| NodeError::Refused { source };
    let checkpoint = Checkpoint {
        next_sync_committee: Some(next.root().map_err(refused)?),
        ..*client.store().checkpoint()
    };
    let store = LightClientStore::trusted(chain, checkpoint);
    let got = store.state();
    if got != expected {
        return Err(NodeError::OtherState { got, expected });
    }
    Client::trusted(store, client.current_sync_committee().clone(), Some(next)).map_err(refused)
}
