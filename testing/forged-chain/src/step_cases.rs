//! Inputs of the circuit `ethereum-step`: honest ones, and attacks b1 to b4, b11 and b12, each right in everything but
//! one thing. What the host says to them is what the zkVM must say.

use valence_coprocessor_ethereum_beacon::{Client, Update};
use valence_coprocessor_ethereum_bls::{PointError, SignatureError, SigningRoot, advise, verify};
use valence_coprocessor_ethereum_light_client::{
    Advice, ForkVersion, Hasher, NextSyncCommittee, PublicKey, Signature, StepInput,
    Update as LightClientUpdate,
};

use crate::{Committee, PERIOD, Plan, client, electra, electra_512};

const STORED: u64 = 2 * PERIOD + 8;
/// A slot after all that is signed here.
const NOW: u64 = 1 << 40;

/// An input of the circuit.
#[derive(Debug, Clone)]
pub struct StepCase {
    /// What is special about it.
    pub name: &'static str,
    /// What the circuit reads.
    pub input: Vec<u8>,
}

/// Steps that are accepted: full and just sufficient participation of mainnet's committee size, a new period.
pub fn honest_steps() -> Vec<StepCase> {
    let config = electra_512();
    let trusting = client(config, STORED, true);
    let mut steps: Vec<StepCase> = [("finality-512-of-512", 512), ("finality-342-of-512", 342)]
        .into_iter()
        .map(|(name, signing)| {
            // Spread over the committee, as it is on a chain: every third is absent.
            let mut members: Vec<usize> = (0..512).filter(|member| member % 3 != 2).collect();
            members.truncate(signing);
            let late = (0..512).filter(|member| member % 3 == 2);
            members.extend(late.take(signing - members.len()));
            members.sort_unstable();
            let plan = Plan {
                next: None,
                signing: members.clone(),
                claimed: members,
                ..Plan::new(config, STORED + 8, STORED + 20)
            };
            honest(name, &trusting, &plan.forge())
        })
        .collect();
    let period = Plan::new(config, 3 * PERIOD + 8, 3 * PERIOD + 20);
    steps.push(honest("period-512-of-512", &trusting, &period.forge()));
    let small = client(electra(), STORED, true);
    steps.push(honest("minimal-32-of-32", &small, &plan().forge()));
    steps
}

fn honest(name: &'static str, client: &Client, update: &Update) -> StepCase {
    let mut builder = client.begin();
    builder.push(update, NOW).expect("an honest update");
    let input = builder.finish().expect("an honest step").input;
    StepCase { name, input }
}

/// Steps that are refused.
pub fn refused_steps() -> Vec<StepCase> {
    [
        attacks_b1_and_b2(),
        attacks_b1_by_points(),
        attacks_b3_b4_and_b11(),
    ]
    .concat()
}

fn plan() -> Plan {
    Plan::new(electra(), STORED + 8, STORED + 20)
}

/// An update whose next committee is not known yet.
pub(crate) fn next_period() -> Plan {
    Plan::new(electra(), 3 * PERIOD, 3 * PERIOD + 9)
}

