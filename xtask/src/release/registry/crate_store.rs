//! What the registry holds: index lines and files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::release::package::sha256;
use crate::release::target_registry::index_path;

#[derive(Default)]
pub(super) struct CrateStore {
    crates: BTreeMap<String, Vec<(Value, Vec<u8>)>>,
    pub(super) uploads: Vec<(String, String)>,
}

impl CrateStore {
    pub(super) fn add(&mut self, entry: Value, file: Vec<u8>) {
        self.crates.entry(text(&entry["name"])).or_default().push((entry, file));
    }

    pub(super) fn yank(&mut self, name: &str) {
        for (entry, _) in self.crates.get_mut(name).into_iter().flatten() {
            entry["yanked"] = Value::Bool(true);
        }
    }

    /// The index lines of the crate that has this path in the index.
    pub(super) fn index(&self, path: &str) -> Option<Vec<u8>> {
        let (_, versions) = self.crates.iter().find(|(name, _)| index_path(name) == path)?;
        Some(versions.iter().flat_map(|(entry, _)| format!("{entry}\n").into_bytes()).collect())
    }

    pub(super) fn file(&self, name: &str, version: &str) -> Option<&Vec<u8>> {
        let versions = self.crates.get(name)?;
        versions.iter().find(|(entry, _)| entry["vers"] == version).map(|(_, file)| file)
    }

    /// Publishes what was uploaded, or returns why not.
    pub(super) fn accept(&mut self, body: &[u8]) -> Result<(), String> {
        let (metadata, file) = parts(body).ok_or("the upload is incomplete")?;
        let (name, version) = (text(&metadata["name"]), text(&metadata["vers"]));
        if self.file(&name, &version).is_some() {
            return Err(format!("crate version `{version}` is already uploaded"));
        }
        let checksum = sha256(file);
        self.add(index_entry(&metadata, &checksum), file.to_vec());
        self.uploads.push((name, checksum));
        Ok(())
    }
}

/// The index line of a package, from the metadata of its upload or from its part of `cargo metadata`.
#[must_use]
pub fn index_entry(package: &Value, checksum: &str) -> Value {
    let either = |one: &str, other: &str| package.get(one).unwrap_or(&package[other]).clone();
    let dependencies = either("deps", "dependencies");
    let dependencies: Vec<Value> = dependencies.as_array().into_iter().flatten().map(index_dependency).collect();
    // Features with `dep:` belong to the newer list: cargo refuses them in the older one.
    json!({
        "name": package["name"], "vers": either("vers", "version"), "deps": dependencies, "features": {},
        "features2": package["features"], "cksum": checksum, "yanked": false, "links": package["links"],
        "rust_version": package["rust_version"], "v": 2,
    })
}

fn index_dependency(dependency: &Value) -> Value {
    let either = |one: &str, other: &str| dependency.get(one).unwrap_or(&dependency[other]).clone();
    let mut line = json!({
        "name": dependency["name"], "req": either("version_req", "req"), "features": dependency["features"],
        "optional": dependency["optional"], "default_features": either("default_features", "uses_default_features"),
        "target": dependency["target"], "kind": dependency["kind"],
    });
    let renamed = either("explicit_name_in_toml", "rename");
    if renamed.is_string() {
        line["package"] = line["name"].take();
        line["name"] = renamed;
    }
    line
}

/// An upload has two parts, JSON and the file, each after its length in four bytes, little-endian.
pub(super) fn parts(body: &[u8]) -> Option<(Value, &[u8])> {
    let (json, rest) = part(body)?;
    Some((serde_json::from_slice(json).ok()?, part(rest)?.0))
}

fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
