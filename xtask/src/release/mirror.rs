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

/// Puts all packages of the lock file on the registry's shelf, and says how many there are.
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
        registry.hold(entry(package, &checksum), Source::File(file));
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
fn entry(package: &Package, checksum: &Checksum) -> Value {
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
