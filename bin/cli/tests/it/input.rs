//! Bad input: each is refused with what is wrong and what to do.

use std::fs;

use crate::{folder, refused, run};

#[test]
fn a_missing_manifest_is_named() {
    let folder = folder();
    for command in ["build", "deploy"] {
        let output = run(folder.path(), &[command]);
        refused(
            &output,
            1,
            &["error: valence.toml cannot be read", "hint: run this where"],
        );
    }
    let output = run(folder.path(), &["build", "--manifest", "other/my.toml"]);
    refused(&output, 1, &["other/my.toml cannot be read"]);
}

#[test]
fn a_broken_manifest_says_where() {
    let folder = folder();
    fs::write(
        folder.path().join("valence.toml"),
        "[circuit.one]\ncontroler = \"x\"\n",
    )
    .expect("a file is written");
    let output = run(folder.path(), &["build"]);
    refused(
        &output,
        1,
        &["valence.toml is no manifest", "line 2", "controler"],
    );
}

#[test]
fn a_circuit_that_is_not_in_the_manifest_is_named_with_those_that_are() {
    let folder = folder();
    fs::write(
        folder.path().join("valence.toml"),
        "[circuit.one]\n[circuit.two]\n",
    )
    .expect("a file is written");
    let output = run(folder.path(), &["deploy", "--name", "three"]);
    refused(
        &output,
        1,
        &["no circuit `three`", "hint: it has: one, two"],
    );
    let output = run(folder.path(), &["prove"]);
    refused(
        &output,
        1,
        &["several circuits", "hint: name one by --circuit: one, two"],
    );
}

#[test]
fn what_was_not_built_cannot_be_deployed() {
    let folder = folder();
    fs::write(folder.path().join("valence.toml"), "[circuit.one]\n").expect("a file is written");
    let output = run(folder.path(), &["deploy"]);
    refused(
        &output,
        1,
        &["circuit.bin cannot be read", "hint: build it first"],
    );
    let output = run(folder.path(), &["build"]);
    refused(
        &output,
        1,
        &["`one` of valence.toml names no circuit", "circuit_file"],
    );
}

#[test]
fn a_service_that_is_not_there_is_a_failure_with_its_address() {
    let folder = folder();
    // Port 1 is never a co-processor, and on loopback it refuses at once.
    let output = run(folder.path(), &["status", "--url", "127.0.0.1:1"]);
    refused(
        &output,
        2,
        &[
            "the service at http://127.0.0.1:1 does not answer",
            "hint: is the service running",
        ],
    );
    fs::write(
        folder.path().join("valence.toml"),
        "[coprocessor]\nurl = \"http://127.0.0.1:1\"\n",
    )
    .expect("a file is written");
    let output = run(folder.path(), &["history"]);
    refused(
        &output,
        2,
        &["the service at http://127.0.0.1:1 does not answer"],
    );
}

#[test]
fn an_address_that_is_none_is_the_users_error() {
    let folder = folder();
    let output = run(folder.path(), &["status", "--url", "ftp://somewhere"]);
    refused(
        &output,
        1,
        &["`ftp://somewhere` is not the address of a service", "hint:"],
    );
}

#[test]
fn arguments_that_are_not_json_are_refused_before_anything_is_asked() {
    let folder = folder();
    let circuit = "11".repeat(32);
    let prove = [
        "prove",
        "--circuit",
        &circuit,
        "--url",
        "127.0.0.1:1",
        "--args",
    ];
    let output = run(folder.path(), &[&prove[..], &["{number: 7}"]].concat());
    refused(
        &output,
        1,
        &["--args is not JSON", "hint: quote it for the shell"],
    );
    let output = run(folder.path(), &[&prove[..], &["@missing.json"]].concat());
    refused(&output, 1, &["missing.json cannot be read"]);
}

#[test]
fn a_circuit_that_is_neither_id_nor_name_is_explained() {
    let folder = folder();
    let output = run(folder.path(), &["get", "vk", "--circuit", "balance"]);
    refused(
        &output,
        1,
        &[
            "`balance` is no circuit id",
            "hint: give 64 hexadecimal digits",
        ],
    );
}

#[test]
fn a_key_that_is_none_is_never_printed() {
    let folder = folder();
    fs::write(folder.path().join("key"), "mumble-but-not-a-key").expect("a file is written");
    let output = run(
        folder.path(),
        &["status", "--key", "key", "--url", "127.0.0.1:1"],
    );
    refused(
        &output,
        1,
        &["key holds no signing key", "32 bytes in hexadecimal"],
    );
    assert!(!String::from_utf8_lossy(&output.stderr).contains("mumble"));
}

#[test]
fn options_that_clap_refuses_have_the_users_exit_code() {
    let folder = folder();
    let output = run(folder.path(), &["prove", "--kind", "magic"]);
    refused(&output, 1, &["`magic` is no kind of proof"]);
    let output = run(folder.path(), &["prove", "--root", "xyz"]);
    refused(&output, 1, &["--root"]);
    refused(
        &run(folder.path(), &["frobnicate"]),
        1,
        &["unrecognized subcommand"],
    );
    let output = run(
        folder.path(),
        &["jobs", "list", "--state", "happy", "--url", "127.0.0.1:1"],
    );
    refused(
        &output,
        1,
        &["`happy` is no state of a job", "hint: accepted, "],
    );
}
