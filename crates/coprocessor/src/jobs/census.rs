//! `Census`: which engines live, as one of them sees it, and which jobs are therefore its to take over.
//!
//! An engine is taken for dead when its beat has not moved for a while on the observer's own monotonic clock; no two
//! clocks are ever compared. To be wrong about it costs work that is done twice, and nothing else: see `claim.rs`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use super::claim::{Beat, Claim, Cluster, EngineId, LiveRow};
use super::job::JobId;

/// What an engine has seen of the others.
#[derive(Debug)]
pub(super) struct Census {
    own: EngineId,
    /// `None` on a store that no other process has open: there every other engine is dead.
    dead_after: Option<Duration>,
    others: HashMap<EngineId, Seen>,
    /// When the newest view was about to be read, and when it had been read.
    newest: Option<(Instant, Instant)>,
    /// Own claims that nothing here worked on at the time of the newest view.
    resting: HashSet<(JobId, Claim)>,
}

#[derive(Debug)]
struct Seen {
    beat: Option<Beat>,
    /// When the beat was first seen as it is.
    since: Instant,
}

impl Census {
    pub(super) fn new(own: EngineId, dead_after: Option<Duration>) -> Self {
        Self {
            own,
            dead_after,
            others: HashMap::new(),
            newest: None,
            resting: HashSet::new(),
        }
    }

    /// Takes note of a view that was read between two moments.
    ///
    /// For an engine to be dead, time must have passed before the read; for it to live, it is the time after the read that
    /// counts. So a pause of the observer in between never makes anybody look dead.
    pub(super) fn observe(&mut self, before: Instant, after: Instant, cluster: &Cluster) {
        let Some(dead_after) = self.dead_after else {
            return;
        };
        // Who has not looked for so long has been asleep, or the store was away and nobody could beat: begin anew.
        if let Some((_, looked)) = self.newest
            && before.duration_since(looked) >= dead_after
        {
            self.others.clear();
        }
        self.newest = Some((before, after));
        let beating = cluster.beats.keys().copied();
        let claiming = cluster.live.iter().filter_map(LiveRow::claim);
        let named: HashSet<EngineId> = beating.chain(claiming.map(|claim| claim.engine)).collect();
        self.others.retain(|engine, _| named.contains(engine));
        for engine in named.into_iter().filter(|engine| *engine != self.own) {
            let beat = cluster.beats.get(&engine).copied();
            let since = after;
            let seen = self.others.entry(engine).or_insert(Seen { beat, since });
            if seen.beat != beat {
                *seen = Seen { beat, since };
            }
        }
    }

    /// Whether nobody has to reckon with an engine any more.
    pub(super) fn is_dead(&self, engine: EngineId) -> bool {
        let Some(dead_after) = self.dead_after else {
            return engine != self.own;
        };
        match (self.others.get(&engine), self.newest) {
            (Some(seen), Some((before, _))) => before.duration_since(seen.since) >= dead_after,
            _ => false,
        }
    }

    /// The jobs that this engine shall take over: its share of those whose owner is dead or gone, and those of its own
    /// that it stopped working on because the store failed. The latter must be found so twice, since a job that was
    /// accepted or claimed at this very moment looks the same.
    pub(super) fn orphans<'a>(
        &mut self,
        cluster: &'a Cluster,
        is_worked_on: impl Fn(&JobId) -> bool,
    ) -> Vec<&'a LiveRow> {
        let engines = self.engines(cluster);
        let mut resting = HashSet::new();
        let mut orphans = Vec::new();
        for row in &cluster.live {
            if is_worked_on(&row.id) {
                continue;
            }
            let is_mine = match row.claim() {
                Some(claim) if claim.engine == self.own => {
                    resting.insert((row.id, claim));
                    self.resting.contains(&(row.id, claim))
                }
                Some(claim) if !self.is_dead(claim.engine) => false,
                _ => share(&engines, &row.id) == Some(self.own),
            };
            if is_mine {
                orphans.push(row);
            }
        }
        self.resting = resting;
        orphans
    }

    /// The engines that take over jobs, each with its weight, in an order that all agree on.
    fn engines(&self, cluster: &Cluster) -> Vec<(EngineId, u64)> {
        if self.dead_after.is_none() {
            return vec![(self.own, 1)];
        }
        let alive = cluster.beats.iter();
        let alive = alive.filter(|(engine, _)| !self.is_dead(**engine));
        alive
            .map(|(engine, beat)| (*engine, u64::from(beat.weight)))
            .collect()
    }

    /// The dead that left no job behind, with their last beats.
    pub(super) fn buried(&self, cluster: &Cluster) -> Vec<(EngineId, Beat)> {
        let claiming = cluster.live.iter().filter_map(LiveRow::claim);
        let claiming: HashSet<EngineId> = claiming.map(|claim| claim.engine).collect();
        let beats = cluster.beats.iter();
        beats
            .filter(|(engine, _)| self.is_dead(**engine) && !claiming.contains(engine))
            .map(|(engine, beat)| (*engine, *beat))
            .collect()
    }
}

