//! The files of `docs/deploy` are valid for their tools.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{is_installed, repository};

const PROGRAM: &str = "/usr/local/bin/conversation-delete";

#[test]
fn the_systemd_units_are_valid_and_hardened() {
    if !is_installed("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let units = ["conversation-delete-sweep.service", "conversation-delete-sweep.timer"];
    let paths = units.map(|unit| {
        let path = folder.path().join(unit);
        // The check wants the program to be there.
        fs::write(
            &path,
            deploy(&format!("systemd/{unit}")).replace(PROGRAM, env!("CARGO_BIN_EXE_conversation-delete")),
        )
        .unwrap();
        path
    });
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&paths).output().unwrap();
    assert!(verify.status.success() && verify.stderr.is_empty(), "{verify:?}");
    // 0 is the most restricted service, 100 one without any restriction.
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=yes", "--threshold=15"]).arg(&paths[0]);
    let security = security.output().unwrap();
    assert!(security.status.success(), "{}", String::from_utf8_lossy(&security.stdout));
}

fn deploy(file: &str) -> String {
    fs::read_to_string(repository().join("docs/deploy").join(Path::new(file))).unwrap()
}
