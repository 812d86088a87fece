//! Whether a Redis is fit to keep what must not be lost.

use redis::{Connection, ErrorKind, RedisError, ServerErrorKind, cmd};
use tracing::warn;

use crate::{OpenError, RedisConfig};

/// The first version with scripts that a replica refuses.
const OLDEST: (u32, u32) = (7, 0);
/// The first version with WAITAOF.
const WAITAOF: (u32, u32) = (7, 2);

/// Why the check did not pass.
pub(crate) enum Finding {
    /// Redis did not answer.
    Redis(RedisError),
    /// It did, and is not fit.
    Unfit(OpenError),
}

/// Refuses a server that would lose data, and warns of one that might.
pub(crate) fn check(connection: &mut Connection, config: &RedisConfig) -> Result<(), Finding> {
    let text: String = match cmd("INFO").query(connection) {
        Ok(text) => text,
        Err(error) if is_forbidden(&error) => {
            warn!("this user may not ask Redis (INFO) whether it keeps data safely, so nobody did");
            return Ok(());
        }
        Err(error) => return Err(Finding::Redis(error)),
    };
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    };
    // While it loads, Redis says that it keeps no file, whatever its configuration.
    if [field("loading"), field("async_loading")].contains(&Some("1")) {
        let loading = ErrorKind::Server(ServerErrorKind::BusyLoading);
        let error = RedisError::from((loading, "Redis is loading its data"));
        return Err(Finding::Redis(error));
    }
    let version = field("redis_version").unwrap_or_default();
    judge(
        config,
        version,
        field("maxmemory_policy"),
        field("aof_enabled"),
    )
    .map_err(Finding::Unfit)?;
    warn_of_late_sync(connection, config);
    Ok(())
}

fn judge(
    config: &RedisConfig,
    version: &str,
    policy: Option<&str>,
    aof_enabled: Option<&str>,
) -> Result<(), OpenError> {
    let got = || version.to_owned();
    if numbers(version) < OLDEST {
        return Err(OpenError::Version { got: got() });
    }
    if let Some(policy) = policy.filter(|policy| *policy != "noeviction") {
        return Err(OpenError::Eviction {
            got: policy.to_owned(),
        });
    }
    if config.is_synced && numbers(version) < WAITAOF {
        return Err(OpenError::NoWaitAof { got: got() });
    }
    if aof_enabled == Some("0") {
        if config.replicas == 0 {
            return Err(OpenError::NotDurable);
        }
        warn!("Redis keeps nothing on disk: what all replicas lose at once is lost");
    }
    Ok(())
}

/// Managed services forbid CONFIG and choose for themselves, so silence is no finding.
fn warn_of_late_sync(connection: &mut Connection, config: &RedisConfig) {
    let answer: Result<Vec<String>, RedisError> = cmd("CONFIG")
        .arg("GET")
        .arg("appendfsync")
        .query(connection);
    let Ok(answer) = answer else { return };
    let is_late = answer.get(1).is_some_and(|value| value != "always");
    if is_late && !config.is_synced && config.replicas == 0 {
        warn!(
            "Redis syncs its file now and then: a power failure can lose the last second of commits; \
             set `appendfsync always`, or ask for `?aof=1` or `?replicas=1`"
        );
    }
}

fn is_forbidden(error: &RedisError) -> bool {
    error.code() == Some("NOPERM")
        || error
            .detail()
            .is_some_and(|detail| detail.starts_with("unknown command"))
}

/// The first two numbers of a version.
fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::{OpenError, RedisConfig};

    fn config(url: &str) -> RedisConfig {
        url.parse().expect("a well-formed URL")
    }

    #[test]
    fn a_redis_that_loses_data_is_refused_by_name() {
        let plain = config("redis://host");
        judge(&plain, "7.0.15", Some("noeviction"), Some("1")).expect("fit");
        judge(&plain, "8.2.0", None, None).expect("nothing is known against it");
        let old = judge(&plain, "6.2.14", Some("noeviction"), Some("1"));
        assert!(matches!(old, Err(OpenError::Version { got }) if got == "6.2.14"));
        let evicting = judge(&plain, "7.4.1", Some("allkeys-lru"), Some("1"));
        assert!(matches!(evicting, Err(OpenError::Eviction { got }) if got == "allkeys-lru"));
        let volatile = judge(&plain, "7.0.15", Some("noeviction"), Some("0"));
        assert!(matches!(volatile, Err(OpenError::NotDurable)));
        let replicated = config("redis://host?replicas=1");
        judge(&replicated, "7.0.15", Some("noeviction"), Some("0")).expect("replicas keep it");
    }

    #[test]
    fn syncing_is_asked_only_of_a_redis_that_can() {
        let synced = config("redis://host?aof=1");
        let old = judge(&synced, "7.0.15", Some("noeviction"), Some("1"));
        assert!(matches!(old, Err(OpenError::NoWaitAof { got }) if got == "7.0.15"));
        judge(&synced, "7.2.0", Some("noeviction"), Some("1")).expect("it can");
    }
}
