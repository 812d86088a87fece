//! The command `serve`, black box: a worker that a service uses, and what it refuses to be.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use valence_coprocessor_zkvm::{
    CancellationToken, Limits, Priority, ProgressSender, ProofKind, Work, ZkvmError,
};
use valence_coprocessor_zkvm_remote::{RemoteConfig, RemoteError, RemoteWorker, Secret};

use crate::program;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn serve(arguments: &[&str], secret: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_valence-coprocessor-prover"));
    command
        .args(["serve", "--port", "0"])
        .args(arguments)
        .env_remove("VALENCE_PROVER_SECRET")
        .env_remove("NETWORK_PRIVATE_KEY");
    if let Some(secret) = secret {
        command.env("VALENCE_PROVER_SECRET", secret);
    }
    command
}

fn refusal(arguments: &[&str], secret: Option<&str>) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = serve(arguments, secret).output().expect("it runs");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

/// A worker process; killed when dropped.
struct Process {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Process {
    async fn start(secret: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port_file: PathBuf = folder.path().join("port");
        let cache = folder.path().join("programs");
        let mut child = serve(&["--backend", "execute", "--slots", "2"], secret)
            .arg("--port-file")
            .arg(&port_file)
            .arg("--program-cache")
            .arg(&cache)
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let begun = Instant::now();
        let address = loop {
            if let Ok(address) = fs::read_to_string(&port_file) {
                break address.trim().to_owned();
            }
            assert_eq!(child.try_wait().expect("a child"), None, "it ended");
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "it does not listen"
            );
            tokio::task::yield_now().await;
        };
        Self {
            child,
            address,
            _folder: folder,
        }
    }

    fn service(&self, scheme: &str, secret: Option<&str>) -> RemoteWorker {
        let address = format!("{scheme}://{}", self.address)
            .parse()
            .expect("an address");
        let secret = secret.map(|secret| Secret::new(secret).expect("long enough"));
        RemoteWorker::new(address, secret, RemoteConfig::default()).expect("this machine")
    }

    fn terminate(&mut self) -> Option<i32> {
        let status = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill is everywhere");
        assert!(status.success());
        self.child.wait().expect("a child").code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn panics(kind: ProofKind) -> Work {
    Work {
        elf: program::panics("no such slot"),
        input: [].into(),
        kind,
        limits: Limits {
            cycles: 1 << 30,
            duration: Duration::from_mins(2),
        },
        priority: Priority::Normal,
        own: Vec::new(),
        avoid: Vec::new(),
    }
}

#[tokio::test]
async fn a_worker_runs_circuits_over_tls_and_ends_when_it_is_told_to() {
    let mut worker = Process::start(Some(SECRET)).await;
    let service = worker.service("https", Some(SECRET));
    let (progress, _) = ProgressSender::channel();
    let cancel = CancellationToken::new();
    let failed = service
        .run(&panics(ProofKind::Execute), &progress, &cancel)
        .await;
    assert!(
        matches!(&failed, Err(RemoteError::Work(ZkvmError::GuestPanicked { message })) if message.contains("no such slot")),
        "{failed:?}"
    );
    let refused = service
        .run(&panics(ProofKind::Compressed), &progress, &cancel)
        .await;
    assert!(
        matches!(&refused, Err(RemoteError::Work(ZkvmError::Unavailable { what, .. })) if what.contains("backend execute proves nothing")),
        "{refused:?}"
    );
    let status = service.status().await.expect("it answers");
    assert_eq!((status.capacity, status.backend.as_str()), (2, "execute"));
    assert_eq!(worker.terminate(), Some(0));
}

#[tokio::test]
async fn attack_d2_without_secret_a_worker_serves_this_machine_only() {
    let mut worker = Process::start(None).await;
    worker
        .service("http", None)
        .status()
        .await
        .expect("on loopback");
    assert_eq!(worker.terminate(), Some(0));
    let arguments = ["--backend", "execute", "--bind", "0.0.0.0"];
    let (code, text) = refusal(&arguments, None);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("without secret listens on loopback only"),
        "{text}"
    );
    for short in ["", "too short"] {
        let (code, text) = refusal(&arguments, Some(short));
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("at least 32"), "{text}");
        assert!(short.is_empty() || !text.contains(short), "{text}");
    }
}

#[cfg(not(all(feature = "cuda", feature = "network")))]
#[test]
fn backends_that_are_not_built_in_say_so_and_how_to_build_them() {
    let backends = [
        ("cuda", cfg!(feature = "cuda")),
        ("network", cfg!(feature = "network")),
    ];
    for (backend, _) in backends.into_iter().filter(|(_, is_built)| !is_built) {
        let (code, text) = refusal(&["--backend", backend], None);
        assert_eq!(code, Some(2), "{text}");
        assert!(
            text.contains(&format!("backend {backend}: this build has no")),
            "{text}"
        );
        let build = format!("cargo build -p valence-coprocessor-prover --features {backend}");
        assert!(text.contains("hint: ") && text.contains(&build), "{text}");
    }
}

#[cfg(feature = "cuda")]
#[test]
fn cuda_without_its_server_says_so_and_downloads_nothing() {
    let (code, text) = refusal(
        &["--backend", "cuda", "--cuda-server", "/nowhere/server"],
        None,
    );
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("not found at /nowhere/server"), "{text}");
    assert!(text.contains("cargo install sp1-gpu-server"), "{text}");
    assert!(!text.contains("listening on"), "{text}");
}

#[cfg(feature = "network")]
#[test]
fn network_without_a_usable_key_says_so_and_repeats_nothing_of_it() {
    let (code, text) = refusal(&["--backend", "network"], None);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("the key of the account that pays"), "{text}");
    assert!(text.contains("--network-key-file"), "{text}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    for key in ["0123456789abcdef", "ffffffffffffffff".repeat(4).as_str()] {
        fs::write(&file, key).expect("a file");
        let path = file.to_str().expect("a path in UTF-8");
        let arguments = ["--backend", "network", "--network-key-file", path];
        let (code, text) = refusal(&arguments, None);
        assert!(matches!(code, Some(1 | 2)), "{text}");
        assert!(text.contains("key"), "{text}");
        assert!(!text.contains(key), "{text}");
    }
}

#[test]
fn what_a_machine_does_once_at_a_time_has_one_slot() {
    let (code, text) = refusal(&["--backend", "cpu", "--slots", "2"], None);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("backend cpu has one slot, not 2"), "{text}");
}
