//! The OpenAPI document: served, complete, and equal to the snapshot that people read.

use std::collections::BTreeSet;

use serde_json::Value;
use valence_coprocessor_api::paths;

use crate::support::TestServer;

/// What the document leaves out: itself, and the page that shows it.
const UNDOCUMENTED: [&str; 3] = [paths::SWAGGER, paths::SPEC, paths::SPEC_YAML];

#[tokio::test]
async fn the_document_is_served_and_names_every_route() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let document = server.get(paths::SPEC).await?.ok()?;
    assert_eq!(document["info"]["version"], "1.2.3");
    let documented: BTreeSet<&str> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, _)| path.as_str())
        .collect();
    let routes: BTreeSet<&str> = paths::ALL
        .iter()
        .copied()
        .filter(|path| !UNDOCUMENTED.contains(path))
        .collect();
    assert_eq!(documented, routes);

    let yaml = server.get(paths::SPEC_YAML).await?;
    assert!(
        yaml.body
            .as_str()
            .is_some_and(|text| text.starts_with("openapi:"))
    );
    let page = server.get(paths::SWAGGER).await?;
    assert_eq!(page.headers["content-type"], "text/html");
    for asset in [
        "/swagger-ui.css",
        "/swagger-ui-bundle.js",
        "/swagger-initializer.js",
    ] {
        assert_eq!(server.get(asset).await?.status, 200, "{asset}");
    }
    let start = server.get("/swagger-initializer.js").await?;
    assert!(
        start
            .body
            .as_str()
            .is_some_and(|text| text.contains("/spec")),
        "the page shows another document"
    );
    Ok(())
}

#[tokio::test]
async fn every_documented_operation_exists() -> anyhow::Result<()> {
    let server = TestServer::start().await?;
    let document = serde_json::to_value(valence_coprocessor_server::openapi("1.2.3"))?;
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for method in operations
            .as_object()
            .into_iter()
            .flatten()
            .map(|(method, _)| method.to_uppercase())
        {
            let url = path.replace("{number}", "1").replace(['{', '}'], "");
            let answer = server.send(server.build(method.parse()?, &url)).await?;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert_ne!(answer.body["code"], "unknown_route", "{method} {path}");
            assert!(answer.status < 500, "{method} {path}: {}", answer.body);
        }
    }
    Ok(())
}

#[test]
fn the_snapshot_is_the_document() -> anyhow::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let document = serde_json::to_value(valence_coprocessor_server::openapi(env!(
        "CARGO_PKG_VERSION"
    )))?;
    #[expect(clippy::disallowed_methods, reason = "a test reads how it was started")]
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    if update {
        std::fs::write(path, serde_json::to_string_pretty(&document)? + "\n")?;
    }
    let snapshot: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    assert_eq!(snapshot, document, "write it anew with UPDATE_SNAPSHOTS=1");
    Ok(())
}
