//! The example on live answers of a real node.

use serde_json::json;
use valence_coprocessor_harness::{TRUSTED_DOMAIN, block_arguments};

use crate::stage::{EXECUTION, Stage, statement};

#[tokio::test]
async fn the_balance_is_what_the_node_says_at_every_block() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut blocks = Vec::new();
    for value in [1_000, 1, u128::from(u64::MAX)] {
        blocks.push(stage.move_and_feed(value).await?);
    }
    let root = stage.service.coprocessor().root().await?;
    let mut values = Vec::new();
    for number in blocks {
        let job = stage.prove(number, None, "execute", EXECUTION).await?;
        let statement = statement(&job)?;
        assert_eq!(statement.root, root);
        assert_eq!(statement.value, stage.balance(number).await?);
        assert_eq!(job["result"]["proven"], false, "executing proves nothing");
        values.push(statement.value);
    }
    // Not one constant: each move shows.
    values.dedup();
    assert_eq!(values.len(), 3);
    Ok(())
}

#[tokio::test]
async fn an_old_root_stays_provable_and_knows_no_later_block() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let first = stage.move_and_feed(5).await?;
    let old = stage.service.coprocessor().root().await?;
    let second = stage.move_and_feed(7).await?;
    let new = stage.service.coprocessor().root().await?;
    assert_ne!(old, new);

    let job = stage.prove(first, Some(&old), "execute", EXECUTION).await?;
    let statement = statement(&job)?;
    assert_eq!(statement.root, old);
    assert_eq!(statement.value, stage.balance(first).await?);

    let coprocessor = stage.service.coprocessor();
    let path = format!("/api/historical/{TRUSTED_DOMAIN}/{second}");
    let headers = [("valence-coprocessor-root", old.as_str())];
    let answer = coprocessor
        .request(reqwest::Method::GET, &path, &headers, None)
        .await?;
    assert_eq!((answer.status, answer.code()), (404, "unknown_block"));
    let job = stage
        .prove(second, Some(&old), "execute", EXECUTION)
        .await?;
    assert_eq!(job["state"], "failed", "{job}");
    Ok(())
}

#[tokio::test]
async fn a_block_is_appended_once() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let first = stage.move_and_feed(5).await?;
    let second = stage.move_and_feed(6).await?;
    let coprocessor = stage.service.coprocessor();
    let root = coprocessor.root().await?;
    for (number, code) in [
        (second, "block_exists"),
        (first, "block_exists"),
        (0, "block_not_newer"),
    ] {
        let (_, arguments) = block_arguments(stage.anvil.node(), number).await?;
        let answer = coprocessor.add_block(TRUSTED_DOMAIN, &arguments).await?;
        assert_eq!(
            (answer.status, answer.code()),
            (409, code),
            "block {number}"
        );
    }
    assert_eq!(coprocessor.root().await?, root);

    // A header that does not hash to the hash that was given is no block.
    let (_, mut forged) = block_arguments(stage.anvil.node(), first).await?;
    forged["hash"] = json!(format!("0x{}", "11".repeat(32)));
    let answer = coprocessor.add_block(TRUSTED_DOMAIN, &forged).await?;
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    assert_eq!(coprocessor.root().await?, root);
    Ok(())
}
