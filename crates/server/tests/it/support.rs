//! A running server and a client of it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use valence_coprocessor::{DomainSet, Engine, EngineConfig, Mode};
use valence_coprocessor_api::{
    headers, paths,
    signing::{BoundRequest, RequestSigner},
};
use valence_coprocessor_fleet::{Fleet, FleetConfig, LocalWorker};
use valence_coprocessor_server::{EngineMetrics, Server, ServerConfig, ServerLimits};
use valence_coprocessor_store::MemoryStore;
use valence_coprocessor_wasm::{Sandbox, SandboxConfig};
use valence_coprocessor_zkvm::{Capacity, Execution};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

/// Answers what it is asked, from every export.
const ECHO: &str = r#"(module
  (import "valence" "args" (func $args (param i32) (result i32)))
  (import "valence" "ret" (func $ret (param i32 i32) (result i32)))
  (memory (export "memory") 64)
  (func $echo (drop (call $ret (i32.const 64) (call $args (i32.const 64)))))
  (func (export "get_witnesses") (call $echo))
  (func (export "entrypoint") (call $echo))
  (func (export "validate_block") (call $echo)))"#;

/// Traps in its entry point.
const TRAP: &str = r#"(module (memory (export "memory") 1) (func (export "get_witnesses")) (func (export "entrypoint") unreachable))"#;

pub(crate) fn echo() -> Vec<u8> {
    wat::parse_str(ECHO).expect("the module is well-formed")
}

pub(crate) fn trap() -> Vec<u8> {
    wat::parse_str(TRAP).expect("the module is well-formed")
}

/// An ELF as far as the scripted zkVM looks.
pub(crate) fn elf(name: &str) -> Vec<u8> {
    [b"\x7fELF", name.as_bytes()].concat()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Engine,
    client: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer that must be a success.
    pub(crate) fn ok(self) -> anyhow::Result<Value> {
        ensure!(
            self.status == 200,
            "answered {}: {}",
            self.status,
            self.body
        );
        Ok(self.body)
    }

    /// Demands a whole error object with this status and code; answers its message.
    pub(crate) fn refused(&self, status: u16, code: &str) -> anyhow::Result<String> {
        ensure!(
            self.status == status,
            "answered {} instead of {status}: {}",
            self.status,
            self.body
        );
        ensure!(
            self.body["code"] == code,
            "code is {} instead of {code}: {}",
            self.body["code"],
            self.body
        );
        let id = self
            .headers
            .get(headers::REQUEST_ID)
            .context("no request id in the headers")?;
        ensure!(
            self.body["request_id"] == id.to_str()?,
            "the ids differ: {}",
            self.body
        );
        Ok(self.body["message"]
            .as_str()
            .context("no message")?
            .to_owned())
    }
}

