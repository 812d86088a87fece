//! Where the programs lie that demo and scenarios run.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The programs of one build and one set of tools.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The service.
    pub service: PathBuf,
    /// The worker.
    pub prover: PathBuf,
    /// The command line.
    pub cli: PathBuf,
    /// The operator of Ethereum's domains.
    pub ethereum: PathBuf,
    /// The execution node.
    pub anvil: PathBuf,
    /// Calls everything that the published client crate can; a workspace of its own.
    pub published_client: PathBuf,
}

impl Programs {
    /// Finds them: ours beside the running program, where one build puts all; the others in the
    /// folder that `cargo xtask setup` fills, or on the search path.
    pub fn find() -> anyhow::Result<Self> {
        Ok(Self {
            service: ours("valence-coprocessor-service")?,
            prover: ours("valence-coprocessor-prover")?,
            cli: ours("valence-coprocessor")?,
            ethereum: ours("valence-coprocessor-ethereum")?,
            anvil: anvil()?,
            published_client: published_client()?,
        })
    }
}

/// The root of the repository that this was built from.
pub fn repository_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
}

/// The folder that `cargo xtask setup` installs tools into.
pub fn tools_folder() -> Option<PathBuf> {
    if let Some(folder) = variable("VALENCE_TOOLS") {
        return Some(folder.into());
    }
    let cache = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&variable("HOME")?).join(".cache")))?;
    Some(cache.join("valence-coprocessor").join("tools"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness is a program's half: it finds what was installed for this machine"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn ours(name: &str) -> anyhow::Result<PathBuf> {
    let current = std::env::current_exe().context("finding the running program")?;
    let mut folders = current.ancestors().skip(1).take(2);
    folders
        .find_map(|folder| {
            let program = folder.join(name);
            // A test runs in `deps`, where cargo leaves copies under other names.
            (program.is_file() && !folder.ends_with("deps")).then_some(program)
        })
        .with_context(|| {
            format!("{name} is not built: run `cargo build --workspace --all-targets` first")
        })
}

/// Beside the folder of our programs; missing only if somebody built by hand, which its test says.
fn published_client() -> anyhow::Result<PathBuf> {
    let service = ours("valence-coprocessor-service")?;
    let target = service
        .ancestors()
        .nth(2)
        .context("programs lie in a folder")?;
    Ok(target.join("published-client/debug/published-client"))
}

/// The execution node, for tests that need none of our own programs.
pub fn anvil() -> anyhow::Result<PathBuf> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let installed = tools_folder().map(|folder| {
        folder
            .join("node_modules/@foundry-rs")
            .join(format!("anvil-{system}-{architecture}/bin/anvil"))
    });
    if let Some(program) = installed.filter(|program| program.is_file()) {
        return Ok(program);
    }
    let path = variable("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join("anvil"))
        .find(|program| program.is_file());
    match found {
        Some(program) => Ok(program),
        None => bail!("there is no anvil: run `cargo xtask setup`"),
    }
}
