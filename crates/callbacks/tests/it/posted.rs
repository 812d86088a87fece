//! What a receiver gets, and what counts as an answer.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use valence_coprocessor::{CallbackState, JobState};
use valence_coprocessor_api::CallbackBody;
use valence_coprocessor_zkvm::ProofKind;

use crate::receiver::{Behaviour, Receiver};
use crate::world::World;

#[tokio::test]
async fn a_receiver_that_flaps_gets_one_signed_delivery_at_least_once() -> anyhow::Result<()> {
    let receiver = Receiver::start([Behaviour::Status(500), Behaviour::Status(429)]).await?;
    let world = World::new(World::allowing(&receiver.address.to_string())).await?;
    let job = world.prove(&receiver.url(), ProofKind::Groth16).await?;
    let callback = job.callback.context("it was asked for")?;
    assert_eq!(
        (job.state, callback.state),
        (JobState::Done, CallbackState::Delivered)
    );
    assert_eq!(callback.attempts, 3);
    assert!(job.log[0].contains("answered 500"), "{:?}", job.log);
    assert!(job.log[1].contains("answered 429"), "{:?}", job.log);

    let posted = receiver.posted();
    assert_eq!(posted.len(), 3);
    let key = world.key()?;
    for call in &posted {
        call.verify(&key)?;
        assert_eq!(call.header("webhook-id")?, job.id.to_string());
        assert_eq!(call.body, posted[0].body);
    }
    let body = posted[0].verify(&key)?;
    assert_eq!(body["type"], "job.done");
    assert_eq!(body["delivery"], job.id.to_string());
    assert_eq!(body["trust"], "dev");
    assert_eq!(body["path"], format!("/api/jobs/{}", job.id));
    let proof = world.engine.proof(&job.id)?;
    assert_eq!(body["proof"], STANDARD.encode(&proof.bytes));
    let typed: CallbackBody = serde_json::from_value(body)?;
    assert_eq!((typed.circuit, typed.root), (job.circuit, job.root));
    assert_eq!(
        (typed.proven, typed.cycles, typed.failure),
        (true, Some(7), None)
    );
    assert_eq!(
        (typed.public_values, typed.verifying_key),
        (
            Some(proof.public_values.into()),
            Some(proof.verifying_key.to_string())
        )
    );
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_hangs_or_is_gone_does_not_hold_the_job() -> anyhow::Result<()> {
    let receiver = Receiver::start([Behaviour::Hang, Behaviour::Status(410)]).await?;
    let world = World::new(World::allowing(&receiver.address.to_string())).await?;
    let job = world.prove(&receiver.url(), ProofKind::Execute).await?;
    let callback = job.callback.context("it was asked for")?;
    assert_eq!(
        (job.state, callback.state),
        (JobState::Done, CallbackState::Gone)
    );
    assert_eq!(callback.attempts, 2);
    assert!(job.log[0].contains("no answer within"), "{:?}", job.log);
    let posted = receiver.posted();
    assert_eq!(posted.len(), 2);
    // Nothing is proven, and the receiver is told so.
    let body = posted[0].verify(&world.key()?)?;
    assert_eq!(body["kind"], "execute");
    assert_eq!(body["proven"], false);
    Ok(())
}
