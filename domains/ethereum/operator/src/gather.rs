//! Gathering a step: which updates it needs, from which node they come, and that they hold.

use std::time::Instant;

use tokio::task::spawn_blocking;
use valence_coprocessor_ethereum_beacon::{
    BeaconError, Client, Step, StepBuilder, Update, Versioned,
};

use crate::node::Request;
use crate::nodes::{BeaconNodes, Reasons};
use crate::{Event, NodeError, OperatorConfig, OperatorError, Reporter};

/// `MAX_REQUEST_LIGHT_CLIENT_UPDATES`.
const LARGEST_REQUEST: u64 = 128;

/// A step of verified updates, not yet written.
#[derive(Debug)]
pub(crate) struct Gathered {
    builder: Box<StepBuilder>,
    updates: usize,
    /// The bound on periods ended it before the newest block was reached.
    is_cut: bool,
}

/// What one node has.
#[derive(Debug)]
enum Offer {
    Step(Gathered),
    /// Its newest finalized slot, which is not after the client's.
    Nothing(u64),
}

/// Updates that a client needs before it can verify the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    first: u64,
    count: u64,
    /// Whether the newest update can be verified after these.
    reaches: bool,
}

impl Gathered {
    /// Writes the step.
    pub(crate) async fn finish(self) -> Result<(Step, usize), OperatorError> {
        let step = spawn_blocking(move || self.builder.finish())
            .await
            .map_err(|source| OperatorError::Thread { source })?
            .map_err(|source| OperatorError::Step { source })?;
        Ok((step, self.updates))
    }

    fn slot(&self) -> u64 {
        self.builder.client().store().checkpoint().slot
    }
}

impl Offer {
    fn slot(&self) -> u64 {
        match self {
            Self::Step(gathered) => gathered.slot(),
            Self::Nothing(slot) => *slot,
        }
    }
}

