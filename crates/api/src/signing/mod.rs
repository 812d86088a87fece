//! Signing requests and telling who signed one.
//!
//! A service takes two forms. [`BoundRequest`] is ours: it binds everything that gives a request its meaning, and says which
//! key signed. [`recover_published`] is that of published clients: it covers uuid and body only, and the key is recovered.

mod bound;
mod error;
mod key;
mod published;

pub use bound::{BoundRequest, BoundSignature, MAX_EXPIRY_SECONDS};
pub use error::SigningError;
pub use key::{PublicKey, RequestSigner};
pub use published::{recover_published, sign_published};
