//! Proofs on a GPU, by SP1's CUDA server.
//!
//! The server is a program of its own, started here and spoken to in its own messages. SP1's client for it is not used:
//! it downloads and runs a server from the internet where the one at hand is missing or of another version, gives it one
//! second to start, and panics beyond that.

use std::{
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sp1_cuda::{
    api::{Request, Response},
    client::socket_path,
};
use sp1_prover_types::network_base_types::ProofMode;
use sp1_sdk::{RiscvAir, SP1Context};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    process::{Child, Command},
    runtime::Runtime,
    time::sleep,
};
use valence_coprocessor_zkvm::{
    Proof, ProofKind, Stage, ZkvmError,
    wire::{MAXIMUM_FRAME, Prove},
};

use super::{Prover, failed, proof_of};
use crate::{
    CudaConfig,
    child::{elf, execute::stdin},
};

/// How long the server may take until it listens; it takes a second or two, more on machines with many GPUs.
const START: Duration = Duration::from_mins(2);

/// How often a server that does not listen yet is asked again.
const PERIOD: Duration = Duration::from_millis(50);

/// SP1's CUDA server, which ends with this process.
pub(super) struct Cuda {
    runtime: Runtime,
    connection: Mutex<Connection>,
    _server: Child,
}

impl Cuda {
    pub(super) fn start(config: &CudaConfig) -> Result<Self, ZkvmError> {
        let runtime = Runtime::new().map_err(|error| failed(&error.to_string()))?;
        let (server, stream) = runtime.block_on(start(config))?;
        Ok(Self {
            runtime,
            connection: Mutex::new(Connection {
                stream,
                program: None,
            }),
            _server: server,
        })
    }
}

impl Prover for Cuda {
    fn prove(&self, work: &Prove, report: &dyn Fn(Stage)) -> Result<Proof, ZkvmError> {
        elf::program(&work.elf)?;
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.runtime.block_on(connection.prove(work, report))
    }
}

/// Starts the server and connects to it.
async fn start(config: &CudaConfig) -> Result<(Child, UnixStream), ZkvmError> {
    let unavailable = |what: &str, hint: String| ZkvmError::Unavailable {
        what: format!("proving on GPU {}: {what}", config.device),
        hint,
    };
    let mut server = Command::new(&config.server)
        .env("CUDA_VISIBLE_DEVICES", config.device.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            let what = format!("SP1's CUDA server {}", config.server.display());
            unavailable(&what, format!("it could not be started: {error}"))
        })?;
    let path = socket_path(config.device);
    let begun = Instant::now();
    loop {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(unavailable("SP1's CUDA server", ended(status)));
        }
        let error = match connect(&path, &server).await {
            Ok(stream) => return Ok((server, stream)),
            Err(error) => error,
        };
        if begun.elapsed() > START {
            let hint = format!("it does not answer at {}: {error}", path.display());
            return Err(unavailable("SP1's CUDA server", hint));
        }
        sleep(PERIOD).await;
    }
}

/// Connects to this server and no other: its socket lies in a folder where everybody may write.
async fn connect(path: &Path, server: &Child) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(path).await?;
    let listener = stream.peer_cred()?.pid();
    if listener.and_then(|id| u32::try_from(id).ok()) == server.id() {
        Ok(stream)
    } else {
        Err(io::Error::other("another process listens there"))
    }
}

fn ended(status: ExitStatus) -> String {
    format!("it ended at once ({status}); the log above says why")
}

/// A connection to the server, which takes one request at a time.
struct Connection {
    stream: UnixStream,
    /// The program that the server keeps.
    program: Option<[u8; 32]>,
}

