//! Finding the server to write to, and connecting to it.

use std::{fs, time::Duration};

use redis::{
    Client, Connection, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, RedisConnectionInfo,
    RedisError, RedisResult, TlsCertificates, Value, cmd, from_redis_value, io::tcp::TcpSettings,
};

use crate::{
    OpenError, RedisConfig,
    config::{Address, Login, Topology},
    layout,
};

/// Knows where servers may be, and how to connect to them.
pub(crate) struct Primary {
    config: RedisConfig,
    certificates: Option<TlsCertificates>,
}

impl Primary {
    pub(crate) fn new(config: RedisConfig) -> Result<Self, OpenError> {
        let mut certificates = None;
        if config.is_tls {
            choose_cryptography();
            let root_cert = config.certificates.as_ref().map(|path| {
                fs::read(path).map_err(|source| OpenError::Certificates {
                    path: path.clone(),
                    source,
                })
            });
            certificates = Some(TlsCertificates {
                client_tls: None,
                root_cert: root_cert.transpose()?,
            });
        }
        Ok(Self {
            config,
            certificates,
        })
    }

    /// Asks who may be written to now.
    pub(crate) fn find(&self) -> RedisResult<Address> {
        match &self.config.topology {
            Topology::Single(address) => Ok(address.clone()),
            Topology::Sentinel { sentinels, master } => {
                first_answer(sentinels, |sentinel| self.ask_sentinel(sentinel, master))
            }
            Topology::Cluster(seeds) => first_answer(seeds, |seed| self.ask_node(seed)),
        }
    }

    /// Connects to a server that holds the data.
    pub(crate) fn connect(&self, address: &Address) -> RedisResult<Connection> {
        self.connect_as(address, &self.config.login, self.config.database)
    }

    fn connect_as(
        &self,
        address: &Address,
        login: &Login,
        database: i64,
    ) -> RedisResult<Connection> {
        let mut settings = RedisConnectionInfo::default().set_db(database);
        if let Some(username) = &login.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &login.password {
            settings = settings.set_password(password);
        }
        let address = match address {
            Address::Unix(path) => ConnectionAddr::Unix(path.clone()),
            Address::Tcp { host, port } if self.config.is_tls => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
            Address::Tcp { host, port } => ConnectionAddr::Tcp(host.clone(), *port),
        };
        // A large batch must not wait for the network to acknowledge its first part.
        let network = TcpSettings::default().set_nodelay(true);
        let info = address
            .into_connection_info()?
            .set_redis_settings(settings)
            .set_tcp_settings(network);
        let client = match &self.certificates {
            Some(certificates) => Client::build_with_tls(info, certificates.clone())?,
            None => Client::open(info)?,
        };
        let limit = self.config.attempt_timeout();
        let connection = client.get_connection_with_timeout(limit.min(Duration::from_secs(3)))?;
        connection.set_read_timeout(Some(limit))?;
        connection.set_write_timeout(Some(limit))?;
        Ok(connection)
    }

    fn ask_sentinel(&self, sentinel: &Address, master: &str) -> RedisResult<Address> {
        let mut connection = self.connect_as(sentinel, &self.config.sentinel_login, 0)?;
        let answer: Option<(String, u16)> = cmd("SENTINEL")
            .arg("GET-MASTER-ADDR-BY-NAME")
            .arg(master)
            .query(&mut connection)?;
        let (host, port) = answer.ok_or_else(|| {
            let explanation = "the sentinel knows no master of this name";
            RedisError::from((ErrorKind::MasterNameNotFoundBySentinel, explanation))
        })?;
        Ok(Address::Tcp { host, port })
    }

    /// Asks a node of a cluster which one has the slot that all our keys are in.
    fn ask_node(&self, node: &Address) -> RedisResult<Address> {
        let mut connection = self.connect(node)?;
        let slot: u16 = cmd("CLUSTER")
            .arg("KEYSLOT")
            .arg(layout::tag(&self.config.namespace))
            .query(&mut connection)?;
        let ranges: Vec<Vec<Value>> = cmd("CLUSTER").arg("SLOTS").query(&mut connection)?;
        for range in ranges {
            let [first, last, owner, ..] = range.as_slice() else {
                continue;
            };
            let (first, last): (u16, u16) = (read(first)?, read(last)?);
            if (first..=last).contains(&slot) {
                return owner_of(owner, node);
            }
        }
        let explanation = "no node of the cluster has the slot of our keys";
        Err(RedisError::from((
            ErrorKind::ClusterConnectionNotFound,
            explanation,
        )))
    }
}

/// The address in the answer about one range; a node that knows no name for itself is the one that was asked.
fn owner_of(owner: &Value, asked: &Address) -> RedisResult<Address> {
    let Value::Array(fields) = owner else {
        return Ok(asked.clone());
    };
    let [host, port, ..] = fields.as_slice() else {
        return Ok(asked.clone());
    };
    let port: u16 = read(port)?;
    let host: Option<String> = read(host)?;
    match (host, asked) {
        (Some(host), _) if !host.is_empty() && host != "?" => Ok(Address::Tcp { host, port }),
        (_, Address::Tcp { host, .. }) => Ok(Address::Tcp {
            host: host.clone(),
            port,
        }),
        (_, Address::Unix(_)) => Ok(asked.clone()),
    }
}

fn read<T: redis::FromRedisValue>(value: &Value) -> RedisResult<T> {
    Ok(from_redis_value(value.clone())?)
}

/// Asks one after the other until one answers; the error is that of the last.
fn first_answer(
    addresses: &[Address],
    ask: impl Fn(&Address) -> RedisResult<Address>,
) -> RedisResult<Address> {
    let mut last = RedisError::from((ErrorKind::EmptySentinelList, "there is nobody to ask"));
    for address in addresses {
        match ask(address) {
            Ok(found) => return Ok(found),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The TLS library wants one provider for the process; a choice that was made before stays.
fn choose_cryptography() {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    // An error says that there is one already.
    drop(provider.install_default());
}
