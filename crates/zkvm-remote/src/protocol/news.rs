//! Events of work.

use valence_coprocessor_zkvm::{Execution, Made, Progress, Proof, Stage, ZkvmError};

use super::{
    failure::{failure_of, failure_sent},
    messages::{self, Event, event},
    words::{kind_of, kind_sent, shown, stage_of, stage_sent},
};

/// The longest text of progress that is shown.
const LONGEST_TEXT: usize = 200;

/// What an event says.
#[derive(Debug)]
pub(crate) enum News {
    /// The work goes on.
    Progress(Progress),
    /// The worker lives.
    Heartbeat,
    /// The work ended.
    Ended(Result<Made, ZkvmError>),
}

/// What an event says; `None` if this version does not know it.
pub(crate) fn news_of(event: Event) -> Option<News> {
    Some(match event.news? {
        event::News::Queued(queued) => News::Progress(Progress {
            stage: Stage::Queued,
            text: match queued.before {
                0 => "queued, next".to_owned(),
                before => format!("queued, {before} before it"),
            },
        }),
        event::News::Progress(progress) => News::Progress(Progress {
            stage: stage_of(progress.stage),
            text: shown(&progress.text, LONGEST_TEXT),
        }),
        event::News::Heartbeat(_) => News::Heartbeat,
        event::News::Execution(execution) => News::Ended(Ok(Made::Execution(Execution {
            public_values: execution.public_values,
            cycles: execution.cycles,
        }))),
        event::News::Proof(proof) => News::Ended(Ok(Made::Proof(Proof {
            kind: kind_of(proof.kind)?,
            public_values: proof.public_values,
            bytes: proof.bytes,
        }))),
        event::News::Failure(failure) => News::Ended(Err(failure_of(failure))),
    })
}

pub(crate) const fn queued_event(before: u64) -> Event {
    Event {
        news: Some(event::News::Queued(messages::Queued { before })),
    }
}

pub(crate) const fn heartbeat_event() -> Event {
    Event {
        news: Some(event::News::Heartbeat(messages::Heartbeat {})),
    }
}

pub(crate) fn progress_event(progress: Progress) -> Event {
    Event {
        news: Some(event::News::Progress(messages::Progress {
            stage: stage_sent(progress.stage).into(),
            text: progress.text,
        })),
    }
}

/// The last event.
pub(crate) fn made_event(made: Result<Made, ZkvmError>) -> Event {
    let news = match made {
        Ok(Made::Execution(execution)) => event::News::Execution(messages::Execution {
            public_values: execution.public_values,
            cycles: execution.cycles,
        }),
        Ok(Made::Proof(proof)) => event::News::Proof(messages::Proof {
            kind: kind_sent(proof.kind).into(),
            public_values: proof.public_values,
            bytes: proof.bytes,
        }),
        Err(error) => event::News::Failure(failure_sent(error)),
    };
    Event { news: Some(news) }
}