/// Which of the engines takes over a job: by weight, and the same one wherever it is computed.
fn share(engines: &[(EngineId, u64)], id: &JobId) -> Option<EngineId> {
    let total: u64 = engines.iter().map(|(_, weight)| weight).sum();
    let digest = id.as_bytes().last_chunk::<8>()?;
    let mut place = u64::from_be_bytes(*digest).checked_rem(total)?;
    for (engine, weight) in engines {
        match place.checked_sub(*weight) {
            Some(rest) => place = rest,
            None => return Some(*engine),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Census;
    use crate::jobs::claim::{Beat, Claims, Cluster, EngineId, LiveRow};
    use crate::jobs::job::JobId;

    const OWN: EngineId = EngineId::from_bytes([1; 16]);
    const OTHER: EngineId = EngineId::from_bytes([2; 16]);
    const DEAD_AFTER: Duration = Duration::from_secs(10);

    fn cluster(counter: u64, jobs: u8) -> Cluster {
        let claims = Claims::of(OTHER);
        let id = |job: u8| {
            JobId::from_bytes(*blake3::hash(&[job]).as_bytes().first_chunk().expect("32"))
        };
        let beat = |counter| Beat { counter, weight: 1 };
        Cluster {
            live: (0..jobs)
                .map(|job| LiveRow::new(id(job), claims.make().encode().to_vec()))
                .collect(),
            beats: [(OWN, beat(7)), (OTHER, beat(counter))].into(),
            cancelled: Vec::new(),
        }
    }

    fn look(census: &mut Census, at: Instant, cluster: &Cluster) -> usize {
        census.observe(at, at, cluster);
        census.orphans(cluster, |_| false).len()
    }

    #[test]
    fn who_does_not_beat_is_dead_after_a_while_and_its_jobs_are_taken() {
        let (start, mut census) = (Instant::now(), Census::new(OWN, Some(DEAD_AFTER)));
        for seconds in 0..10 {
            let at = start + Duration::from_secs(seconds);
            assert_eq!(look(&mut census, at, &cluster(1, 3)), 0, "{seconds}");
        }
        let late = start + DEAD_AFTER;
        assert_eq!(look(&mut census, late, &cluster(1, 3)), 3);
        assert!(census.buried(&cluster(1, 3)).is_empty(), "it left jobs");
        assert_eq!(census.buried(&cluster(1, 0)).len(), 1);
        // It was only asleep.
        assert_eq!(look(&mut census, late, &cluster(2, 3)), 0);
    }

    #[test]
    fn who_slept_itself_calls_nobody_dead() {
        let (start, mut census) = (Instant::now(), Census::new(OWN, Some(DEAD_AFTER)));
        look(&mut census, start, &cluster(1, 3));
        let late = start + DEAD_AFTER * 5;
        assert_eq!(look(&mut census, late, &cluster(1, 3)), 0);
        // A pause between the question and the answer.
        census.observe(late, late + DEAD_AFTER * 5, &cluster(2, 3));
        let later = late + DEAD_AFTER * 5;
        assert_eq!(look(&mut census, later, &cluster(2, 3)), 0);
    }

    #[test]
    fn on_a_store_of_its_own_every_other_engine_is_dead_at_once() {
        let mut census = Census::new(OWN, None);
        assert_eq!(look(&mut census, Instant::now(), &cluster(1, 3)), 3);
    }

    #[test]
    fn those_who_live_share_what_is_left() {
        let rested = |own| {
            let mut cluster = cluster(1, 100);
            for row in &mut cluster.live {
                row.value.clear();
            }
            if let Some(beat) = cluster.beats.get_mut(&OTHER) {
                beat.weight = 3;
            }
            look(
                &mut Census::new(own, Some(DEAD_AFTER)),
                Instant::now(),
                &cluster,
            )
        };
        let (own, other) = (rested(OWN), rested(OTHER));
        assert_eq!(own + other, 100);
        assert!(
            (10..40).contains(&own),
            "{own} of 100 with a quarter of the weight"
        );
    }

    #[test]
    fn a_job_of_its_own_that_nothing_works_on_is_taken_up_at_the_second_look() {
        let (start, mut census) = (Instant::now(), Census::new(OTHER, Some(DEAD_AFTER)));
        let cluster = cluster(1, 2);
        assert_eq!(look(&mut census, start, &cluster), 0);
        assert_eq!(look(&mut census, start, &cluster), 2);
        census.observe(start, start, &cluster);
        assert_eq!(census.orphans(&cluster, |_| true).len(), 0);
    }
}
