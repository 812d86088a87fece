//! Following jobs that nothing here works on: whoever watches one asks this engine, wherever it runs.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};

use tokio::sync::watch;

use super::job::{Job, JobId};
use super::queue::Jobs;
use crate::EngineError;

/// Tells those who watch a job.
pub(super) type News = Arc<watch::Sender<Job>>;

impl Jobs {
    /// A job as it changes, until it has ended.
    pub(crate) fn watch(self: &Arc<Self>, id: &JobId) -> Result<watch::Receiver<Job>, EngineError> {
        if let Some(live) = self.find_live(id) {
            return Ok(live.news.subscribe());
        }
        let job = self.job(id)?;
        let may_change = !job.state.is_terminal() && !self.stopping.is_cancelled();
        let mut followed = self.followed();
        if let Some(news) = followed.get(id) {
            return Ok(news.subscribe());
        }
        let news = Arc::new(watch::Sender::new(job));
        let receiver = news.subscribe();
        // Otherwise the sender is gone at once: a job that has ended brings no more news.
        if may_change {
            followed.insert(*id, Arc::clone(&news));
            self.follow(*id, news);
        }
        Ok(receiver)
    }

    /// Asks the store about a job, one for all who watch it, until it has ended or nobody watches any more.
    pub(super) fn follow(self: &Arc<Self>, id: JobId, news: News) {
        let jobs: Weak<Self> = Arc::downgrade(self);
        let (poll, stopping) = (self.runtime.config.cluster.poll, self.stopping.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stopping.cancelled() => {}
                    () = tokio::time::sleep(poll) => {}
                }
                let Some(jobs) = jobs.upgrade() else { return };
                if stopping.is_cancelled() || !jobs.bring_news(&id, &news) {
                    jobs.unfollow(&id, &news);
                    return;
                }
            }
        });
    }

    /// Tells what has changed; false if there will be no more news, or nobody is left to hear them.
    fn bring_news(&self, id: &JobId, news: &News) -> bool {
        if self.is_unheard(id, news) {
            return false;
        }
        let job = match self.job(id) {
            Ok(job) => job,
            Err(EngineError::UnknownJob(_)) => return false,
            // The store is away for now.
            Err(_) => return true,
        };
        let has_ended = job.state.is_terminal();
        news.send_if_modified(|known| {
            let is_new = *known != job;
            *known = job;
            is_new
        });
        !has_ended
    }

    /// Whether nobody watches; then nobody finds these news any more, so nobody can begin to.
    fn is_unheard(&self, id: &JobId, news: &News) -> bool {
        let mut followed = self.followed();
        if news.receiver_count() > 0 {
            return false;
        }
        forget_news(&mut followed, id, news);
        true
    }

    fn unfollow(&self, id: &JobId, news: &News) {
        forget_news(&mut self.followed(), id, news);
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<JobId, News>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job that was lost here may be followed for those who watched it then, and for those who came later.
fn forget_news(followed: &mut HashMap<JobId, News>, id: &JobId, news: &News) {
    if followed
        .get(id)
        .is_some_and(|known| Arc::ptr_eq(known, news))
    {
        followed.remove(id);
    }
}
