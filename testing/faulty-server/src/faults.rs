//! Faults that are switched on and off while a server runs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{StatusCode, header, response::Parts},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::TransportFault;

/// Bytes in one piece of an oversized answer.
const PIECE: usize = 1 << 16;

/// The faults of one server; clones are the same switchboard.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    active: Arc<Mutex<Vec<Active>>>,
    /// Cancelled when the server ends: a hanging answer would keep its connection, and with it the server.
    pub(crate) end: CancellationToken,
}

#[derive(Debug)]
struct Active {
    route: String,
    fault: TransportFault,
    /// Requests that it has seen.
    seen: u32,
    /// Answers that it repeats.
    kept: HashMap<String, (Parts, Bytes)>,
}

/// What one request meets.
enum Step {
    Answer,
    Status(StatusCode),
    Hang,
    Fill(u64),
    Cut,
    Keep,
    Repeat(Parts, Bytes),
}

impl Faults {
    /// Switches a fault on for every request whose name begins with `route`; an empty route is every
    /// request. Of several faults for a request, the last one switched on acts.
    pub fn switch_on(&self, route: &str, fault: TransportFault) {
        self.lock().push(Active {
            route: route.to_owned(),
            fault,
            seen: 0,
            kept: HashMap::new(),
        });
    }

    /// Switches all faults off.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Whether any fault is still on.
    pub fn is_clear(&self) -> bool {
        self.lock().is_empty()
    }

    /// The answer to the request `name`, as the faults let it through.
    pub async fn serve(&self, name: &str, answer: impl Future<Output = Response>) -> Response {
        // The guard ends with this statement: nothing is held while an answer is made.
        let step = self.step(name);
        match step {
            Step::Answer => answer.await,
            Step::Status(status) => error(status),
            Step::Hang => {
                self.end.cancelled().await;
                error(StatusCode::SERVICE_UNAVAILABLE)
            }
            Step::Fill(bytes) => oversized(bytes),
            Step::Cut => cut(answer.await).await,
            Step::Repeat(parts, body) => Response::from_parts(parts, Body::from(body)),
            Step::Keep => {
                let (parts, body) = read(answer.await).await;
                self.keep(name, &parts, &body);
                Response::from_parts(parts, Body::from(body))
            }
        }
    }

    fn step(&self, name: &str) -> Step {
        let mut active = self.lock();
        let Some(at) = active
            .iter()
            .rposition(|fault| name.starts_with(&fault.route))
        else {
            return Step::Answer;
        };
        let found = &mut active[at];
        found.seen += 1;
        let (step, is_spent) = match &found.fault {
            TransportFault::Withheld => (Step::Status(StatusCode::NOT_FOUND), false),
            TransportFault::ServerError { times: 0 } | TransportFault::Flapping { times: 0 } => {
                (Step::Answer, true)
            }
            TransportFault::ServerError { times } => (
                Step::Status(StatusCode::INTERNAL_SERVER_ERROR),
                found.seen >= *times,
            ),
            // The first fails, the second does not, and so on: the last failure is number 2n - 1.
            TransportFault::Flapping { times } => (
                if found.seen % 2 == 1 {
                    Step::Status(StatusCode::SERVICE_UNAVAILABLE)
                } else {
                    Step::Answer
                },
                found.seen >= times.saturating_mul(2) - 1,
            ),
            TransportFault::Hanging => (Step::Hang, false),
            TransportFault::Oversized { bytes } => (Step::Fill(*bytes), false),
            TransportFault::WrongJson => (Step::Cut, false),
            TransportFault::Stale => match found.kept.get(name) {
                Some((parts, body)) => (Step::Repeat(parts.clone(), body.clone()), false),
                None => (Step::Keep, false),
            },
        };
        if is_spent {
            active.remove(at);
        }
        step
    }

    fn keep(&self, name: &str, parts: &Parts, body: &Bytes) {
        let mut active = self.lock();
        let stale = active
            .iter_mut()
            .rfind(|fault| fault.fault == TransportFault::Stale && name.starts_with(&fault.route));
        if let Some(stale) = stale {
            stale
                .kept
                .entry(name.to_owned())
                .or_insert_with(|| (parts.clone(), body.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error object of the beacon API.
fn error(status: StatusCode) -> Response {
    let message = status.canonical_reason().unwrap_or("failed");
    let body = json!({"code": status.as_u16(), "message": message});
    (status, axum::Json(body)).into_response()
}

/// JSON that goes on and on: one long text.
fn oversized(bytes: u64) -> Response {
    const START: &[u8] = b"{\"data\":\"";
    const END: &[u8] = b"\"}";
    let filling = bytes.saturating_sub((START.len() + END.len()) as u64);
    let piece = Bytes::from(vec![b'0'; PIECE]);
    let whole = filling / PIECE as u64;
    let rest = usize::try_from(filling % PIECE as u64).unwrap_or_default();
    let start = std::iter::once(Bytes::from_static(START));
    let end = [piece.slice(..rest), Bytes::from_static(END)];
    let pieces = start
        .chain((0..whole).map(move |_| piece.clone()))
        .chain(end);
    let body = Body::from_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn cut(answer: Response) -> Response {
    let (mut parts, body) = read(answer).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    let half = body.slice(..body.len() / 2);
    Response::from_parts(parts, Body::from(half))
}

async fn read(answer: Response) -> (Parts, Bytes) {
    let (parts, body) = answer.into_parts();
    // Our own answers are in memory already; one that breaks off is served as far as it came.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, body)
}
