//! A stand-in of the service: the routes that an operator uses, over a domain whose light client is the real one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use valence_coprocessor_api::{
    AddedBlockAnswer, Base64Bytes, FileWrite, LatestBlockAnswer, hex, paths,
};
use valence_coprocessor_controller_abi::{LightClientBlock, StepEvidence};
use valence_coprocessor_ethereum_light_client::step;
use valence_coprocessor_ethereum_operator::{OperatorRecord, RECORD_PATH};
use valence_coprocessor_protocol::{DomainId, HeadState, Root, StepPublicValues, sha256};
use valence_coprocessor_zkvm::ProofKind;
use valence_coprocessor_zkvm_mock::forge_proof;

/// What happens to the next appends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AppendFault {
    #[default]
    None,
    /// As soon as there are so many blocks, they are refused with status 503, and nothing changes.
    UnavailableAfter(usize),
    /// They are appended, and the answer is lost.
    AnswerLost,
}

#[derive(Debug, Default)]
struct Kept {
    blocks: Vec<(StepPublicValues, Vec<u8>)>,
    file: Option<Vec<u8>>,
    appends: usize,
    fault: AppendFault,
    refused: Vec<&'static str>,
}

/// A running stand-in.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) address: String,
    kept: Arc<Mutex<Kept>>,
    genesis: HeadState,
}

/// The circuit's file, as far as the scripted zkVM looks.
pub(crate) const ELF: &[u8] = b"\x7fELF ethereum-step";

impl Service {
    pub(crate) async fn start(genesis: HeadState) -> Self {
        let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(bind).await.expect("a free port");
        let service = Self {
            address: format!("http://{}", listener.local_addr().expect("it listens")),
            kept: Arc::default(),
            genesis,
        };
        let routes = Router::new()
            .route(paths::DOMAIN_LATEST, get(latest))
            .route(paths::DOMAIN_FILES, get(file).post(set_file))
            .route(paths::DOMAIN, axum::routing::post(append))
            .layer(DefaultBodyLimit::max(24 << 20))
            .with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        service
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_fault(&self, fault: AppendFault) {
        self.kept().fault = fault;
    }

    /// Everything that was appended, each of which its light client has accepted.
    pub(crate) fn blocks(&self) -> Vec<StepPublicValues> {
        self.kept().blocks.iter().map(|(step, _)| *step).collect()
    }

    /// The slot of the newest block, from its payload.
    pub(crate) fn slot(&self) -> Option<u64> {
        let kept = self.kept();
        let payload = &kept.blocks.last()?.1;
        Some(u64::from_be_bytes(
            payload[160..168].try_into().expect("eight bytes"),
        ))
    }

    /// How many appends were tried.
    pub(crate) fn appends(&self) -> usize {
        self.kept().appends
    }

    /// Why appends were refused.
    pub(crate) fn refused(&self) -> Vec<&'static str> {
        self.kept().refused.clone()
    }

    pub(crate) fn record(&self) -> Option<OperatorRecord> {
        let kept = self.kept();
        let file = kept.file.as_ref()?;
        Some(serde_json::from_slice(file).expect("operators write records"))
    }

    pub(crate) fn set_file(&self, contents: Option<Vec<u8>>) {
        self.kept().file = contents;
    }
}

fn refuse(status: StatusCode, code: &str) -> Response {
    let body = json!({ "code": code, "message": code, "request_id": "1" });
    (status, Json(body)).into_response()
}

async fn latest(State(service): State<Service>) -> Response {
    let kept = service.kept();
    let Some((step, payload)) = kept.blocks.last() else {
        return refuse(StatusCode::NOT_FOUND, "unknown_block");
    };
    Json(LatestBlockAnswer {
        coprocessor: Root::ZERO,
        domain: DomainId::from_bytes([7; 32]),
        number: step.number,
        root: step.state_root,
        payload: hex::encode(payload),
        head: step.state,
        dev: true,
    })
    .into_response()
}

async fn file(State(service): State<Service>) -> Json<Option<Base64Bytes>> {
    Json(service.kept().file.clone().map(Base64Bytes))
}

async fn set_file(State(service): State<Service>, Json(write): Json<FileWrite>) -> Json<Value> {
    assert_eq!(write.path, RECORD_PATH);
    service.kept().file = Some(write.contents.0);
    Json(json!({ "success": true }))
}

async fn append(State(service): State<Service>, Json(block): Json<LightClientBlock>) -> Response {
    let mut kept = service.kept();
    kept.appends += 1;
    if matches!(kept.fault, AppendFault::UnavailableAfter(count) if kept.blocks.len() >= count) {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    }
    let step = match check(&service, &kept, &block) {
        Ok(step) => step,
        Err(code) => {
            kept.refused.push(code);
            return refuse(StatusCode::CONFLICT, code);
        }
    };
    kept.blocks.push((step, block.payload.0.clone()));
    if kept.fault == AppendFault::AnswerLost {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    }
    let count = u8::try_from(kept.blocks.len()).expect("few");
    Json(AddedBlockAnswer {
        domain: [7; 32],
        prev_smt: [count - 1; 32],
        smt: [count; 32],
        log: Vec::new(),
        number: step.number,
        root: *step.state_root.as_bytes(),
        payload: block.payload.0,
        dev: true,
    })
    .into_response()
}

/// As the engine does: evidence, payload, head, number.
fn check(
    service: &Service,
    kept: &Kept,
    block: &LightClientBlock,
) -> Result<StepPublicValues, &'static str> {
    let values = match &block.evidence {
        StepEvidence::Input(input) => step(&input.0).map_err(|_| "invalid_step")?.public_values(),
        StepEvidence::Proof {
            public_values,
            proof,
        } => {
            let honest = forge_proof(ELF, ProofKind::Compressed, &public_values.0);
            if honest.bytes != proof.0 {
                return Err("invalid_step");
            }
            StepPublicValues::decode(&public_values.0).map_err(|_| "invalid_step")?
        }
    };
    if sha256::digest(&block.payload.0) != *values.payload_hash.as_bytes() {
        return Err("step_differs");
    }
    let newest = kept.blocks.last().map(|(step, _)| step);
    if values.previous != newest.map_or(service.genesis, |step| step.state) {
        return Err("step_not_next");
    }
    if newest.is_some_and(|newest| newest.number >= values.number) {
        return Err("block_not_newer");
    }
    Ok(values)
}
