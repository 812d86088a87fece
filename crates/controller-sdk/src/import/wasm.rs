//! The imports of WebAssembly.
//!
//! The published imports write at a pointer and take no capacity, so results land in one static buffer of the
//! published size. It lies in `.bss`: it costs nothing until pages of it are written.
#![expect(
    unsafe_code,
    reason = "imports are foreign functions that take raw pointers"
)]

extern crate std;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::UnsafeCell;

use valence_coprocessor_controller_abi::BUFFER_LENGTH;

use super::{HostFailure, Request};

#[link(wasm_import_module = "valence")]
unsafe extern "C" {
    #[link_name = "panic"]
    fn report_panic(pointer: *const u8, length: usize);
    fn args(pointer: *mut u8) -> i32;
    fn ret(pointer: *const u8, length: usize) -> i32;
    fn log(pointer: *const u8, length: usize) -> i32;
    fn get_storage(pointer: *mut u8) -> i32;
    fn set_storage(pointer: *const u8, length: usize) -> i32;
    fn get_storage_file(path: *const u8, path_length: usize, pointer: *mut u8) -> i32;
    fn set_storage_file(
        path: *const u8,
        path_length: usize,
        pointer: *const u8,
        length: usize,
    ) -> i32;
    fn get_raw_storage(pointer: *mut u8) -> i32;
    fn set_raw_storage(pointer: *const u8, length: usize) -> i32;
    fn get_controller(pointer: *mut u8) -> i32;
    fn get_historical(pointer: *mut u8) -> i32;
    fn get_latest_block(domain: *const u8, domain_length: usize, pointer: *mut u8) -> i32;
    fn get_block_proof(
        domain: *const u8,
        domain_length: usize,
        number: *const u64,
        pointer: *mut u8,
    ) -> i32;
    fn get_historical_update(root: *const u8, pointer: *mut u8) -> i32;
    fn get_state_proof(
        domain: *const u8,
        domain_length: usize,
        args: *const u8,
        args_length: usize,
        pointer: *mut u8,
    ) -> i32;
    fn http(args: *const u8, args_length: usize, pointer: *mut u8) -> i32;
    fn alchemy(
        chain: *const u8,
        chain_length: usize,
        method: *const u8,
        method_length: usize,
        params: *const u8,
        params_length: usize,
        pointer: *mut u8,
    ) -> i32;
}

#[link(wasm_import_module = "valence_v2")]
unsafe extern "C" {
    fn last_error(pointer: *mut u8, capacity: usize) -> i32;
    fn light_client_step(pointer: *mut u8) -> i32;
}

/// Where the host writes results.
struct Buffer(UnsafeCell<[u8; BUFFER_LENGTH]>);

// SAFETY: a controller has one thread.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(UnsafeCell::new([0; BUFFER_LENGTH]));

/// Sends the text of panics to the host.
pub(crate) fn start() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        // SAFETY: the pointer and length are those of a live text, which the host only reads.
        unsafe { report_panic(text.as_ptr(), text.len()) }
    }));
}

/// Calls the host.
pub(crate) fn call(request: Request<'_>) -> Result<Vec<u8>, HostFailure> {
    let code = invoke(request, BUFFER.0.get().cast::<u8>());
    let Ok(length) = usize::try_from(code) else {
        return Err(HostFailure {
            code,
            reason: reason(),
        });
    };
    Ok(copy(length))
}

/// The host writes at most `BUFFER_LENGTH` bytes at the pointer it is given.
fn invoke(request: Request<'_>, out: *mut u8) -> i32 {
    // SAFETY: every pointer goes with the length of the slice that it comes from, or points to a value of the size
    // that the import reads; `out` points to the static buffer, and nothing else refers to it during the call.
    unsafe {
        match request {
            Request::Args => args(out),
            Request::Ret(value) => ret(value.as_ptr(), value.len()),
            Request::Log(line) => log(line.as_ptr(), line.len()),
            Request::Panic(text) => {
                report_panic(text.as_ptr(), text.len());
                0
            }
            Request::StorageImage => get_storage(out),
            Request::SetStorageImage(image) => set_storage(image.as_ptr(), image.len()),
            Request::File(path) => get_storage_file(path.as_ptr(), path.len(), out),
            Request::SetFile(path, contents) => {
                set_storage_file(path.as_ptr(), path.len(), contents.as_ptr(), contents.len())
            }
            Request::Raw => get_raw_storage(out),
            Request::SetRaw(bytes) => set_raw_storage(bytes.as_ptr(), bytes.len()),
            Request::Controller => get_controller(out),
            Request::Historical => get_historical(out),
            Request::LatestBlock(domain) => get_latest_block(domain.as_ptr(), domain.len(), out),
            Request::BlockProof(domain, number) => {
                get_block_proof(domain.as_ptr(), domain.len(), &raw const number, out)
            }
            Request::HistoricalUpdate(root) => get_historical_update(root.as_ptr(), out),
            Request::StateProof(domain, arguments) => get_state_proof(
                domain.as_ptr(),
                domain.len(),
                arguments.as_ptr(),
                arguments.len(),
                out,
            ),
            Request::LightClientStep => light_client_step(out),
            Request::Http(arguments) => http(arguments.as_ptr(), arguments.len(), out),
            Request::Rpc(chain, method, params) => alchemy(
                chain.as_ptr(),
                chain.len(),
                method.as_ptr(),
                method.len(),
                params.as_ptr(),
                params.len(),
                out,
            ),
        }
    }
}

/// Why the latest call failed.
fn reason() -> String {
    // SAFETY: the pointer and capacity are those of the buffer.
    let length = unsafe { last_error(BUFFER.0.get().cast::<u8>(), BUFFER_LENGTH) };
    let text = copy(usize::try_from(length).unwrap_or(0));
    String::from_utf8_lossy(&text).into_owned()
}

/// A copy of the first bytes of the buffer.
fn copy(length: usize) -> Vec<u8> {
    // SAFETY: the host is not running, and no mutable reference to the buffer exists.
    let buffer = unsafe { &*BUFFER.0.get() };
    buffer.get(..length).unwrap_or_default().to_vec()
}
