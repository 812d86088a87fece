//! Compiles controllers and runs them, each call in a fresh instance from a pool.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::debug;
use valence_coprocessor_controller_abi::Export;
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, ExternType, InstanceAllocationStrategy, Linker,
    Module, PoolingAllocationConfig, Store, UpdateDeadline, WasmBacktraceDetails,
};

use crate::budget::Budget;
use crate::call::{Call, Outcome};
use crate::config::{Limits, SandboxConfig};
use crate::error::{CallError, CallFailure, CompileError, SandboxError};
use crate::failure;
use crate::imports;
use crate::module::{ControllerModule, ModuleCache, ModuleId};
use crate::network::Network;
use crate::state::CallState;

/// How often running code is asked whether it should yield or stop.
const TICK: Duration = Duration::from_millis(5);

/// Bytes at the start of memory that a slot of the pool zeroes by hand rather than by giving pages back.
const RESIDENT_BYTES: usize = 128 * 1024;

/// The sandbox; cloning is cheap.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    linker: Linker<CallState>,
    network: Arc<Network>,
    limits: Limits,
    module_bytes: usize,
    modules: ModuleCache,
    /// One for each depth: a nested call never waits for a slot that its caller's peers hold.
    slots: Vec<Semaphore>,
}

impl Sandbox {
    /// Reserves the pools and starts the clock.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let engine = engine(&config)?;
        start_clock(&engine)?;
        let mut linker = Linker::new(&engine);
        imports::define(&mut linker).map_err(|error| SandboxError::Engine {
            reason: error.to_string(),
        })?;
        let slot_count = config.concurrent_calls.max(1) as usize;
        let depths = usize::from(config.limits.depth) + 1;
        let shared = Shared {
            engine,
            linker,
            network: Arc::new(Network::new(config.network, config.rpc)?),
            limits: config.limits,
            module_bytes: config.module_bytes,
            modules: ModuleCache::new(config.module_cache_bytes),
            slots: (0..depths).map(|_| Semaphore::new(slot_count)).collect(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// A full budget for a call that no other call made.
    pub fn budget(&self) -> Budget {
        Budget::new(&self.shared.limits)
    }

    /// The limits of a call.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Validates and compiles a module, or finds it compiled. A new module takes milliseconds to seconds of
    /// computing: call this where blocking is allowed.
    pub fn compile(&self, wasm: &[u8]) -> Result<ControllerModule, CompileError> {
        let limit = self.shared.module_bytes;
        if wasm.len() > limit {
            return Err(CompileError::TooLarge {
                got: wasm.len(),
                limit,
            });
        }
        if !wasm.starts_with(b"\0asm") {
            return Err(CompileError::NotWasm);
        }
        let id = ModuleId::of(wasm);
        if let Some(module) = self.shared.modules.find(id) {
            return Ok(module);
        }
        let module = self.link(id, wasm)?;
        self.shared.modules.insert(&module);
        Ok(module)
    }

    /// The compiled module with this hash, if it is at hand.
    pub fn compiled(&self, id: ModuleId) -> Option<ControllerModule> {
        self.shared.modules.find(id)
    }

    /// Runs one export of a controller.
    pub async fn call(
        &self,
        module: &ControllerModule,
        export: Export,
        call: Call,
    ) -> Result<Outcome, CallFailure> {
        let Call { args, host, budget } = call;
        let slot = self.admit(module, export, args.len(), &budget).await;
        let _slot = slot.map_err(|error| CallFailure {
            error,
            host_error: None,
            log: Vec::new(),
        })?;
        let state = CallState::new(args, host, budget.clone(), Arc::clone(&self.shared.network));
        let mut store = Store::new(&self.shared.engine, state);
        let ran = run(&mut store, module, export, &budget).await;
        budget.return_fuel(store.get_fuel().unwrap_or(0));
        let state = store.into_data();
        let finished = match ran {
            Ok(()) => returned(export, state.ret, state.refused_ret),
            Err(error) => Err(failure::classify(&error, &budget)),
        };
        match finished {
            Ok(ret) => Ok(Outcome {
                ret,
                log: state.log,
            }),
            Err(error) => {
                debug!(module = %module.id(), %export, %error, "controller failed");
                Err(CallFailure {
                    error,
                    host_error: state.last_error,
                    log: state.log,
                })
            }
        }
    }

    /// Checks what can be checked before an instance is made, and waits for a slot.
    async fn admit(
        &self,
        module: &ControllerModule,
        export: Export,
        args: usize,
        budget: &Budget,
    ) -> Result<SemaphorePermit<'_>, CallError> {
        if !module.has(export) {
            return Err(CallError::MissingExport { export });
        }
        let limit = self.shared.limits.value_bytes;
        if args > limit {
            return Err(CallError::ArgumentsTooLarge { got: args, limit });
        }
        let slots =
            self.shared
                .slots
                .get(usize::from(budget.depth()))
                .ok_or(CallError::DepthLimit {
                    limit: self.shared.limits.depth,
                })?;
        if let Ok(slot) = slots.try_acquire() {
            return Ok(slot);
        }
        match tokio::time::timeout(budget.remaining(), slots.acquire()).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) | Err(_) => Err(budget.deadline_error()),
        }
    }

    fn link(&self, id: ModuleId, wasm: &[u8]) -> Result<ControllerModule, CompileError> {
        let module = Module::from_binary(&self.shared.engine, wasm).map_err(|error| {
            CompileError::Invalid {
                reason: failure::chain(&error),
            }
        })?;
        let mut linker = self.shared.linker.clone();
        let instance = linker
            .define_unknown_imports_as_traps(&module)
            .and_then(|()| linker.instantiate_pre(&module))
            .map_err(|error| CompileError::Link {
                reason: failure::chain(&error),
            })?;
        let mut exports = [None; Export::ALL.len()];
        for export in Export::ALL {
            exports[export as usize] = match module.get_export(export.name()) {
                None => None,
                Some(ExternType::Func(signature))
                    if signature.params().len() == 0 && signature.results().len() == 0 =>
                {
                    module.get_export_index(export.name())
                }
                Some(_) => return Err(CompileError::ExportType { export }),
            };
        }
        Ok(ControllerModule::new(id, instance, exports))
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("limits", &self.shared.limits)
            .field("network", &self.shared.network)
            .finish_non_exhaustive()
    }
}

