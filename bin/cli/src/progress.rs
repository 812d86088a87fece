//! Following work: a bar or a spinner on a terminal, one line for each change elsewhere.

use core::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use valence_coprocessor_api::{JobAnswer, JobState};

use crate::output::{is_watched, note};

/// The states that a job passes through, in order.
const STEPS: [JobState; 7] = [
    JobState::Accepted,
    JobState::Witness,
    JobState::Queued,
    JobState::Proving,
    JobState::Verifying,
    JobState::Delivering,
    JobState::Done,
];

/// Shows how far a job is.
#[derive(Debug)]
pub(crate) struct JobProgress {
    bar: Option<ProgressBar>,
    last: Option<JobState>,
}

impl JobProgress {
    pub(crate) fn new() -> Self {
        let bar = is_watched().then(|| {
            let bar = ProgressBar::new(STEPS.len() as u64 - 1);
            // The template is checked by the test below.
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Self { bar, last: None }
    }

    /// Takes in a change.
    pub(crate) fn show(&mut self, job: &JobAnswer) {
        let text = describe(job);
        if let Some(bar) = &self.bar {
            let step = STEPS.iter().position(|state| *state == job.state);
            bar.set_position(step.unwrap_or(STEPS.len() - 1) as u64);
            bar.set_message(text);
        } else if self.last != Some(job.state) {
            note(&text);
        }
        self.last = Some(job.state);
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Says what is done while `work` runs: a spinner with the time on a terminal, one line elsewhere.
pub(crate) async fn waiting<T>(text: &str, work: impl Future<Output = T>) -> T {
    if !is_watched() {
        note(text);
        return work.await;
    }
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(SPINNER) {
        spinner.set_style(style);
    }
    spinner.set_message(text.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(250));
    let result = work.await;
    spinner.finish_and_clear();
    result
}

const SPINNER: &str = "{elapsed_precise} {spinner} {msg}";
const TEMPLATE: &str = "{elapsed_precise} [{bar:28}] {msg}";

fn describe(job: &JobAnswer) -> String {
    let mut text = format!("{} of kind {}", state_text(job.state), job.kind);
    if let Some(cycles) = job.cycles {
        text = format!("{text}, {cycles} cycles");
    }
    if let Some(progress) = &job.progress {
        text = format!("{text}: {}", progress.text);
    }
    text
}

/// A state in one word.
pub(crate) const fn state_text(state: JobState) -> &'static str {
    match state {
        JobState::Accepted => "accepted",
        JobState::Witness => "witness",
        JobState::Queued => "queued",
        JobState::Proving => "proving",
        JobState::Verifying => "verifying",
        JobState::Delivering => "delivering",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_templates() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
        assert!(ProgressStyle::with_template(SPINNER).is_ok());
    }

    #[test]
    fn states_are_called_as_on_the_wire() -> Result<(), serde_json::Error> {
        for state in STEPS
            .into_iter()
            .chain([JobState::Failed, JobState::Cancelled])
        {
            assert_eq!(serde_json::to_value(state)?, state_text(state));
        }
        Ok(())
    }
}