/// The step from a client towards the newest final block, none if there is no newer one. Nodes are asked in turn until
/// one is not stale; of stale ones the newest counts.
pub(crate) async fn gather(
    nodes: &mut BeaconNodes,
    client: &Client,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<Option<Gathered>, OperatorError> {
    let mut reasons = Reasons::default();
    let mut offers: Vec<(usize, Offer)> = Vec::new();
    for place in nodes.ready().await {
        match ask(nodes, place, client, config).await? {
            Ok(offer) => {
                let is_fresh = is_fresh(&offer, config);
                offers.push((place, offer));
                if is_fresh {
                    break;
                }
            }
            Err(error) => nodes.set_aside(place, &error, reporter, &mut reasons),
        }
    }
    // Of equal offers the first counts, so the order of the list decides.
    offers.sort_by_key(|(_, offer)| std::cmp::Reverse(offer.slot()));
    let mut offers = offers.into_iter();
    let Some((place, best)) = offers.next() else {
        return Err(reasons.into_error());
    };
    nodes.forgive(place);
    let newest = best.slot();
    for (place, offer) in offers {
        let got = offer.slot();
        if got < newest {
            let error = NodeError::Stale { got, newest };
            nodes.set_aside(place, &error, reporter, &mut reasons);
        }
    }
    match best {
        Offer::Step(gathered) => Ok(Some(gathered)),
        Offer::Nothing(_) => {
            let slot = client.store().checkpoint().slot;
            reporter.report(&Event::UpToDate { slot });
            Ok(None)
        }
    }
}

/// A step that was cut short is as new as a step can be.
fn is_fresh(offer: &Offer, config: &OperatorConfig) -> bool {
    if matches!(offer, Offer::Step(Gathered { is_cut: true, .. })) {
        return true;
    }
    let network = &config.network;
    let epochs = config.stale_epochs;
    let allowed = epochs.saturating_mul(network.config.preset.slots_per_epoch());
    let current = network.slot_at(config.clock.now());
    current.saturating_sub(offer.slot()) <= allowed
}

/// What one node has, verified. The outer error is a fault of this machine.
async fn ask(
    nodes: &BeaconNodes,
    place: usize,
    client: &Client,
    config: &OperatorConfig,
) -> Result<Result<Offer, NodeError>, OperatorError> {
    let current = config.network.slot_at(config.clock.now());
    let fetched = fetch(nodes, place, client, config, current).await;
    let (updates, newest) = match fetched {
        Ok(Fetched::Newer(updates, newest)) => (updates, newest),
        Ok(Fetched::Nothing(slot)) => return Ok(Ok(Offer::Nothing(slot))),
        Err(error) => return Ok(Err(error)),
    };
    let before = client.clone();
    // Signatures and their advice take tens of milliseconds each.
    let built = spawn_blocking(move || build(&before, &updates, newest.as_deref(), current)).await;
    let built = built.map_err(|source| OperatorError::Thread { source })?;
    Ok(built)
}

/// What a node answers. Nothing of it is verified.
enum Fetched {
    /// Updates of periods, and the newest one if they lead to it.
    Newer(Vec<Update>, Option<Box<Update>>),
    /// Its newest finalized slot, which is not after the client's.
    Nothing(u64),
}

async fn fetch(
    nodes: &BeaconNodes,
    place: usize,
    client: &Client,
    config: &OperatorConfig,
    current: u64,
) -> Result<Fetched, NodeError> {
    let request = Request::object("/eth/v1/beacon/light_client/finality_update");
    let newest: Versioned<Update> = nodes.ask(place, &request).await?;
    let newest = newest.data;
    if newest.signature_slot > current {
        let signature = newest.signature_slot;
        let source = BeaconError::FromTheFuture { signature, current };
        return Err(NodeError::Refused { source });
    }
    let slot = newest.finalized_header.beacon.slot;
    if slot <= client.store().checkpoint().slot {
        return Ok(Fetched::Nothing(slot));
    }
    let wanted = wanted(client, newest.signature_slot, config.periods_per_step);
    let updates = fetch_updates(nodes, place, wanted).await?;
    let newest = wanted.reaches.then(|| Box::new(newest));
    Ok(Fetched::Newer(updates, newest))
}

async fn fetch_updates(
    nodes: &BeaconNodes,
    place: usize,
    wanted: Wanted,
) -> Result<Vec<Update>, NodeError> {
    if wanted.count == 0 {
        return Ok(Vec::new());
    }
    let request = Request {
        route: "/eth/v1/beacon/light_client/updates".to_owned(),
        query: vec![
            ("start_period", wanted.first.to_string()),
            ("count", wanted.count.to_string()),
        ],
        objects: usize::try_from(wanted.count).unwrap_or(usize::MAX),
    };
    let answer: Vec<Versioned<Update>> = nodes.ask(place, &request).await?;
    if answer.len() as u64 != wanted.count {
        return Err(NodeError::UpdateCount {
            period: wanted.first,
            got: answer.len(),
            expected: wanted.count,
        });
    }
    let updates: Vec<_> = answer.into_iter().map(|update| update.data).collect();
    for (update, period) in updates.iter().zip(wanted.first..) {
        if update.next_sync_committee.is_none() {
            return Err(NodeError::NoNextSyncCommittee { period });
        }
    }
    Ok(updates)
}

/// A client knows the committees of its own period and perhaps of the one after; the update of a period names the
/// committee of the next.
fn wanted(client: &Client, signature_slot: u64, most: u64) -> Wanted {
    let preset = &client.store().config().preset;
    let checkpoint = client.store().checkpoint();
    let is_known = checkpoint.next_sync_committee.is_some();
    let first = preset.period(checkpoint.slot) + u64::from(is_known);
    let missing = preset.period(signature_slot).saturating_sub(first);
    let count = missing.min(most).min(LARGEST_REQUEST);
    Wanted {
        first,
        count,
        reaches: count == missing,
    }
}

/// Verifies everything, in order. Without the newest update the step is cut short.
fn build(
    before: &Client,
    updates: &[Update],
    newest: Option<&Update>,
    current: u64,
) -> Result<Offer, NodeError> {
    let refused = |source| NodeError::Refused { source };
    let slot_of = |builder: &StepBuilder| builder.client().store().checkpoint().slot;
    let mut builder = before.begin();
    for update in updates {
        builder.push(update, current).map_err(refused)?;
    }
    let mut count = updates.len();
    // The updates of periods may have come as far as the newest one.
    if let Some(newest) = newest
        && newest.finalized_header.beacon.slot > slot_of(&builder)
    {
        builder.push(newest, current).map_err(refused)?;
        count += 1;
    }
    let slot = slot_of(&builder);
    if slot <= before.store().checkpoint().slot {
        return Ok(Offer::Nothing(slot));
    }
    Ok(Offer::Step(Gathered {
        builder: Box::new(builder),
        updates: count,
        is_cut: newest.is_none(),
    }))
}

/// [`gather`] and the writing of the step, with a word about it.
pub(crate) async fn next_step(
    nodes: &mut BeaconNodes,
    client: &Client,
    config: &OperatorConfig,
    reporter: &Reporter,
) -> Result<Option<(Step, usize)>, OperatorError> {
    let begun = Instant::now();
    let Some(gathered) = gather(nodes, client, config, reporter).await? else {
        return Ok(None);
    };
    let (step, updates) = gathered.finish().await?;
    reporter.report(&Event::Built {
        updates,
        input_bytes: step.input.len(),
        number: step.output.number,
        elapsed: begun.elapsed(),
    });
    Ok(Some((step, updates)))
}