/// Runs the start function and the export.
async fn run(
    store: &mut Store<CallState>,
    module: &ControllerModule,
    export: Export,
    budget: &Budget,
) -> wasmtime::Result<()> {
    store.limiter(|state| state);
    store.set_fuel(budget.take_fuel())?;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|context| {
        let budget = &context.data().budget;
        if budget.remaining().is_zero() {
            return Err(wasmtime::Error::new(budget.deadline_error()));
        }
        Ok(UpdateDeadline::Yield(1))
    });
    let instance = module.instance().instantiate_async(&mut *store).await?;
    let missing = || wasmtime::Error::new(CallError::MissingExport { export });
    let index = module.export(export).ok_or_else(missing)?;
    let function = instance
        .get_module_export(&mut *store, index)
        .and_then(wasmtime::Extern::into_func)
        .ok_or_else(missing)?;
    function
        .typed::<(), ()>(&mut *store)?
        .call_async(&mut *store, ())
        .await
}

/// What the export returned. An entry point may return nothing, which is null; returning no JSON is something else.
fn returned(
    export: Export,
    ret: Option<Vec<u8>>,
    refused: Option<String>,
) -> Result<Vec<u8>, CallError> {
    if let Some(reason) = refused {
        return Err(CallError::InvalidReturn { export, reason });
    }
    match (ret, export) {
        (Some(ret), _) => Ok(ret),
        (None, Export::Entrypoint) => Ok(b"null".to_vec()),
        (None, _) => {
            let reason = "it never called `ret` with JSON".to_owned();
            Err(CallError::InvalidReturn { export, reason })
        }
    }
}

fn engine(config: &SandboxConfig) -> Result<Engine, SandboxError> {
    let limits = &config.limits;
    let slots = config
        .concurrent_calls
        .max(1)
        .saturating_mul(u32::from(limits.depth) + 1);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_core_instances(slots)
        .total_memories(slots)
        .total_tables(slots.saturating_mul(2))
        .total_stacks(slots)
        .max_memories_per_module(1)
        .max_tables_per_module(2)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(RESIDENT_BYTES)
        .table_keep_resident(16 * 1024)
        .async_stack_keep_resident(0)
        .pagemap_scan(Enabled::Auto);
    let mut engine = Config::new();
    engine
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        .async_stack_size(limits.stack_bytes + 1536 * 1024)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false);
    if let Some(directory) = &config.cache_directory {
        engine.cache(Some(open_cache(directory)?));
    }
    Engine::new(&engine).map_err(|error| SandboxError::Engine {
        reason: failure::chain(&error),
    })
}

fn open_cache(directory: &std::path::Path) -> Result<Cache, SandboxError> {
    let mut config = CacheConfig::new();
    config.with_directory(directory);
    Cache::new(config).map_err(|error| SandboxError::Cache {
        reason: failure::chain(&error),
    })
}

/// The clock runs on its own thread, so that busy workers cannot stop it, and ends with the engine.
fn start_clock(engine: &Engine) -> Result<(), SandboxError> {
    let engine = engine.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::park_timeout(TICK);
        }
    };
    std::thread::Builder::new()
        .name("controller-clock".to_owned())
        .spawn(tick)
        .map(drop)
        .map_err(|error| SandboxError::Engine {
            reason: error.to_string(),
        })
}
