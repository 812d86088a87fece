//! The scripts that run inside Redis, each as a whole or not at all.
//!
//! Redis knows a script by the hash of its text, and is told the text where it does not have it: after a restart
//! and on a server that took over. Programs of several versions can so use one Redis at a time.

use redis::{
    Cmd, Connection, ErrorKind, FromRedisValue, RedisResult, Script, ServerErrorKind, cmd,
};

/// A script of this form may write as far as Redis knows, and so is refused by a replica: nothing is read from a server
/// that has been replaced. Those that only read go on when memory has run out.
macro_rules! script {
    ($flags:literal, $file:literal) => {
        Script::new(concat!(
            "#!lua",
            $flags,
            "\n",
            include_str!("lua/prelude.lua"),
            include_str!($file)
        ))
    };
}

/// Every script, and the keys they work on.
pub(crate) struct Scripts {
    keys: [String; 6],
    pub(crate) open: Script,
    pub(crate) snapshot: Script,
    pub(crate) get: Script,
    pub(crate) scan: Script,
    pub(crate) commit: Script,
}

impl Scripts {
    pub(crate) fn new(keys: [String; 6]) -> Self {
        Self {
            keys,
            open: script!("", "lua/open.lua"),
            snapshot: script!(" flags=allow-oom", "lua/snapshot.lua"),
            get: script!(" flags=allow-oom", "lua/get.lua"),
            scan: script!(" flags=allow-oom", "lua/scan.lua"),
            commit: script!("", "lua/commit.lua"),
        }
    }

    /// A call of a script, to which arguments are added.
    pub(crate) fn call(&self, script: &Script) -> Cmd {
        let mut call = cmd("EVALSHA");
        call.arg(script.get_hash())
            .arg(self.keys.len())
            .arg(&self.keys[..]);
        call
    }
}

/// Runs a call of a script.
pub(crate) fn run<T: FromRedisValue>(
    script: &Script,
    call: &Cmd,
    connection: &mut Connection,
) -> RedisResult<T> {
    tell(script, connection, |connection| call.query(connection))
}

/// Asks for what needs a script; if Redis does not know that, tells it and asks again.
pub(crate) fn tell<T>(
    script: &Script,
    connection: &mut Connection,
    mut ask: impl FnMut(&mut Connection) -> RedisResult<T>,
) -> RedisResult<T> {
    match ask(connection) {
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            script.load(connection)?;
            ask(connection)
        }
        answer => answer,
    }
}
