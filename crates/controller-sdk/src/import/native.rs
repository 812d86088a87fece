//! The imports where there is no WebAssembly: whoever was installed on this thread answers, which is how controllers
//! are tested.

extern crate std;

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use std::cell::RefCell;
use std::thread_local;

use valence_coprocessor_controller_abi::Code;

use super::{HostFailure, Request};

type Handler = Box<dyn FnMut(Request<'_>) -> Result<Vec<u8>, HostFailure>>;

thread_local! {
    static HANDLER: RefCell<Option<Handler>> = const { RefCell::new(None) };
}

/// Answers requests until it is dropped. It belongs to the thread on which it was made.
pub struct Installed {
    thread_bound: PhantomData<*const ()>,
}

/// Lets `handler` answer the requests of this thread, in the place of any that did so before.
#[must_use = "the handler is removed when this is dropped"]
pub fn install(
    handler: impl FnMut(Request<'_>) -> Result<Vec<u8>, HostFailure> + 'static,
) -> Installed {
    HANDLER.set(Some(Box::new(handler)));
    Installed {
        thread_bound: PhantomData,
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        HANDLER.set(None);
    }
}

impl fmt::Debug for Installed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Installed").finish_non_exhaustive()
    }
}

/// Panics reach the test as they are.
pub(crate) fn start() {}

pub(crate) fn call(request: Request<'_>) -> Result<Vec<u8>, HostFailure> {
    HANDLER.with_borrow_mut(|handler| match handler {
        Some(handler) => handler(request),
        None => Err(HostFailure {
            code: Code::Read.number(),
            reason: "no host is installed on this thread; see valence-coprocessor-controller-mock"
                .to_owned(),
        }),
    })
}
