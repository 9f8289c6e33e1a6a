//! Which versions of our crates cargo resolves together, with the requirements of the real manifests.

#![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

use std::fs;
use std::path::Path;

use cargo_metadata::Package;
use cargo_metadata::semver::Version;
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use super::checksum::Checksum;
use super::mirror;
use super::registry::{Registry, Source};
use super::target_registry::TargetRegistry;
use crate::workspace::Workspace;

/// A registry that holds all published crates in the present version and in its next patch.
struct TwoPatches {
    registry: Registry,
    old: Version,
    new: Version,
}

impl TwoPatches {
    fn new() -> Self {
        let workspace = Workspace::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
        let old = workspace.version().unwrap();
        let new = Version::new(old.major, old.minor, old.patch + 1);
        let registry = Registry::start().unwrap();
        let published = workspace.published().unwrap();
        for package in &published {
            for version in [&old, &new] {
                registry.add(entry(package, &published, &old, version), Source::Bytes(Vec::new()));
            }
        }
        Self { registry, old, new }
    }

    /// The lock file of a program that depends on exactly these versions, or what cargo says instead.
    fn resolve(&self, dependencies: &[(&str, &Version)]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let (home, source) = (folder.path().join("home"), folder.path().join("src"));
        fs::create_dir(&source).unwrap();
        let lines = dependencies.iter().map(|(name, version)| format!("{name} = \"={version}\"\n"));
        let manifest = "[package]\nname = \"mixed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n";
        fs::write(folder.path().join("Cargo.toml"), lines.fold(manifest.to_owned(), |all, line| all + &line)).unwrap();
        fs::write(source.join("lib.rs"), "").unwrap();
        let destination = TargetRegistry::on_loopback("mixed", &self.registry.index_url(), &home);
        let shell = Shell::new().unwrap();
        shell.change_dir(folder.path());
        let from = destination.source_options();
        let command = cmd!(shell, "cargo generate-lockfile {from...}").envs(destination.environment().iter().cloned());
        let output = command.quiet().ignore_status().output().unwrap();
        match output.status.success() {
            true => Ok(fs::read_to_string(folder.path().join("Cargo.lock")).unwrap()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}

/// The line of the index for this version, as `cargo xtask bump` would set it. The crates of others do not matter here.
fn entry(package: &Package, published: &[Package], old: &Version, version: &Version) -> Value {
    let mut entry = mirror::entry(package, &Checksum::of(b""));
    entry["vers"] = json!(version);
    entry["features2"] = json!({});
    let deps = entry["deps"].as_array_mut().unwrap();
    deps.retain(|dep| dep["kind"] == "normal" && published.iter().any(|package| dep["name"] == package.name.as_str()));
    for dep in deps {
        dep["req"] = json!(dep["req"].as_str().unwrap().replace(&old.to_string(), &version.to_string()));
        dep["features"] = json!([]);
    }
    entry
}

fn versions_of<'a>(name: &str, lock: &'a str) -> Vec<&'a str> {
    let package = format!("name = \"{name}\"\nversion = \"");
    lock.split(&package).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn crates_of_different_patch_versions_share_one_core() {
    let both = TwoPatches::new();
    let (old, new) = (&both.old, &both.new);
    let mixed = [("tavus-delete", old), ("fini-delete", new), ("corti-delete", old), ("conversation-delete-fake", old)];
    let lock = both.resolve(&mixed).unwrap();
    assert_eq!(versions_of("delete-core", &lock), [new.to_string()]);
    assert_eq!(versions_of("tavus-delete", &lock), [old.to_string()]);
}

#[test]
fn a_vendor_crate_does_not_take_an_older_core_than_its_own() {
    let both = TwoPatches::new();
    let error = both.resolve(&[("fini-delete", &both.new), ("delete-core", &both.old)]).unwrap_err();
    assert!(error.contains("failed to select a version for `delete-core`"), "{error}");
}

#[test]
fn what_is_tested_as_a_whole_takes_no_other_version() {
    let both = TwoPatches::new();
    for name in
        ["conversation-delete", "conversation-delete-job", "conversation-delete-evidence", "conversation-delete-cli"]
    {
        let lock = both.resolve(&[(name, &both.old)]).unwrap();
        assert_eq!(versions_of("delete-core", &lock), [both.old.to_string()], "{name}");
        let error = both.resolve(&[(name, &both.old), ("fini-delete", &both.new)]).unwrap_err();
        assert!(error.contains("failed to select a version for `"), "{name}: {error}");
    }
}
