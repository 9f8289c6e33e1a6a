//! The crates of others in our registry on loopback: what the lock file names, from the files that cargo has downloaded.

use std::fs;
use std::path::PathBuf;

use cargo_metadata::{Dependency, Package};
use serde_json::{Value, json};
use xshell::cmd;

use super::Checksum;
use super::registry::{Registry, Source};
use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// Puts all packages of the lock file into the registry, and says how many there are.
///
/// # Errors
///
/// Where a package is neither downloaded nor can be, or comes from something else than a registry.
pub(super) fn fill(registry: &Registry, workspace: &Workspace) -> Result<usize> {
    let shell = workspace.shell()?;
    // For all platforms: whoever depends on us resolves for all. Where everything is there, this needs no network.
    cmd!(shell, "cargo fetch --quiet --locked").quiet().run()?;
    let packages = workspace.metadata(Dependencies::Locked)?.packages;
    let foreign: Vec<&Package> = packages.iter().filter(|package| package.source.is_some()).collect();
    for package in &foreign {
        let file = crate_file(package)?;
        let checksum = Checksum::of(&fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?);
        registry.add(entry(package, &checksum), Source::File(file));
    }
    Ok(foreign.len())
}

/// Cargo unpacks `registry/cache/REGISTRY/NAME-VERSION.crate` to `registry/src/REGISTRY/NAME-VERSION`.
fn crate_file(package: &Package) -> Result<PathBuf> {
    let folder = package.manifest_path.parent().and_then(|folder| folder.parent());
    let registry = folder.and_then(|folder| folder.file_name());
    let home = folder.and_then(|folder| folder.parent()).and_then(|sources| sources.parent());
    match (home, registry) {
        (Some(home), Some(registry)) => {
            let file = format!("{}-{}.crate", package.name, package.version);
            Ok(home.join("cache").join(registry).join(file).into())
        }
        _ => Err(format!("{} is in no registry's folder: {}", package.name, package.manifest_path).into()),
    }
}

/// The line of the index. Dependencies for development belong to it: features may speak of them.
pub(super) fn entry(package: &Package, checksum: &Checksum) -> Value {
    let dependencies: Vec<Value> = package.dependencies.iter().map(index_dependency).collect();
    json!({
        "name": package.name, "vers": package.version, "deps": dependencies,
        "cksum": checksum, "features": {}, "features2": package.features, "yanked": false, "links": package.links, "v": 2,
    })
}

fn index_dependency(dependency: &Dependency) -> Value {
    json!({
        "name": dependency.rename.as_ref().unwrap_or(&dependency.name), "req": dependency.req,
        "package": dependency.rename.as_ref().map(|_| &dependency.name), "features": dependency.features,
        "optional": dependency.optional, "default_features": dependency.uses_default_features,
        "target": dependency.target, "kind": dependency.kind,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    /// A dependency as `cargo metadata` tells it.
    fn dependency(name: &str, kind: &Value, rename: &Value, target: &Value) -> Value {
        json!({
            "name": name, "source": "registry+https://example.com/index", "req": "^1.2", "kind": kind, "rename": rename,
            "optional": !rename.is_null(), "uses_default_features": target.is_null(), "features": ["std"],
            "target": target, "registry": null,
        })
    }

    fn package() -> Package {
        let dependencies = [
            dependency("plain", &Value::Null, &Value::Null, &Value::Null),
            dependency("real-name", &Value::Null, &json!("other_name"), &Value::Null),
            dependency("windows-only", &json!("build"), &Value::Null, &json!("cfg(windows)")),
            dependency("for-tests", &json!("dev"), &Value::Null, &json!("x86_64-unknown-linux-gnu")),
        ];
        serde_json::from_value(json!({
            "name": "one", "version": "1.0.0+build.7", "id": "one", "source": "registry+https://example.com/index",
            "license": null, "license_file": null, "description": null, "dependencies": dependencies, "targets": [],
            "features": { "default": ["renamed"], "renamed": ["dep:other_name", "plain?/alloc"] },
            "manifest_path": "/cargo/registry/src/example.com-1/one-1.0.0+build.7/Cargo.toml", "metadata": null,
            "publish": null, "authors": [], "categories": [], "keywords": [], "readme": null, "repository": null,
            "homepage": null, "documentation": null, "edition": "2024", "links": "one-native", "default_run": null,
        }))
        .unwrap()
    }

    #[test]
    fn the_index_line_of_a_package_says_all_that_its_manifest_does() {
        let entry = entry(&package(), &Checksum::of(b"file"));
        assert_eq!((&entry["name"], &entry["vers"]), (&json!("one"), &json!("1.0.0+build.7")));
        assert_eq!((&entry["links"], &entry["v"]), (&json!("one-native"), &json!(2)));
        assert_eq!((&entry["cksum"], &entry["yanked"]), (&json!(Checksum::of(b"file").to_string()), &json!(false)));
        // Features with `dep:` are for the newer list: cargo refuses them in the older one.
        assert_eq!(entry["features"], json!({}));
        let features = json!({ "default": ["renamed"], "renamed": ["dep:other_name", "plain?/alloc"] });
        assert_eq!(entry["features2"], features);
    }

    #[test]
    fn the_index_line_of_a_dependency_says_its_names_kind_and_target() {
        let entry = entry(&package(), &Checksum::of(b"file"));
        let expected = [
            ("plain", json!(null), "normal", json!(null), false, true),
            ("other_name", json!("real-name"), "normal", json!(null), true, true),
            ("windows-only", json!(null), "build", json!("cfg(windows)"), false, false),
            ("for-tests", json!(null), "dev", json!("x86_64-unknown-linux-gnu"), false, false),
        ];
        let expected = expected.map(|(name, package, kind, target, optional, default_features)| {
            json!({
                "name": name, "package": package, "kind": kind, "target": target, "optional": optional, "req": "^1.2",
                "default_features": default_features, "features": ["std"],
            })
        });
        assert_eq!(entry["deps"], json!(expected));
    }

    #[test]
    fn the_file_of_a_package_is_in_the_cache_of_its_registry() {
        let file = crate_file(&package()).unwrap();
        assert_eq!(file, PathBuf::from("/cargo/registry/cache/example.com-1/one-1.0.0+build.7.crate"));
    }
}
