//! Blocks, roots, openings, and the attacks on them that come over HTTP.

use std::collections::BTreeMap;

use serde_json::json;
use valence_coprocessor_api::paths;

use crate::support::{TestServer, hex_of};

fn opening_of(domain: &str, number: &str) -> String {
    paths::with(
        &paths::with(paths::OPENING, "domain", domain),
        "number",
        number,
    )
}

#[tokio::test]
async fn blocks_are_appended_and_found_again() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let zero = "0".repeat(64);
    assert_eq!(server.root().await?, zero);
    let id = server.deploy_domain("ethereum").await?;
    let added = server.add_block("ethereum", 5, 9).await?.ok()?;
    assert_eq!(hex_of(&added["prev_smt"])?, zero);
    assert_eq!(hex_of(&added["domain"])?, id);
    let root = hex_of(&added["smt"])?;
    assert_eq!(server.root().await?, root);

    let latest = server
        .get(&paths::with(paths::DOMAIN_LATEST, "name", "ethereum"))
        .await?
        .ok()?;
    assert_eq!(
        latest,
        json!({"coprocessor": root, "domain": id, "number": 5, "root": "09".repeat(32), "payload": "010203", "head": zero, "dev": true})
    );
    let update = server
        .get(&paths::with(paths::UPDATE, "root", &root))
        .await?
        .ok()?;
    assert_eq!(update["previous"], zero);
    assert_eq!(update["uuid"], format!("{:032x}", 1));
    assert_eq!(update["block"]["number"], 5);
    assert_eq!(update["block"]["root"], json!(vec![9; 32]));
    let update = server
        .get(&paths::with(paths::UPDATE, "root", &zero))
        .await?
        .ok()?;
    assert_eq!(update["root"], zero);

    let by_name = server.get(&opening_of("ethereum", "5")).await?.ok()?;
    assert_eq!(by_name["root"], root);
    assert_eq!(by_name["state_root"], "09".repeat(32));
    assert_eq!(server.get(&opening_of(&id, "5")).await?.ok()?, by_name);

    let listed = server.get(paths::DOMAINS).await?.ok()?;
    assert_eq!(listed["domains"][0]["name"], "ethereum");
    assert_eq!(listed["domains"][0]["latest"], 5);
    Ok(())
}

#[tokio::test]
async fn a_range_is_answered_page_by_page() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    server.deploy_domain("ethereum").await?;
    let mut roots = vec![server.root().await?];
    for number in 1..=5 {
        let added = server.add_block("ethereum", number, 1).await?.ok()?;
        roots.push(hex_of(&added["smt"])?);
    }
    let mut from = roots[0].clone();
    let mut seen = Vec::new();
    loop {
        let path = paths::with(&paths::with(paths::UPDATES, "from", &from), "to", &roots[5]);
        let page = server.get(&format!("{path}?limit=2")).await?.ok()?;
        let updates = page["updates"].as_array().expect("updates are an array");
        assert!(updates.len() <= 2);
        seen.extend(
            updates
                .iter()
                .map(|update| update["root"].as_str().unwrap_or_default().to_owned()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        next.clone_into(&mut from);
    }
    assert_eq!(seen, roots[1..]);
    Ok(())
}

#[tokio::test]
async fn attack_a7_a_number_is_appended_once() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    server.deploy_domain("ethereum").await?;
    server.add_block("ethereum", 7, 1).await?.ok()?;
    let root = server.root().await?;
    server
        .add_block("ethereum", 7, 2)
        .await?
        .refused(409, "block_exists")?;
    server
        .add_block("ethereum", 6, 2)
        .await?
        .refused(409, "block_not_newer")?;
    assert_eq!(server.root().await?, root);
    Ok(())
}

#[tokio::test]
async fn attack_a7_of_32_blocks_at_once_one_is_appended() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    server.deploy_domain("ethereum").await?;
    let before = server.root().await?;
    let attempts = (0..32).map(|fill| server.add_block("ethereum", 7, fill));
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    let mut roots = Vec::new();
    for answer in futures_util::future::join_all(attempts).await {
        let answer = answer?;
        *statuses.entry(answer.status).or_default() += 1;
        if answer.status == 200 {
            assert_eq!(hex_of(&answer.body["prev_smt"])?, before);
            roots.push(hex_of(&answer.body["smt"])?);
        } else {
            answer.refused(409, "block_exists")?;
        }
    }
    assert_eq!(statuses, BTreeMap::from([(200, 1), (409, 31)]));
    assert_eq!(roots, [server.root().await?]);
    Ok(())
}

#[tokio::test]
async fn attack_a12_a_missing_block_is_404_and_names_the_nearest() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    server.deploy_domain("ethereum").await?;
    server.deploy_domain("ethereum-2").await?;
    for number in [10, 20] {
        server.add_block("ethereum", number, 1).await?.ok()?;
    }
    server.add_block("ethereum-2", 15, 1).await?.ok()?;
    let message = server
        .get(&opening_of("ethereum", "15"))
        .await?
        .refused(404, "unknown_block")?;
    assert!(
        message.contains("10") && message.contains("20"),
        "{message}"
    );
    let message = server
        .get(&opening_of("ethereum", "21"))
        .await?
        .refused(404, "unknown_block")?;
    assert!(message.contains("20"), "{message}");
    server
        .get(&opening_of("nowhere", "10"))
        .await?
        .refused(404, "unknown_domain")?;
    server
        .get(&opening_of(&"ab".repeat(32), "10"))
        .await?
        .refused(404, "unknown_domain")?;
    server
        .get(&paths::with(paths::UPDATE, "root", &"ab".repeat(32)))
        .await?
        .refused(404, "unknown_root")?;
    Ok(())
}

#[tokio::test]
async fn blocks_of_a_domain_that_is_not_elected_are_refused() -> anyhow::Result<()> {
    let server = TestServer::elected(valence_coprocessor::DomainSet::default()).await?;
    server.deploy_domain("ethereum").await?;
    server
        .add_block("ethereum", 1, 1)
        .await?
        .refused(403, "domain_not_elected")?;
    let answer = server.get(paths::ROOT).await?;
    assert_eq!(answer.body, json!({"root": "0".repeat(64), "dev": false}));
    Ok(())
}