/// A plan with one thing wrong, or what else is done to the update that it makes.
fn refused(
    name: &'static str,
    plan: &Plan,
    change: impl Fn(&mut LightClientUpdate<'_>),
) -> StepCase {
    StepCase {
        name,
        input: encoded(&plan.forge(), change),
    }
}

/// The step of an update, whatever is wrong with it or what is done to it, from the state that all of these start from.
pub(crate) fn encoded(update: &Update, change: impl Fn(&mut LightClientUpdate<'_>)) -> Vec<u8> {
    let client = client(electra(), STORED, true);
    let prepared = client.prepare(update).expect("a well-formed update");
    let mut update = prepared.borrow();
    change(&mut update);
    let config = *client.store().config();
    let root = update.signing_root(&mut Hasher::new(), &config);
    let signers = &update.signers;
    // As much advice as there can be: the refusal must not hang on a lack of it.
    update.advice = match advise(
        &signers.aggregate_pubkey,
        signers.absent,
        &root,
        &update.signature,
    ) {
        Ok(advice) => advice,
        Err(unadvisable) => unadvisable.advice,
    };
    let input = StepInput {
        config,
        previous: *client.store().checkpoint(),
        updates: vec![update],
    };
    input.encode()
}

fn attacks_b1_and_b2() -> Vec<StepCase> {
    let nothing = |_: &mut LightClientUpdate<'_>| {};
    let version = ForkVersion::from_bytes([4, 0, 0, 1]);
    let members: Vec<_> = (0..21).collect();
    let few = Plan {
        signing: members.clone(),
        claimed: members,
        ..plan()
    };
    let after = Plan::new(electra(), STORED + 21, STORED + 20);
    let old = Plan::new(electra(), STORED, STORED + 20);
    vec![
        refused(
            "b1-other-committee",
            &Plan {
                signer: 3,
                ..plan()
            },
            nothing,
        ),
        refused(
            "b1-other-domain",
            &Plan {
                domain: [0; 4],
                ..plan()
            },
            nothing,
        ),
        refused("b1-other-version", &Plan { version, ..plan() }, nothing),
        refused(
            "b1-one-did-not-sign",
            &Plan {
                signing: (0..31).collect(),
                ..plan()
            },
            nothing,
        ),
        refused("b1-less-than-two-thirds", &few, nothing),
        refused(
            "b2-signature-not-after",
            &Plan {
                signature_slot: STORED + 20,
                ..plan()
            },
            nothing,
        ),
        refused("b2-finalized-after-attested", &after, nothing),
        refused("b2-b12-finalized-not-newer", &old, nothing),
    ]
}

/// Signatures that are no points, or points of which none is a signature.
fn attacks_b1_by_points() -> Vec<StepCase> {
    let signed = |name, signature: fn(&mut Signature)| {
        refused(name, &plan(), move |update| {
            signature(&mut update.signature);
        })
    };
    vec![
        signed("b1-signature-at-infinity", |signature| {
            signature.0 = [0; 96];
            signature.0[0] = 0xc0;
        }),
        signed("b1-negative-signature", |signature| {
            signature.0[0] ^= 0x20;
        }),
        signed("b1-signature-not-compressed", |signature| {
            signature.0[0] &= 0x7f;
        }),
        signed("b1-signature-not-canonical", |signature| {
            signature.0 = [0xff; 96];
            signature.0[0] = 0x9f;
        }),
        signed("b1-signature-off-the-curve", |signature| {
            *signature = first_small(SignatureError::Signature(PointError::NotOnCurve));
        }),
        signed("b1-signature-outside-the-subgroup", |signature| {
            *signature = first_small(SignatureError::SignatureNotInSubgroup);
        }),
    ]
}

/// The signature with the smallest x coordinate that is refused like this.
pub(crate) fn first_small(refusal: SignatureError) -> Signature {
    let aggregate = PublicKey(Committee::of_period(2).public.aggregate_pubkey.0);
    let refused_so = |signature: &Signature| {
        let nobody: [&PublicKey; 0] = [];
        let root = SigningRoot([0; 32]);
        verify(&aggregate, nobody, &root, signature, &Advice::none()) == Err(refusal)
    };
    let small = |x: u8| {
        let mut encoded = [0; 96];
        (encoded[0], encoded[95]) = (0x80, x);
        Signature(encoded)
    };
    (0..=u8::MAX)
        .map(small)
        .find(refused_so)
        .expect("half of all x have a point, and hardly one of them is in the subgroup")
}

fn attacks_b3_b4_and_b11() -> Vec<StepCase> {
    let nothing = |_: &mut LightClientUpdate<'_>| {};
    let next = Plan::new(electra(), 3 * PERIOD, 3 * PERIOD + 9);
    let skipped = Plan::new(electra(), 4 * PERIOD, 4 * PERIOD + 9);
    vec![
        refused(
            "b3-other-next-committee",
            &Plan {
                next: Some(9),
                ..plan()
            },
            nothing,
        ),
        refused(
            "b3-committee-of-another-period",
            &Plan { signer: 2, ..next },
            nothing,
        ),
        refused("b3-skipped-period", &skipped, nothing),
        refused("b3-other-aggregate", &plan(), |update| {
            update.signers.aggregate_pubkey.0[9] ^= 1;
        }),
        refused(
            "b4-depth-of-deneb",
            &Plan {
                finalized_index: 105,
                ..plan()
            },
            nothing,
        ),
        refused(
            "b4-index-beside",
            &Plan {
                finalized_index: 168,
                ..plan()
            },
            nothing,
        ),
        refused(
            "b4-execution-index-beside",
            &Plan {
                execution_index: 24,
                ..plan()
            },
            nothing,
        ),
        refused(
            "b4-current-as-next",
            &Plan {
                next_index: 86,
                ..next_period()
            },
            nothing,
        ),
        refused("b4-empty-finality-branch", &plan(), |update| {
            update.finality_branch = &[];
        }),
        refused("b4-empty-committee-branch", &plan(), |update| {
            let root = update.next_sync_committee.expect("a committee").root;
            update.next_sync_committee = Some(NextSyncCommittee { root, branch: &[] });
        }),
        refused("b11-attested-as-finalized", &plan(), |update| {
            update.finalized = update.attested;
        }),
    ]
}
