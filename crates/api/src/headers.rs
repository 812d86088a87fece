//! Names of the request and answer headers.

/// The circuit of a request in header form, hexadecimal; zero when absent.
pub const CIRCUIT: &str = "valence-coprocessor-circuit";
/// Pins the root of a request, hexadecimal; the newest when absent.
pub const ROOT: &str = "valence-coprocessor-root";
/// The signature, hexadecimal.
pub const SIGNATURE: &str = "valence-coprocessor-signature";
/// The number used once of a signed request: 32 hexadecimal digits.
pub const UUID: &str = "valence-coprocessor-uuid";
/// Our own signed form only: the compressed public key, hexadecimal.
pub const PUBLIC_KEY: &str = "valence-coprocessor-public-key";
/// Our own signed form only: seconds since the Unix epoch after which the request is void.
pub const EXPIRY: &str = "valence-coprocessor-expiry";
/// In answers: `dev` or `elected`, the mode of the service.
pub const MODE: &str = "valence-coprocessor-mode";
/// In answers, and taken over from a request that names one: the id that finds the request in the log.
pub const REQUEST_ID: &str = "x-request-id";
/// Id of a callback, the same at each attempt (Standard Webhooks).
pub const CALLBACK_ID: &str = "webhook-id";
/// When a callback was made, in seconds since the Unix epoch (Standard Webhooks).
pub const CALLBACK_TIMESTAMP: &str = "webhook-timestamp";
/// Signature of a callback: `v1a,` and base64 (Standard Webhooks).
pub const CALLBACK_SIGNATURE: &str = "webhook-signature";
