//! Help texts, which are part of the interface.

use crate::{folder, run, text};

fn help(command: &[&str]) -> String {
    let folder = folder();
    let output = run(folder.path(), &[command, &["--help"]].concat());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "", "help is a result");
    text(&output.stdout)
}

#[test]
fn help_of_every_command_is_as_reviewed() {
    let commands: [&[&str]; 22] = [
        &[],
        &["build"],
        &["deploy"],
        &["download"],
        &["get"],
        &["get", "circuit"],
        &["get", "runtime"],
        &["get", "vk"],
        &["migrate"],
        &["prove"],
        &["jobs"],
        &["jobs", "list"],
        &["jobs", "show"],
        &["jobs", "follow"],
        &["jobs", "cancel"],
        &["status"],
        &["verify"],
        &["domains"],
        &["domains", "deploy"],
        &["domains", "add"],
        &["history"],
        &["history", "list"],
    ];
    for command in commands {
        let name = [&["help"], command].concat().join("-");
        insta::assert_snapshot!(name, help(command));
    }
}
