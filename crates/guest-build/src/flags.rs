//! The compiler flags of guests.

use std::ffi::OsString;
use std::path::Path;

use crate::GuestKind;

/// `STACK_TOP` of sp1-primitives: the program starts where the stack, which grows down, begins.
const IMAGE_BASE: u32 = 0x7800_0000;

/// The flags that sp1-build passes for circuits; controllers need none.
pub(crate) fn code_generation(kind: GuestKind) -> Vec<String> {
    match kind {
        GuestKind::Controller => Vec::new(),
        GuestKind::Circuit => [
            "-Cpasses=lower-atomic".to_owned(),
            format!("-Clink-arg=--image-base={IMAGE_BASE}"),
            "-Cpanic=abort".to_owned(),
            "--cfg=getrandom_backend=\"custom\"".to_owned(),
            "-Cllvm-args=-misched-prera-direction=bottomup".to_owned(),
            "-Cllvm-args=-misched-postra-direction=bottomup".to_owned(),
        ]
        .into(),
    }
}

/// One `--remap-path-prefix` for each folder; rustc takes the last that matches.
pub(crate) fn remapped<'a>(
    folders: impl IntoIterator<Item = (&'a Path, &'static str)>,
) -> Vec<OsString> {
    let remap = |(folder, name): (&Path, &str)| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(folder);
        flag.push("=");
        flag.push(name);
        flag
    };
    folders.into_iter().map(remap).collect()
}