impl TestServer {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::start_with(Mode::Dev, ServerLimits::default(), Self::committing()).await
    }

    pub(crate) async fn limited(limits: ServerLimits) -> anyhow::Result<Self> {
        Self::start_with(Mode::Dev, limits, Self::committing()).await
    }

    pub(crate) async fn elected(set: DomainSet) -> anyhow::Result<Self> {
        Self::start_with(
            Mode::Elected(set),
            ServerLimits::default(),
            Self::committing(),
        )
        .await
    }

    /// A zkVM whose circuit commits the root of its input, which follows eight bytes of magic, and then `output`.
    pub(crate) fn committing() -> ScriptedZkvm {
        ScriptedZkvm::new(|_, input| {
            let root = input.get(8..40).unwrap_or_default();
            Ok(Execution {
                public_values: [root, b"output"].concat(),
                cycles: 1_234,
            })
        })
    }

    pub(crate) async fn start_with(
        mode: Mode,
        limits: ServerLimits,
        zkvm: ScriptedZkvm,
    ) -> anyhow::Result<Self> {
        Self::configured(EngineConfig::new(mode), limits, zkvm).await
    }

    pub(crate) async fn configured(
        config: EngineConfig,
        limits: ServerLimits,
        zkvm: ScriptedZkvm,
    ) -> anyhow::Result<Self> {
        let zkvm = Arc::new(zkvm);
        let sandbox = Sandbox::new(SandboxConfig::default())?;
        let capacity = Capacity {
            proofs: 1,
            executions: 2,
        };
        let here = Arc::new(LocalWorker::new(zkvm.clone(), capacity));
        let provers = Arc::new(Fleet::start(FleetConfig::default(), vec![here], None));
        let store = Arc::new(MemoryStore::new());
        let engine = Engine::open(config, store, zkvm.clone(), provers, sandbox).await?;
        let config = ServerConfig {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            version: "1.2.3".to_owned(),
            limits,
            engine_metrics: EngineMetrics::new(|| "valence_test_metric 7\n".to_owned()),
        };
        let server = Server::bind(config, engine.clone()).await?;
        let address = server.local_addr();
        let stop = CancellationToken::new();
        tokio::spawn(server.run(stop.clone()));
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()?;
        Ok(Self {
            address,

            engine,
            client,
            stop,
        })
    }

    /// Lets the server stop, as a signal does.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    pub(crate) fn build(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.build(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.build(Method::POST, path).json(body)).await
    }

    /// The same with the circuit in the header.
    pub(crate) async fn get_of(&self, circuit: &str, path: &str) -> anyhow::Result<Answer> {
        self.send(
            self.build(Method::GET, path)
                .header(headers::CIRCUIT, circuit),
        )
        .await
    }

    /// The same with the circuit in the header.
    pub(crate) async fn post_of(
        &self,
        circuit: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        self.send(
            self.build(Method::POST, path)
                .header(headers::CIRCUIT, circuit)
                .json(body),
        )
        .await
    }

    /// A request in our own signed form.
    pub(crate) async fn signed(
        &self,
        signer: &RequestSigner,
        method: Method,
        path: &str,
        circuit: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        let request = self.sign(signer, method, path, circuit, body)?;
        self.send(request).await
    }

    pub(crate) fn sign(
        &self,
        signer: &RequestSigner,
        method: Method,
        path: &str,
        circuit: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<RequestBuilder> {
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            serde_json::to_vec(body)?
        };
        let signature = BoundRequest {
            method: method.as_str(),
            path,
            circuit: circuit.map(str::parse).transpose()?,
            root: None,
            expiry: self.engine.now().as_secs() + 60,
            uuid: uuid::Uuid::new_v4(),
            body: &bytes,
        }
        .sign(signer);
        let mut request = self.build(method, path);
        for (name, value) in signature.headers() {
            request = request.header(name, value);
        }
        if let Some(circuit) = circuit {
            request = request.header(headers::CIRCUIT, circuit);
        }
        if !bytes.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(bytes);
        }
        Ok(request)
    }

    pub(crate) async fn deploy(&self, controller: &[u8], elf: &[u8]) -> anyhow::Result<String> {
        let body = json!({"controller": base64(controller), "circuit": base64(elf)});
        let answer = self.post(paths::DEPLOY_CONTROLLER, &body).await?.ok()?;
        Ok(answer["controller"].as_str().context("no id")?.to_owned())
    }

    pub(crate) async fn deploy_domain(&self, name: &str) -> anyhow::Result<String> {
        let body =
            json!({"name": name, "controller": base64(&echo()), "circuit": base64(&elf(name))});
        let answer = self.post(paths::DEPLOY_DOMAIN, &body).await?.ok()?;
        Ok(answer["domain"].as_str().context("no id")?.to_owned())
    }

    pub(crate) async fn add_block(
        &self,
        domain: &str,
        number: u64,
        fill: u8,
    ) -> anyhow::Result<Answer> {
        let path = paths::with(paths::DOMAIN, "name", domain);
        self.post(
            &path,
            &json!({"number": number, "root": vec![fill; 32], "payload": [1, 2, 3]}),
        )
        .await
    }

    pub(crate) async fn root(&self) -> anyhow::Result<String> {
        let answer = self.get(paths::ROOT).await?.ok()?;
        Ok(answer["root"].as_str().context("no root")?.to_owned())
    }
}

/// The hexadecimal of an array of numbers.
pub(crate) fn hex_of(array: &Value) -> anyhow::Result<String> {
    let bytes: Vec<u8> = serde_json::from_value(array.clone())?;
    Ok(valence_coprocessor_api::hex::encode(&bytes))
}
