//! Digests and names that do not depend on where a project lies.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use valence_coprocessor_guest_build::{
    Build, BuildError, GuestKind, Machine, Toolchain, source_digest,
};

fn machine() -> Machine {
    Machine::new(std::env::vars_os())
}

/// A guest workspace that uses a package outside of it, as ours do.
fn project(folder: &Path) -> Result<(), Box<dyn Error>> {
    let package = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    for folder in ["crates/facts/src", "guests/guest/src"].map(|name| folder.join(name)) {
        fs::create_dir_all(folder)?;
    }
    fs::write(
        folder.join("crates/facts/Cargo.toml"),
        package("facts", "[workspace]\n"),
    )?;
    fs::write(
        folder.join("crates/facts/src/lib.rs"),
        "pub const ANSWER: u8 = 42;\n",
    )?;
    fs::write(
        folder.join("guests/Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"guest\"]\n",
    )?;
    let uses = "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nfacts = { path = \"../../crates/facts\" }\n";
    fs::write(
        folder.join("guests/guest/Cargo.toml"),
        package("guest", uses),
    )?;
    fs::write(
        folder.join("guests/guest/src/lib.rs"),
        "pub use facts::ANSWER;\n",
    )?;
    let locked = Command::new("cargo")
        .args(["generate-lockfile", "--offline"])
        .current_dir(folder.join("guests"))
        .status()?;
    assert!(locked.success());
    Ok(())
}

#[test]
fn digests_follow_the_sources_and_not_the_folder() -> Result<(), Box<dyn Error>> {
    let (one, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let digest =
        |folder: &Path| source_digest(&machine(), &folder.join("guests/Cargo.toml"), "guest");
    project(one.path())?;
    project(other.path())?;
    let before = digest(one.path())?;
    assert_eq!(before, digest(other.path())?);

    // Tests are not in the built file; what another package contributes is.
    fs::create_dir(other.path().join("crates/facts/tests"))?;
    fs::write(other.path().join("crates/facts/tests/answer.rs"), "")?;
    assert_eq!(before, digest(other.path())?);
    fs::write(
        other.path().join("crates/facts/src/lib.rs"),
        "pub const ANSWER: u8 = 43;\n",
    )?;
    assert_ne!(before, digest(other.path())?);
    Ok(())
}

#[test]
fn a_package_that_is_not_there_is_named() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    let missing = source_digest(
        &machine(),
        &folder.path().join("guests/Cargo.toml"),
        "ghost",
    );
    assert!(matches!(missing, Err(BuildError::NoPackage { package, .. }) if package == "ghost"));
    Ok(())
}

/// Where nothing is installed, the error says what to install.
#[test]
fn without_a_toolchain_the_error_helps() {
    let empty = Machine::new([("PATH".into(), "/nonexistent".into())]);
    for kind in [GuestKind::Circuit, GuestKind::Controller] {
        assert!(Toolchain::installed(&empty, kind).is_err());
        // Debian's compiler is found without a search path, where it is installed.
        if let Err(error) = Toolchain::from_std_source(&empty, kind) {
            let text = error.to_string();
            assert!(
                text.contains("hint: install one of")
                    && text.contains("apt-get install rustc-web rust-web-src"),
                "{text}"
            );
        }
    }
    let nothing = Build::new("/nonexistent/Cargo.toml");
    let toolchain = Toolchain::from_std_source(&machine(), GuestKind::Circuit);
    if let Ok(toolchain) = toolchain {
        assert!(matches!(
            nothing.run(&machine(), &toolchain),
            Err(BuildError::Failed { .. })
        ));
    }
}