impl Connection {
    async fn prove(&mut self, work: &Prove, report: &dyn Fn(Stage)) -> Result<Proof, ZkvmError> {
        let mode = match work.kind {
            ProofKind::Execute => return Err(ZkvmError::NoProof),
            ProofKind::Core => ProofMode::Core,
            ProofKind::Compressed => ProofMode::Compressed,
            ProofKind::Groth16 => ProofMode::Groth16,
            ProofKind::Plonk => ProofMode::Plonk,
        };
        report(Stage::Setup);
        let setup = Request::Setup {
            elf: work.elf.clone(),
            machine: RiscvAir::machine().into(),
        };
        let Response::Setup { id: key, .. } = self.ask(&setup).await? else {
            return Err(out_of_step());
        };
        if let Some(other) = self.program.replace(key).filter(|other| *other != key) {
            self.ask(&Request::Destroy { key: other }).await?;
        }
        report(Stage::Proving);
        let request = Request::ProveWithMode {
            mode,
            key,
            stdin: stdin(&work.input),
            proof_nonce: SP1Context::builder().build().proof_nonce,
        };
        let Response::Proof { proof } = self.ask(&request).await? else {
            return Err(out_of_step());
        };
        proof_of(&proof.into(), work.kind)
    }

    /// Sends a request and waits for its answer: both are bincode after their length, four bytes, little-endian.
    async fn ask(&mut self, request: &Request) -> Result<Response, ZkvmError> {
        let request = bincode::serialize(request).map_err(|error| failed(&error.to_string()))?;
        let answer = self
            .exchange(&request)
            .await
            .map_err(|error| broke(&error))?;
        match bincode::deserialize(&answer).map_err(|error| broke(&error))? {
            Response::InternalError(reason) | Response::ProverError(reason) => {
                Err(failed(&format!("SP1's CUDA server: {reason}")))
            }
            Response::ConnectionClosed => Err(broke(&"it closed the connection")),
            answer => Ok(answer),
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        let length = u32::try_from(request.len()).map_err(io::Error::other)?;
        self.stream.write_u32_le(length).await?;
        self.stream.write_all(request).await?;
        let length = self.stream.read_u32_le().await?;
        let length = usize::try_from(length).map_err(io::Error::other)?;
        if length > MAXIMUM_FRAME {
            return Err(io::Error::other("its answer is too long"));
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).await?;
        Ok(answer)
    }
}

/// The server is of no more use, and so is this process, which ends after it.
fn broke(error: &dyn std::fmt::Display) -> ZkvmError {
    ZkvmError::ProverDied {
        reason: format!(
            "SP1's CUDA server broke off ({error}); its log says why, and a GPU with less than 20 GiB is too small for it"
        ),
    }
}

fn out_of_step() -> ZkvmError {
    broke(&"it answered what was not asked")
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        os::unix::net::UnixStream as StdUnixStream,
        sync::Mutex,
        thread::{self, JoinHandle},
    };

    use sp1_sdk::{ProofFromNetwork, SP1Proof, SP1PublicValues, SP1VerifyingKey};

    use super::*;
    use crate::child::{elf::tests::spins, key, light::Light};

    /// A server that gives these answers to the requests that come, one after the other, and then hangs up.
    fn server(answers: Vec<Response>) -> (UnixStream, JoinHandle<Vec<Request>>) {
        let (ours, mut theirs) = StdUnixStream::pair().expect("sockets");
        ours.set_nonblocking(true).expect("a socket");
        let serving = thread::spawn(move || {
            let mut requests = Vec::new();
            for answer in answers {
                let mut length = [0; 4];
                theirs.read_exact(&mut length).expect("a length");
                let mut request = vec![0; u32::from_le_bytes(length) as usize];
                theirs.read_exact(&mut request).expect("a request");
                requests.push(bincode::deserialize(&request).expect("a request"));
                let answer = bincode::serialize(&answer).expect("an answer");
                let length = u32::try_from(answer.len()).expect("a short answer");
                theirs.write_all(&length.to_le_bytes()).expect("a length");
                theirs.write_all(&answer).expect("an answer");
            }
            requests
        });
        (UnixStream::from_std(ours).expect("a socket"), serving)
    }

    fn work(kind: ProofKind) -> Prove {
        Prove {
            elf: spins(),
            input: b"input".to_vec(),
            kind,
            cycles: 1,
            duration: Duration::from_secs(1),
        }
    }

