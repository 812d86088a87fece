//! Whether this machine has what proving on a GPU needs, as far as a glance tells: before any work is taken.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use sp1_primitives::SP1_CRATE_VERSION as VERSION;
use tokio::{process::Command, time::timeout};
use valence_coprocessor_zkvm::ZkvmError;

use crate::CudaConfig;

/// How long the server may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    server: Server,
    /// How many GPUs the driver shows.
    devices: usize,
}

/// SP1's CUDA server, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Server {
    /// There is no such file.
    Absent,
    /// It does not run: what it said.
    Broken(String),
    /// It says that it is of this version.
    Version(String),
}

/// Refuses with all that is missing.
pub(crate) async fn check(
    config: &CudaConfig,
    environment: &[(OsString, OsString)],
) -> Result<(), ZkvmError> {
    let found = Found {
        server: Server::look(&config.server, environment).await,
        devices: devices(Path::new("/dev")),
    };
    judge(config, &found)
}

fn judge(config: &CudaConfig, found: &Found) -> Result<(), ZkvmError> {
    let (mut what, mut hints) = (Vec::new(), Vec::new());
    let wanted = config.device as usize + 1;
    if found.devices < wanted {
        what.push(if found.devices == 0 {
            "an NVIDIA GPU with its driver".to_owned()
        } else {
            format!("GPU {} (there are {})", config.device, found.devices)
        });
        hints.push(
            "run where `nvidia-smi` lists the GPU (containers need it passed in), with 20 GiB of its own memory or more"
                .to_owned(),
        );
    }
    let server = config.server.display();
    let problem = match &found.server {
        Server::Version(version) if version == VERSION => None,
        Server::Version(version) => Some(format!("of version {version} at {server}")),
        Server::Broken(said) => Some(format!("which does not run at {server} ({said})")),
        Server::Absent => Some(format!("not found at {server}")),
    };
    if let Some(problem) = problem {
        what.push(format!("SP1's CUDA server {VERSION}, {problem},"));
        hints.push(format!(
            "install the server with CUDA 12 or newer at hand: `cargo install sp1-gpu-server --version {VERSION} --locked \
             --root ~/.sp1`, or name it with `--cuda-server`"
        ));
    }
    if what.is_empty() {
        return Ok(());
    }
    Err(ZkvmError::Unavailable {
        what: format!("proving with backend cuda: {}", what.join(" and ")),
        hint: hints.join("; "),
    })
}

impl Server {
    /// Asks the server for its version, which also shows whether its libraries are there.
    async fn look(server: &Path, environment: &[(OsString, OsString)]) -> Self {
        let asked = Command::new(server)
            .arg("--version")
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        match timeout(PATIENCE, asked).await {
            Ok(Ok(output)) => Self::of(&output),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Self::Absent,
            Ok(Err(error)) => Self::Broken(error.to_string()),
            Err(_) => Self::Broken(format!(
                "it does not tell its version within {} s",
                PATIENCE.as_secs()
            )),
        }
    }

    fn of(output: &Output) -> Self {
        let first = |text: &[u8]| {
            let text = String::from_utf8_lossy(text);
            text.lines().next().unwrap_or_default().trim().to_owned()
        };
        if output.status.success() {
            Self::Version(first(&output.stdout))
        } else {
            Self::Broken(format!("{}: {}", output.status, first(&output.stderr)))
        }
    }
}

/// How many GPUs are in a folder of devices: one each, or, under Windows, one for all.
fn devices(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .filter(|entry| is_gpu(&entry.file_name()))
        .count()
}

fn is_gpu(name: &OsStr) -> bool {
    name == "dxg"
        || name
            .to_str()
            .and_then(|name| name.strip_prefix("nvidia"))
            .is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    fn config(device: u32) -> CudaConfig {
        CudaConfig {
            server: "/opt/sp1-gpu-server".into(),
            device,
        }
    }

    fn refusal(device: u32, server: Server, devices: usize) -> (String, String) {
        match judge(&config(device), &Found { server, devices }) {
            Err(ZkvmError::Unavailable { what, hint }) => (what, hint),
            other => panic!("{other:?}"),
        }
    }

    fn sound() -> Server {
        Server::Version(VERSION.to_owned())
    }

    #[test]
    fn a_machine_with_gpu_and_server_is_taken() {
        for (device, devices) in [(0, 1), (0, 8), (7, 8)] {
            let found = Found {
                server: sound(),
                devices,
            };
            assert_eq!(judge(&config(device), &found), Ok(()));
        }
    }

    #[test]
    fn whatever_is_missing_is_named_with_what_to_do() {
        let (what, hint) = refusal(0, sound(), 0);
        assert!(what.contains("an NVIDIA GPU with its driver"), "{what}");
        assert!(!what.contains("server"), "{what}");
        assert!(hint.contains("nvidia-smi"), "{hint}");

        let (what, _) = refusal(2, sound(), 2);
        assert!(what.contains("GPU 2 (there are 2)"), "{what}");

        for (server, expected) in [
            (Server::Absent, "not found at /opt/sp1-gpu-server"),
            (Server::Version("6.9.0".to_owned()), "of version 6.9.0"),
            (
                Server::Broken("libcudart.so.12: cannot open".to_owned()),
                "libcudart.so.12",
            ),
        ] {
            let (what, hint) = refusal(0, server, 1);
            assert!(what.contains(expected), "{what}");
            assert!(!what.contains("an NVIDIA GPU"), "{what}");
            assert!(hint.contains("cargo install sp1-gpu-server"), "{hint}");
        }

        let (what, hint) = refusal(0, Server::Absent, 0);
        assert!(what.contains("GPU") && what.contains("server"), "{what}");
        assert!(
            hint.contains("nvidia-smi") && hint.contains("cargo install"),
            "{hint}"
        );
    }

    #[test]
    fn only_gpus_count_as_devices() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(devices(folder.path()), 0);
        for name in ["nvidiactl", "nvidia-uvm", "nvidia-modeset", "null"] {
            fs::write(folder.path().join(name), b"").expect("a file");
        }
        assert_eq!(devices(folder.path()), 0);
        for name in ["nvidia0", "nvidia11"] {
            fs::write(folder.path().join(name), b"").expect("a file");
        }
        assert_eq!(devices(folder.path()), 2);
        assert_eq!(devices(&folder.path().join("absent")), 0);
    }

    /// A file that runs this shell script. Another process writes it: what this one has open for writing, a process that it
    /// starts at the same time would have open too, and what is open for writing does not run.
    fn script(folder: &TempDir, text: &str) -> PathBuf {
        let path = folder.path().join("server");
        let status = std::process::Command::new("sh")
            .args([
                "-c",
                r#"printf '#!/bin/sh\n%s\n' "$1" > "$0"; chmod 700 "$0""#,
            ])
            .arg(&path)
            .arg(text)
            .status()
            .expect("a shell");
        assert!(status.success());
        path
    }

    #[tokio::test]
    async fn a_server_is_asked_for_its_version_and_for_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let absent = folder.path().join("absent");
        assert_eq!(Server::look(&absent, &[]).await, Server::Absent);

        let tells = script(
            &folder,
            &format!(r#"[ "$*" = --version ] && echo {VERSION}"#),
        );
        assert_eq!(Server::look(&tells, &[]).await, sound());

        let broken = script(&folder, "echo libcudart.so.12: cannot open >&2; exit 127");
        let Server::Broken(said) = Server::look(&broken, &[]).await else {
            panic!("it ran");
        };
        assert!(said.contains("127") && said.contains("libcudart"), "{said}");
    }
}
