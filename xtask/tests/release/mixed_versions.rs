//! Which versions of our crates cargo resolves together, with the requirements of the real manifests.

use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_metadata::Package;
use cargo_metadata::semver::Version;
use serde_json::{Value, json};
use xtask::release::package::sha256;
use xtask::release::registry::{Registry, index_entry};
use xtask::release::target_registry::TargetRegistry;
use xtask::workspace::Workspace;

use crate::support::Fixture;

/// The index line of this version, as a bump would give it. Third-party crates do not matter here.
fn entry(package: &Package, published: &[Package], version: &Version) -> Value {
    let mut entry = index_entry(&serde_json::to_value(package).unwrap(), &sha256(b""));
    entry["vers"] = json!(version);
    entry["features2"] = json!({});
    let deps = entry["deps"].as_array_mut().unwrap();
    deps.retain(|dep| dep["kind"] == "normal" && published.iter().any(|package| dep["name"] == package.name.as_str()));
    for dep in deps {
        let old = package.version.to_string();
        dep["req"] = json!(dep["req"].as_str().unwrap().replace(&old, &version.to_string()));
        dep["features"] = json!([]);
    }
    entry
}

/// The versions of delete-core in the lock file of a program that depends on exactly these versions, or cargo's error.
fn resolve(registry: &Registry, dependencies: &[(&str, &Version)]) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let lines = dependencies.iter().map(|(name, version)| format!("{name} = \"={version}\"\n"));
    let manifest = "[package]\nname = \"mixed\"\nedition = \"2024\"\n\n[dependencies]\n";
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    fs::write(folder.path().join("Cargo.toml"), lines.fold(manifest.to_owned(), |all, line| all + &line)).unwrap();
    let target = TargetRegistry::on_loopback("mixed", &registry.index_url(), folder.path());
    let mut cargo = Command::new("cargo");
    cargo.arg("generate-lockfile").args(target.source_options()).current_dir(folder.path());
    let output = cargo.env("CARGO_HOME", folder.path().join("home")).env("NO_PROXY", "127.0.0.1").output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let lock = fs::read_to_string(folder.path().join("Cargo.lock")).unwrap();
    let versions = lock.split("name = \"delete-core\"\nversion = \"").skip(1);
    Ok(versions.map(|rest| rest.split('"').next().unwrap().to_owned()).collect())
}

#[test]
fn patch_versions_mix_but_for_what_is_tested_as_a_whole() {
    let Some(Fixture { registry, .. }) = &Fixture::if_wanted() else { return };
    let workspace = Workspace::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
    let old = &workspace.version().unwrap();
    let new = &Version::new(old.major, old.minor, old.patch + 1);
    let published = workspace.published().unwrap();
    for package in &published {
        for version in [old, new] {
            registry.add(entry(package, &published, version), Vec::new());
        }
    }
    let mixed = [("tavus-delete", old), ("fini-delete", new), ("corti-delete", old), ("conversation-delete-fake", old)];
    assert_eq!(resolve(registry, &mixed).unwrap(), [new.to_string()], "they share one core");
    let error = resolve(registry, &[("fini-delete", new), ("delete-core", old)]).unwrap_err();
    assert!(error.contains("failed to select a version for `delete-core`"), "no older core than its own: {error}");
    for whole in
        ["conversation-delete", "conversation-delete-job", "conversation-delete-evidence", "conversation-delete-cli"]
    {
        assert_eq!(resolve(registry, &[(whole, old)]).unwrap(), [old.to_string()], "{whole}");
        let error = resolve(registry, &[(whole, old), ("fini-delete", new)]).unwrap_err();
        assert!(error.contains("failed to select a version for `"), "{whole}: {error}");
    }
}
