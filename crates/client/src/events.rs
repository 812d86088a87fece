//! The changes of a job as they come in: server-sent events, each with a job as its data.

use futures_util::{Stream, StreamExt as _};
use reqwest::{Response, StatusCode};
use std::{collections::VecDeque, fmt, pin::Pin};
use valence_coprocessor_api::JobAnswer;

use crate::{
    Client, ClientError,
    request::{unexpected, unreachable},
};

/// An event longer than this is no job: the proof is not in it.
const MAX_EVENT_BYTES: usize = 8 * 1024 * 1024;

type Chunks = Pin<Box<dyn Stream<Item = Result<Vec<u8>, reqwest::Error>> + Send>>;

/// The changes of one job; ends when the service ends the stream, which it does after the final state.
pub struct JobEvents {
    client: Client,
    chunks: Chunks,
    lines: Lines,
    data: String,
}

impl fmt::Debug for JobEvents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JobEvents")
            .field("address", &self.client.address())
            .finish_non_exhaustive()
    }
}

impl JobEvents {
    pub(crate) fn new(client: Client, response: Response) -> Self {
        let chunks = response
            .bytes_stream()
            .map(|chunk| chunk.map(|bytes| bytes.to_vec()));
        Self {
            client,
            chunks: Box::pin(chunks),
            lines: Lines::default(),
            data: String::new(),
        }
    }

    /// The next change; `None` at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<JobAnswer>, ClientError> {
        loop {
            while let Some(line) = self.lines.ready.pop_front() {
                if let Some(event) = event_of(&mut self.data, &line) {
                    return serde_json::from_str(&event).map(Some).map_err(|error| {
                        unexpected(&self.client, StatusCode::OK, &error.to_string())
                    });
                }
            }
            let Some(chunk) = self.chunks.next().await else {
                return Ok(None);
            };
            let chunk = chunk.map_err(|source| unreachable(&self.client, source))?;
            self.lines.push(&chunk);
            if self.lines.rest.len() + self.data.len() > MAX_EVENT_BYTES {
                let text = "an event without an end";
                return Err(unexpected(&self.client, StatusCode::OK, text));
            }
        }
    }
}

/// Takes in one line; an empty one ends an event, whose data is returned if it has any.
fn event_of(data: &mut String, line: &str) -> Option<String> {
    if line.is_empty() {
        return Some(std::mem::take(data)).filter(|event| !event.is_empty());
    }
    if let Some(rest) = line.strip_prefix("data:") {
        if !data.is_empty() {
            data.push('\n');
        }
        data.push_str(rest.strip_prefix(' ').unwrap_or(rest));
    }
    // Comments keep the connection alive; names and ids say nothing that the job does not.
    None
}

/// Cuts chunks, which end anywhere, into lines.
#[derive(Default)]
struct Lines {
    ready: VecDeque<String>,
    rest: Vec<u8>,
}

impl Lines {
    fn push(&mut self, chunk: &[u8]) {
        self.rest.extend_from_slice(chunk);
        while let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
            let mut line: Vec<u8> = self.rest.drain(..=end).collect();
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            self.ready
                .push_back(String::from_utf8_lossy(&line).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut data = String::new();
        let mut found = Vec::new();
        for chunk in chunks {
            lines.push(chunk);
            while let Some(line) = lines.ready.pop_front() {
                found.extend(event_of(&mut data, &line));
            }
        }
        found
    }

    #[test]
    fn events_are_cut_where_they_end_and_not_where_chunks_do() {
        let text =
            ": alive\n\nevent: job\ndata: {\"a\":\ndata: 1}\n\nid: 7\r\ndata:two\r\n\r\ndata: cut";
        let whole = events(&[text.as_bytes()]);
        assert_eq!(whole, ["{\"a\":\n1}", "two"]);
        let bytes: Vec<_> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&bytes), whole);
    }
}
