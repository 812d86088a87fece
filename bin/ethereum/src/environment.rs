//! Every variable of the environment that the operator reads, once.

/// Address of the service.
pub(crate) const SERVICE: &str = "VALENCE_COPROCESSOR_URL";
/// The secret key that signs requests, in hexadecimal; `--signing-key FILE` counts more.
pub(crate) const SIGNING_KEY: &str = "VALENCE_SIGNING_KEY";
/// Key of a hosted node provider.
pub(crate) const ANKR_API_KEY: &str = "ANKR_API_KEY";
/// Key of a hosted node provider.
pub(crate) const ALCHEMY_API_KEY: &str = "ALCHEMY_API_KEY";
/// What prover processes are given; SP1 reads dozens of variables, which must not change what it does.
pub(crate) const PROVER: [&str; 5] = [
    "HOME",
    "PATH",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "RAYON_NUM_THREADS",
];
