//! Metrics, counted with atomics alone: the fastest route answers in a few microseconds.
//!
//! Routes come from a fixed list, so that no client can invent a label.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use valence_coprocessor_api::paths;

/// Upper bounds of the latency buckets, in microseconds.
const BOUNDS: [u64; 9] = [
    100, 500, 1_000, 5_000, 10_000, 50_000, 250_000, 1_000_000, 10_000_000,
];

/// What the server counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    routes: HashMap<&'static str, Route>,
    unmatched: Route,
    pub(crate) connections: AtomicU64,
    pub(crate) connections_refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Route {
    /// Answers by the first digit of the status.
    statuses: [AtomicU64; 6],
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            routes: paths::ALL
                .iter()
                .map(|path| (*path, Route::default()))
                .collect(),
            unmatched: Route::default(),
            connections: AtomicU64::new(0),
            connections_refused: AtomicU64::new(0),
        }
    }

    /// Counts one answer.
    pub(crate) fn record(&self, route: Option<&str>, status: u16, elapsed: Duration) {
        let route = route
            .and_then(|route| self.routes.get(route))
            .unwrap_or(&self.unmatched);
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < micros);
        if let Some(count) = route.statuses.get(usize::from(status / 100)) {
            count.fetch_add(1, Relaxed);
        }
        route.buckets[bucket].fetch_add(1, Relaxed);
        route.micros.fetch_add(micros, Relaxed);
    }

    /// The text that Prometheus reads.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text)
            .expect("writing to a string cannot fail");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let mut routes: Vec<_> = self
            .routes
            .iter()
            .map(|(name, route)| (*name, route))
            .collect();
        routes.sort_unstable_by_key(|(name, _)| *name);
        routes.push(("other", &self.unmatched));

        writeln!(
            text,
            "# HELP valence_http_requests_total Answered requests."
        )?;
        writeln!(text, "# TYPE valence_http_requests_total counter")?;
        for (name, route) in &routes {
            for (class, count) in route.statuses.iter().enumerate() {
                let count = count.load(Relaxed);
                if count > 0 {
                    writeln!(
                        text,
                        "valence_http_requests_total{{route=\"{name}\",status=\"{class}xx\"}} {count}"
                    )?;
                }
            }
        }
        writeln!(text, "# HELP valence_http_request_seconds Time to answer.")?;
        writeln!(text, "# TYPE valence_http_request_seconds histogram")?;
        for (name, route) in &routes {
            route.write_histogram(text, name)?;
        }
        for (name, kind, help, value) in [
            (
                "valence_http_connections",
                "gauge",
                "Open connections.",
                &self.connections,
            ),
            (
                "valence_http_connections_refused_total",
                "counter",
                "Connections over the limit.",
                &self.connections_refused,
            ),
        ] {
            writeln!(
                text,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {}",
                value.load(Relaxed)
            )?;
        }
        Ok(())
    }
}

impl Route {
    fn write_histogram(&self, text: &mut String, name: &str) -> std::fmt::Result {
        let counts = self.buckets.each_ref().map(|count| count.load(Relaxed));
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return Ok(());
        }
        let mut sum = 0;
        for (bound, count) in BOUNDS.iter().zip(counts) {
            sum += count;
            writeln!(
                text,
                "valence_http_request_seconds_bucket{{route=\"{name}\",le=\"{}\"}} {sum}",
                Duration::from_micros(*bound).as_secs_f64()
            )?;
        }
        writeln!(
            text,
            "valence_http_request_seconds_bucket{{route=\"{name}\",le=\"+Inf\"}} {total}"
        )?;
        writeln!(
            text,
            "valence_http_request_seconds_sum{{route=\"{name}\"}} {}",
            Duration::from_micros(self.micros.load(Relaxed)).as_secs_f64()
        )?;
        writeln!(
            text,
            "valence_http_request_seconds_count{{route=\"{name}\"}} {total}"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Metrics;

    #[test]
    fn answers_are_counted_by_route_and_unknown_routes_together() {
        let metrics = Metrics::new();
        metrics.record(Some("/api/stats"), 200, Duration::from_micros(100));
        metrics.record(Some("/api/stats"), 404, Duration::from_micros(700));
        metrics.record(Some("/invented"), 404, Duration::from_mins(1));
        let text = metrics.render();
        for line in [
            "valence_http_requests_total{route=\"/api/stats\",status=\"2xx\"} 1",
            "valence_http_requests_total{route=\"/api/stats\",status=\"4xx\"} 1",
            "valence_http_requests_total{route=\"other\",status=\"4xx\"} 1",
            "valence_http_request_seconds_bucket{route=\"/api/stats\",le=\"0.0001\"} 1",
            "valence_http_request_seconds_bucket{route=\"/api/stats\",le=\"0.001\"} 2",
            "valence_http_request_seconds_bucket{route=\"other\",le=\"10\"} 0",
            "valence_http_request_seconds_bucket{route=\"other\",le=\"+Inf\"} 1",
        ] {
            assert!(text.lines().any(|got| got == line), "{line}\n{text}");
        }
        assert!(!text.contains("invented"));
    }
}