    /// What comes of work with a server that answers so, with the stages that were told.
    async fn outcome(
        answers: Vec<Response>,
    ) -> (Result<Proof, ZkvmError>, Vec<Stage>, Vec<Request>) {
        let (stream, serving) = server(answers);
        let mut connection = Connection {
            stream,
            program: None,
        };
        let stages = Mutex::new(Vec::new());
        let report = |stage| stages.lock().expect("not poisoned").push(stage);
        let outcome = connection
            .prove(&work(ProofKind::Compressed), &report)
            .await;
        let requests = serving.join().expect("it panics at nothing");
        (
            outcome,
            stages.into_inner().expect("not poisoned"),
            requests,
        )
    }

    #[tokio::test]
    async fn what_the_server_cannot_do_is_told_in_its_own_words() {
        for answer in [Response::InternalError, Response::ProverError] {
            let (outcome, stages, requests) =
                outcome(vec![answer("out of device memory".to_owned())]).await;
            let reason = outcome.expect_err("it refused").to_string();
            assert!(
                reason.contains("CUDA server: out of device memory"),
                "{reason}"
            );
            assert_eq!(stages, [Stage::Setup]);
            assert!(
                matches!(requests.as_slice(), [Request::Setup { elf, .. }] if *elf == spins()),
                "the program was not set up"
            );
        }
    }

    #[tokio::test]
    async fn a_server_that_dies_or_answers_what_was_not_asked_is_given_up() {
        for answers in [vec![], vec![Response::Ok], vec![Response::ConnectionClosed]] {
            let (outcome, ..) = outcome(answers).await;
            assert!(
                matches!(outcome, Err(ZkvmError::ProverDied { .. })),
                "{outcome:?}"
            );
        }
    }

    /// Some verifying key: what the server says about it is not used.
    fn some_key() -> SP1VerifyingKey {
        let light = Light::start(Runtime::new().expect("threads"));
        let key = light.verifying_key(&spins()).expect("a program");
        key::decode(&key).expect("just encoded")
    }

    #[test]
    fn a_proof_comes_back_and_the_program_before_it_is_forgotten() {
        let key = some_key();
        let setup = |id| Response::Setup {
            id: [id; 32],
            vk: key.clone(),
        };
        let made = |values: &[u8]| Response::Proof {
            proof: ProofFromNetwork {
                proof: SP1Proof::Core(Vec::new()),
                public_values: SP1PublicValues::from(values),
                sp1_version: String::new(),
            },
        };
        let runtime = Runtime::new().expect("threads");
        let _inside = runtime.enter();
        let (stream, serving) = server(vec![
            setup(1),
            made(b"first"),
            setup(1),
            made(b"second"),
            setup(2),
            Response::Ok,
            made(b"third"),
        ]);
        let mut connection = Connection {
            stream,
            program: None,
        };
        for expected in [b"first".as_slice(), b"second", b"third"] {
            let proof = runtime
                .block_on(connection.prove(&work(ProofKind::Core), &|_| ()))
                .expect("the server proves");
            assert_eq!(proof.public_values, expected);
            assert_eq!(proof.kind, ProofKind::Core);
        }
        let requests = serving.join().expect("it panics at nothing");
        let names: Vec<String> = requests.iter().map(name).collect();
        assert_eq!(
            names,
            [
                "set up",
                "prove 1",
                "set up",
                "prove 1",
                "set up",
                "destroy 1",
                "prove 2"
            ]
        );
    }

    fn name(request: &Request) -> String {
        match request {
            Request::Setup { .. } => "set up".to_owned(),
            Request::ProveWithMode { key, .. } => format!("prove {}", key[0]),
            Request::Destroy { key } => format!("destroy {}", key[0]),
        }
    }

    #[test]
    fn a_server_that_does_not_run_is_named() {
        let missing = CudaConfig {
            server: "/nowhere/sp1-gpu-server".into(),
            device: 90,
        };
        let ends = CudaConfig {
            server: "/bin/false".into(),
            device: 91,
        };
        for (config, expected) in [(missing, "could not be started"), (ends, "exit status: 1")] {
            let error = Cuda::start(&config).err().expect("no GPU server");
            let ZkvmError::Unavailable { what, hint } = &error else {
                panic!("{error}")
            };
            assert!(what.contains("SP1's CUDA server"), "{what}");
            assert!(hint.contains(expected), "{hint}");
        }
    }
}
