//! `Field`: the fields of an update, each with what must be said if one of its bytes is another.

use core::fmt;

use valence_coprocessor_ethereum_beacon::{LightClientHeader, SyncCommittee, Update};
use valence_coprocessor_ethereum_light_client::{HeaderError, UpdateError};

type Change = Box<dyn Fn(&mut Update, usize)>;

/// A field, how one of its bytes is changed, and what must be said of it.
pub struct Field {
    /// Where it stands in the update; the nodes of a branch and the keys of a committee share a name.
    pub name: String,
    /// Bytes that can be changed.
    pub length: usize,
    change: Change,
    expected: fn(&UpdateError) -> bool,
}

impl fmt::Debug for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Field")
            .field("name", &self.name)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Field {
    /// An update in which one byte of this field is another.
    #[must_use]
    pub fn changed(&self, update: &Update, at: usize) -> Update {
        let mut changed = update.clone();
        (self.change)(&mut changed, at);
        assert_ne!(&changed, update, "{} byte {at}", self.name);
        changed
    }

    /// Whether a refusal names what this field is of.
    pub fn expects(&self, error: &UpdateError) -> bool {
        (self.expected)(error)
    }

    fn bytes(
        name: impl Into<String>,
        length: usize,
        bytes: impl Fn(&mut Update) -> &mut [u8] + 'static,
        expected: fn(&UpdateError) -> bool,
    ) -> Self {
        Self {
            name: name.into(),
            length,
            change: Box::new(move |update, at| bytes(update)[at] ^= 1 << (at % 8)),
            expected,
        }
    }

    fn number(
        name: impl Into<String>,
        number: impl Fn(&mut Update) -> &mut u64 + 'static,
        expected: fn(&UpdateError) -> bool,
    ) -> Self {
        Self {
            name: name.into(),
            length: 8,
            change: Box::new(move |update, at| *number(update) ^= 1 << (9 * at)),
            expected,
        }
    }
}

type HeaderOf = fn(&mut Update) -> &mut LightClientHeader;

const ATTESTED: HeaderOf = |update| &mut update.attested_header;
const FINALIZED: HeaderOf = |update| &mut update.finalized_header;

fn signature(error: &UpdateError) -> bool {
    matches!(error, UpdateError::Signature(_))
}

fn finality(error: &UpdateError) -> bool {
    matches!(error, UpdateError::FinalityBranch)
}

fn next_committee(error: &UpdateError) -> bool {
    matches!(error, UpdateError::NextSyncCommitteeBranch)
}

fn attested_body(error: &UpdateError) -> bool {
    matches!(
        error,
        UpdateError::AttestedHeader(HeaderError::ExecutionBranch { .. })
    )
}

fn finalized_body(error: &UpdateError) -> bool {
    matches!(
        error,
        UpdateError::FinalizedHeader(HeaderError::ExecutionBranch { .. })
    )
}

/// The fields of a header and, as far as they have others, its payload.
fn header_fields(
    name: &'static str,
    header: HeaderOf,
    beacon: fn(&UpdateError) -> bool,
    body: fn(&UpdateError) -> bool,
    fields: &mut Vec<Field>,
) {
    let of = |field: &str| format!("{name}.{field}");
    fields.extend([
        Field::number(
            of("proposer_index"),
            move |u| &mut header(u).beacon.proposer_index,
            beacon,
        ),
        Field::bytes(
            of("parent_root"),
            32,
            move |u| &mut header(u).beacon.parent_root.0,
            beacon,
        ),
        Field::bytes(
            of("body_root"),
            32,
            move |u| &mut header(u).beacon.body_root.0,
            body,
        ),
    ]);
    macro_rules! payload {
        ($($field:ident: $length:literal,)*) => {$(
            fields.push(Field::bytes(of(concat!("execution.", stringify!($field))), $length, move |u| {
                &mut header(u).execution.as_mut().expect("a payload").$field.0
            }, body));
        )*};
    }
    payload! {
        parent_hash: 32, fee_recipient: 20, state_root: 32, receipts_root: 32, logs_bloom: 256, prev_randao: 32,
        base_fee_per_gas: 32, block_hash: 32, transactions_root: 32, withdrawals_root: 32,
    }
    macro_rules! numbers {
        ($($field:ident,)*) => {$(
            fields.push(Field::number(of(concat!("execution.", stringify!($field))), move |u| {
                &mut header(u).execution.as_mut().expect("a payload").$field
            }, body));
        )*};
    }
    numbers! { block_number, gas_limit, gas_used, timestamp, }
    macro_rules! blob_gas {
        ($($field:ident,)*) => {$(
            fields.push(Field::number(of(concat!("execution.", stringify!($field))), move |u| {
                header(u).execution.as_mut().expect("a payload").$field.as_mut().expect("Deneb's field")
            }, body));
        )*};
    }
    blob_gas! { blob_gas_used, excess_blob_gas, }
    for node in 0..4 {
        fields.push(Field::bytes(
            of("execution_branch"),
            32,
            move |u| &mut header(u).execution_branch.as_mut().expect("a payload")[node].0,
            body,
        ));
    }
}

