//! Builds one guest: `cargo run -p valence-coprocessor-guest-build --example build -- circuit guests/circuits/Cargo.toml echo`.

use std::error::Error;
use std::io::Write;

use valence_coprocessor_guest_build::{Build, GuestKind, Machine, Toolchain};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, manifest, package] = arguments.as_slice() else {
        return Err("usage: build circuit|controller MANIFEST PACKAGE".into());
    };
    let kind = if kind == "circuit" {
        GuestKind::Circuit
    } else {
        GuestKind::Controller
    };
    let machine = Machine::new(std::env::vars_os());
    let toolchain = Toolchain::from_std_source(&machine, kind)?;
    for artifact in Build::new(manifest)
        .package(package)
        .run(&machine, &toolchain)?
    {
        writeln!(
            std::io::stdout(),
            "{} {}",
            artifact.name,
            artifact.path.display()
        )?;
    }
    Ok(())
}
