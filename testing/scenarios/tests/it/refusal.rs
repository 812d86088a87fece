//! Bad input is refused by name, and changes nothing.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use valence_coprocessor_harness::{
    Artifacts, Coprocessor, Guest, Programs, Service, TRUSTED_DOMAIN,
};

use crate::stage::{EXECUTION, HOLDER, options};

/// A request and what must come of it.
struct Refusal {
    name: &'static str,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    status: u16,
    code: &'static str,
}

impl Refusal {
    fn get(name: &'static str, path: &str, status: u16, code: &'static str) -> Self {
        Self {
            name,
            method: Method::GET,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            status,
            code,
        }
    }

    fn post(name: &'static str, path: &str, body: &Value, status: u16, code: &'static str) -> Self {
        let body = body.to_string().into_bytes();
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(name, path, status, code)
        }
    }

    fn with_circuit(mut self, circuit: &str) -> Self {
        self.headers
            .push(("valence-coprocessor-circuit", circuit.to_owned()));
        self
    }

    async fn check(&self, coprocessor: &Coprocessor) -> anyhow::Result<()> {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = coprocessor
            .request(self.method.clone(), &self.path, &headers, self.body.clone())
            .await
            .context(self.name)?;
        let got = (answer.status, answer.code());
        assert_eq!(
            got,
            (self.status, self.code),
            "{}: {}",
            self.name,
            answer.body
        );
        let says = |field: &str| answer.body[field].as_str().unwrap_or_default().len();
        assert!(says("message") > 10, "{}: {}", self.name, answer.body);
        assert!(says("request_id") > 0, "{}: {}", self.name, answer.body);
        Ok(())
    }
}

#[tokio::test]
async fn bad_input_is_refused_by_name() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let service = Service::start(&options(&Programs::find()?, &folder, None)).await?;
    let coprocessor = service.coprocessor();
    let guest = Artifacts::default().echo()?;
    let circuit = coprocessor.deploy(&guest, 0).await?;
    let before = coprocessor.get("/api/stats").await?.body;
    for refusal in bad_uploads(&guest)
        .into_iter()
        .chain(bad_reads())
        .chain(bad_calls(&circuit))
    {
        refusal.check(coprocessor).await?;
    }
    let after = coprocessor.get("/api/stats").await?.body;
    for kept in ["root", "blocks", "active_jobs"] {
        assert_eq!(before[kept], after[kept], "{kept}");
    }
    Ok(())
}

fn bad_uploads(guest: &Guest) -> Vec<Refusal> {
    let wasm = STANDARD.encode(&guest.controller);
    let elf = STANDARD.encode(&guest.circuit);
    let half = STANDARD.encode(&guest.circuit[..guest.circuit.len() / 2]);
    let deploy = "/api/registry/controller";
    let with =
        |controller: &str, circuit: &str| json!({"controller": controller, "circuit": circuit});
    vec![
        Refusal::post(
            "wrong base64",
            deploy,
            &with("%%%", &elf),
            400,
            "invalid_body",
        ),
        Refusal::post(
            "no wasm",
            deploy,
            &with(&elf, &elf),
            400,
            "invalid_controller",
        ),
        Refusal::post(
            "no ELF",
            deploy,
            &with(&wasm, &wasm),
            400,
            "invalid_circuit",
        ),
        Refusal::post(
            "half an ELF",
            deploy,
            &with(&wasm, &half),
            400,
            "invalid_circuit",
        ),
        Refusal::post("no fields", deploy, &json!({}), 400, "invalid_body"),
        Refusal::post("a list", deploy, &json!([1]), 400, "invalid_body"),
        Refusal::post(
            "a name with a slash",
            "/api/registry/domain",
            &json!({"name": "../x", "controller": wasm, "circuit": elf}),
            400,
            "invalid_parameter",
        ),
    ]
}

fn bad_reads() -> Vec<Refusal> {
    let unknown = "ab".repeat(32);
    let of = |what: &str| format!("/api/registry/controller/{unknown}/{what}");
    vec![
        Refusal::get("no such route", "/api/nothing", 404, "unknown_route"),
        Refusal::get(
            "no such method",
            "/api/registry/domain",
            405,
            "method_not_allowed",
        ),
        Refusal::get("unknown circuit", &of("vk"), 404, "unknown_circuit"),
        Refusal::get(
            "unknown root",
            &format!("/api/historical/{unknown}"),
            404,
            "unknown_root",
        ),
        Refusal::get("no root", "/api/historical/xyz", 400, "invalid_parameter"),
        Refusal::get(
            "unknown job",
            &format!("/api/jobs/{}", "ab".repeat(16)),
            404,
            "unknown_job",
        ),
        Refusal::get(
            "unknown domain",
            "/api/registry/domain/nobody/latest",
            404,
            "unknown_domain",
        ),
    ]
}

fn bad_calls(circuit: &str) -> Vec<Refusal> {
    let prove = "/api/circuit/prove";
    let arguments = json!({"args": {"value": "x"}, "kind": "execute"});
    let not_json = Refusal {
        body: Some(b"{\"args\": ".to_vec()),
        ..Refusal::post("half a JSON", prove, &Value::Null, 400, "invalid_body")
    };
    vec![
        not_json.with_circuit(circuit),
        Refusal::post("unknown circuit", prove, &arguments, 404, "unknown_circuit")
            .with_circuit(&"cd".repeat(32)),
        Refusal::post(
            "short circuit id",
            prove,
            &arguments,
            400,
            "invalid_parameter",
        )
        .with_circuit("abcd"),
        Refusal::post(
            "no such kind of proof",
            prove,
            &json!({"args": {}, "kind": "magic"}),
            400,
            "invalid_body",
        )
        .with_circuit(circuit),
        Refusal::post(
            "block of an unknown domain",
            "/api/registry/domain/nobody",
            &json!({"number": 1}),
            404,
            "unknown_domain",
        ),
    ]
}

#[tokio::test]
async fn an_unreachable_node_is_named() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    // A port that was free a moment ago: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("finding a free port")?;
    let port = listener.local_addr().context("reading the port")?.port();
    drop(listener);
    let url = format!("http://127.0.0.1:{port}");
    let service = Service::start(&options(&Programs::find()?, &folder, Some(&url))).await?;
    let coprocessor = service.coprocessor();
    let artifacts = Artifacts::default();
    coprocessor
        .deploy_domain(TRUSTED_DOMAIN, &artifacts.ethereum_trusted()?)
        .await?;
    let circuit = coprocessor.deploy(&artifacts.storage_proof()?, 0).await?;
    let arguments = valence_coprocessor_harness::balance_arguments(HOLDER, 1);
    let job = coprocessor
        .prove(&circuit, None, "execute", &arguments)
        .await?;
    let job = coprocessor.finish(&job, EXECUTION, |_| ()).await?;
    assert_eq!(job["state"], "failed", "{job}");
    assert!(
        !job["failure"]["message"]
            .as_str()
            .unwrap_or_default()
            .is_empty(),
        "{job}"
    );
    assert_eq!(coprocessor.get("/health").await?.status, 200);
    Ok(())
}