/// Every field of an update but the signature's slot, which is not signed.
pub fn fields(update: &Update) -> Vec<Field> {
    let mut fields = Vec::new();
    header_fields("attested", ATTESTED, signature, attested_body, &mut fields);
    header_fields(
        "finalized",
        FINALIZED,
        finality,
        finalized_body,
        &mut fields,
    );
    extra_data(
        "attested",
        ATTESTED,
        &update.attested_header,
        attested_body,
        &mut fields,
    );
    extra_data(
        "finalized",
        FINALIZED,
        &update.finalized_header,
        finalized_body,
        &mut fields,
    );
    chain_fields(update, &mut fields);
    committee_fields(update, &mut fields);
    for node in 0..update.finality_branch.len() {
        fields.push(Field::bytes(
            "finality_branch",
            32,
            move |u| &mut u.finality_branch[node].0,
            finality,
        ));
    }
    fields
}

fn extra_data(
    name: &'static str,
    header_of: HeaderOf,
    header: &LightClientHeader,
    body: fn(&UpdateError) -> bool,
    fields: &mut Vec<Field>,
) {
    let length = header
        .execution
        .as_ref()
        .expect("a payload")
        .extra_data
        .len();
    fields.push(Field::bytes(
        format!("{name}.execution.extra_data"),
        length,
        move |u| {
            &mut header_of(u)
                .execution
                .as_mut()
                .expect("a payload")
                .extra_data
        },
        body,
    ));
}

/// Slots and state roots, of which more than one check may speak, and what the committee gives.
fn chain_fields(update: &Update, fields: &mut Vec<Field>) {
    fields.extend([
        Field::bytes(
            "attested.state_root",
            32,
            |u| &mut u.attested_header.beacon.state_root.0,
            finality,
        ),
        Field::bytes(
            "finalized.state_root",
            32,
            |u| &mut u.finalized_header.beacon.state_root.0,
            finality,
        ),
        Field::number(
            "attested.slot",
            |u| &mut u.attested_header.beacon.slot,
            |error| {
                matches!(
                    error,
                    UpdateError::SignatureNotAfterAttested { .. }
                        | UpdateError::FinalizedAfterAttested { .. }
                        | UpdateError::Signature(_)
                )
            },
        ),
        Field::number(
            "finalized.slot",
            |u| &mut u.finalized_header.beacon.slot,
            |error| {
                matches!(
                    error,
                    UpdateError::FinalizedAfterAttested { .. }
                        | UpdateError::FinalizedNotNewer { .. }
                        | UpdateError::FinalityBranch
                )
            },
        ),
        Field::bytes(
            "sync_committee_bits",
            update.sync_aggregate.sync_committee_bits.len(),
            |u| &mut u.sync_aggregate.sync_committee_bits,
            signature,
        ),
        Field::bytes(
            "sync_committee_signature",
            96,
            |u| &mut u.sync_aggregate.sync_committee_signature.0,
            signature,
        ),
    ]);
}

fn committee_fields(update: &Update, fields: &mut Vec<Field>) {
    let branch = update
        .next_sync_committee_branch
        .as_ref()
        .expect("a committee");
    for node in 0..branch.len() {
        fields.push(Field::bytes(
            "next_sync_committee_branch",
            32,
            move |u| &mut u.next_sync_committee_branch.as_mut().expect("a committee")[node].0,
            next_committee,
        ));
    }
    let committee = update.next_sync_committee.as_ref().expect("a committee");
    for key in 0..committee.pubkeys.len() {
        fields.push(Field::bytes(
            "next_sync_committee.pubkeys",
            48,
            move |u| &mut next(u).pubkeys[key].0,
            next_committee,
        ));
    }
    fields.push(Field::bytes(
        "next_sync_committee.aggregate_pubkey",
        48,
        |u| &mut next(u).aggregate_pubkey.0,
        next_committee,
    ));
}

fn next(update: &mut Update) -> &mut SyncCommittee {
    update.next_sync_committee.as_mut().expect("a committee")
}
