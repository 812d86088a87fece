//! What a URL says about a Redis. `Debug` shows no password.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;

use crate::ConfigError;

const DEFAULT_PORT: u16 = 6379;
const DEFAULT_SENTINEL_PORT: u16 = 26379;

/// Where a Redis is and how it is used; read from a URL, whose forms the README lists.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisConfig {
    pub(crate) topology: Topology,
    pub(crate) is_tls: bool,
    pub(crate) certificates: Option<PathBuf>,
    pub(crate) login: Login,
    pub(crate) sentinel_login: Login,
    pub(crate) database: i64,
    pub(crate) namespace: String,
    pub(crate) replicas: u32,
    pub(crate) is_synced: bool,
    pub(crate) timeout: Duration,
    pub(crate) connections: usize,
    pub(crate) kept: Duration,
}

/// How the server to write to is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Topology {
    Single(Address),
    Sentinel {
        sentinels: Vec<Address>,
        master: String,
    },
    Cluster(Vec<Address>),
}

/// Where one server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

/// What a server wants to know of who connects.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
}

impl RedisConfig {
    fn new(topology: Topology) -> Self {
        Self {
            topology,
            is_tls: false,
            certificates: None,
            login: Login::default(),
            sentinel_login: Login::default(),
            database: 0,
            namespace: "default".to_owned(),
            replicas: 0,
            is_synced: false,
            timeout: Duration::from_secs(10),
            connections: 32,
            kept: Duration::from_mins(1),
        }
    }

    /// Which of several deployments on one Redis this is.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Keeps what is written over for this long, for snapshots and for commits that ask whether they were applied.
    #[must_use]
    pub fn keeping(mut self, kept: Duration) -> Self {
        self.kept = kept;
        self
    }

    /// How long one attempt may take: several fit into the time of an operation.
    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.timeout / 3
    }

    fn set_option(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let text = decode("options", value)?;
        match name {
            "namespace" => self.namespace = namespace(text)?,
            "replicas" => self.replicas = number("replicas", "0 to 16", &text, 0..=16)?,
            "aof" => self.is_synced = number("aof", "0 or 1", &text, 0..=1)? == 1,
            "timeout" => {
                self.timeout = seconds("timeout", "1 to 20 seconds", &text, 1..=20)?;
            }
            "connections" => {
                let count = number("connections", "1 to 1000", &text, 1..=1000)?;
                self.connections = usize::try_from(count).unwrap_or(usize::MAX);
            }
            // A commit is asked about again for as long as its outcome is kept, which is twice its time at least.
            "snapshots" => {
                self.kept = seconds("snapshots", "40 to 86400 seconds", &text, 40..=86_400)?;
            }
            "ca" => self.certificates = Some(text.into()),
            "sentinel_username" => self.sentinel_login.username = Some(text),
            "sentinel_password" => self.sentinel_login.password = Some(text),
            _ => {
                return Err(ConfigError::UnknownOption {
                    name: name.to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl FromStr for RedisConfig {
    type Err = ConfigError;

    fn from_str(url: &str) -> Result<Self, ConfigError> {
        let (scheme, rest) = url.split_once("://").ok_or(ConfigError::Scheme)?;
        let (base, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        let is_tls = match base {
            "redis" => false,
            "rediss" => true,
            _ => return Err(ConfigError::Scheme),
        };
        // A password that holds one of these as it is would be taken apart, and its parts be shown as what is wrong.
        if rest
            .find(['/', '?'])
            .is_some_and(|end| rest[end..].contains('@'))
        {
            return Err(ConfigError::Encoding { part: "password" });
        }
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (read_login(login)?, hosts),
            None => (Login::default(), authority),
        };
        let (topology, database) = match kind {
            "" => (Topology::Single(address(hosts, DEFAULT_PORT)?), path),
            "unix" if hosts.is_empty() && !is_tls => {
                let socket = decode("path", path)?;
                (
                    Topology::Single(Address::Unix(format!("/{socket}").into())),
                    "",
                )
            }
            "sentinel" => {
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                if master.is_empty() {
                    return Err(ConfigError::MasterName);
                }
                let topology = Topology::Sentinel {
                    sentinels: addresses(hosts, DEFAULT_SENTINEL_PORT)?,
                    master: decode("master's name", master)?,
                };
                (topology, database)
            }
            "cluster" => (Topology::Cluster(addresses(hosts, DEFAULT_PORT)?), path),
            _ => return Err(ConfigError::Scheme),
        };
        let mut config = Self::new(topology);
        config.is_tls = is_tls;
        config.login = login;
        config.database = read_database(database, kind == "cluster")?;
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            config.set_option(name, value)?;
        }
        Ok(config)
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisConfig")
            .field("topology", &self.topology)
            .field("is_tls", &self.is_tls)
            .field("database", &self.database)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

fn read_login(text: &str) -> Result<Login, ConfigError> {
    let (username, password) = text.split_once(':').unwrap_or((text, ""));
    let present = |text: &str, part| {
        let text = decode(part, text)?;
        Ok((!text.is_empty()).then_some(text))
    };
    Ok(Login {
        username: present(username, "user")?,
        password: present(password, "password")?,
    })
}

fn addresses(hosts: &str, default_port: u16) -> Result<Vec<Address>, ConfigError> {
    hosts
        .split(',')
        .map(|host| address(host, default_port))
        .collect()
}

fn address(text: &str, default_port: u16) -> Result<Address, ConfigError> {
    let wrong = || ConfigError::Host {
        host: text.to_owned(),
    };
    // An IPv6 address stands in brackets, since it has colons of its own.
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or_else(wrong)?)),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map_or(Ok(default_port), |port| port.parse().map_err(|_| wrong()))?;
    if host.is_empty() || port == 0 {
        return Err(wrong());
    }
    Ok(Address::Tcp {
        host: host.to_owned(),
        port,
    })
}

fn read_database(path: &str, is_cluster: bool) -> Result<i64, ConfigError> {
    let wrong = || ConfigError::Database {
        path: path.to_owned(),
    };
    if path.is_empty() {
        return Ok(0);
    }
    let database: u16 = path.parse().map_err(|_| wrong())?;
    // A cluster has one database.
    if is_cluster && database != 0 {
        return Err(wrong());
    }
    Ok(database.into())
}

fn namespace(text: String) -> Result<String, ConfigError> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || text.len() > 64 || !text.bytes().all(is_allowed) {
        return Err(ConfigError::OptionValue {
            name: "namespace",
            expected: "1 to 64 of a-z, 0-9 and -",
        });
    }
    Ok(text)
}

fn number(
    name: &'static str,
    expected: &'static str,
    text: &str,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<u32, ConfigError> {
    text.parse()
        .ok()
        .filter(|number| allowed.contains(number))
        .ok_or(ConfigError::OptionValue { name, expected })
}

fn seconds(
    name: &'static str,
    expected: &'static str,
    text: &str,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<Duration, ConfigError> {
    let seconds = number(name, expected, text, allowed)?;
    Ok(Duration::from_secs(seconds.into()))
}

fn decode(part: &'static str, text: &str) -> Result<String, ConfigError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| ConfigError::Encoding { part })
}
