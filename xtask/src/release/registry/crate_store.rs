//! What the registry holds: the lines of its index, and the files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use tame_index::KrateName;

use super::http::Reply;
use crate::release::Checksum;

#[derive(Default)]
pub(super) struct CrateStore {
    crates: BTreeMap<String, Vec<Version>>,
    attempts: Vec<(String, String)>,
    uploads: Vec<Upload>,
    downloads: Vec<String>,
}

struct Version {
    entry: Value,
    source: Source,
}

/// Where the bytes of a crate are.
#[derive(Clone, Debug)]
pub enum Source {
    /// In memory.
    Bytes(Vec<u8>),
    /// In a file.
    File(PathBuf),
}

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name of the crate.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The checksum of its file.
    pub checksum: Checksum,
}

impl CrateStore {
    pub(super) fn add(&mut self, entry: Value, source: Source) {
        let name = text(&entry, "name");
        self.crates.entry(name).or_default().push(Version { entry, source });
    }

    pub(super) fn uploads(&self) -> &[Upload] {
        &self.uploads
    }

    pub(super) fn attempts(&self) -> &[(String, String)] {
        &self.attempts
    }

    pub(super) fn downloads(&self) -> &[String] {
        &self.downloads
    }

    /// Somebody tries to publish this. Whether it is taken is another matter.
    pub(super) fn note_attempt(&mut self, name: &str, version: &str) {
        self.attempts.push((name.to_owned(), version.to_owned()));
    }

    pub(super) fn yank(&mut self, name: &str) {
        for version in self.crates.get_mut(name).into_iter().flatten() {
            version.entry["yanked"] = Value::Bool(true);
        }
    }

    pub(super) fn index(&self, path: &str) -> Reply {
        let Some(name) = name_at(path) else { return Reply::new(404, "no crate has its file there") };
        let Some(versions) = self.crates.get(name) else { return Reply::new(404, "no such crate") };
        let lines: Vec<String> = versions.iter().map(|version| format!("{}\n", version.entry)).collect();
        Reply::new(200, lines.concat())
    }

    pub(super) fn download(&mut self, path: &str) -> Reply {
        let mut parts = path.trim_start_matches("/download/").split('/');
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else {
            return Reply::new(404, "a download is of a name and a version");
        };
        let bytes = match self.version(name, version).map(|found| &found.source) {
            None => return Reply::new(404, "no such version"),
            Some(Source::Bytes(bytes)) => Ok(bytes.clone()),
            Some(Source::File(file)) => std::fs::read(file),
        };
        self.downloads.push(name.to_owned());
        bytes.map_or_else(|error| Reply::new(500, error.to_string()), |bytes| Reply::new(200, bytes))
    }

    pub(super) fn upload(&mut self, body: &[u8]) -> Reply {
        match self.accept(body) {
            Ok(()) => Reply::json(200, &json!({ "warnings": {} })),
            Err(reason) => Reply::refusal(400, &reason),
        }
    }

    fn accept(&mut self, body: &[u8]) -> Result<(), String> {
        let (metadata, file) = parts(body).ok_or("the upload is cut short")?;
        let (name, version) = (text(&metadata, "name"), text(&metadata, "vers"));
        if self.version(&name, &version).is_some() {
            return Err(format!("crate version `{version}` is already uploaded"));
        }
        for required in ["description", "license"] {
            if text(&metadata, required).is_empty() {
                return Err(format!("missing or empty metadata field: {required}"));
            }
        }
        let entry = self.entry(&metadata, &Checksum::of(file))?;
        self.uploads.push(Upload { name, version, checksum: Checksum::of(file) });
        self.add(entry, Source::Bytes(file.to_vec()));
        Ok(())
    }

    /// The line of the index for an upload, from its metadata.
    fn entry(&self, metadata: &Value, checksum: &Checksum) -> Result<Value, String> {
        let mut dependencies = Vec::new();
        for dependency in metadata["deps"].as_array().into_iter().flatten() {
            let name = text(dependency, "name");
            if !self.crates.contains_key(&name) && dependency["kind"] != "dev" {
                return Err(format!("no known crate named `{name}`"));
            }
            dependencies.push(index_dependency(dependency));
        }
        Ok(json!({
            "name": metadata["name"], "vers": metadata["vers"], "deps": dependencies, "cksum": checksum.to_string(),
            "features": {}, "features2": metadata["features"], "yanked": false, "links": metadata["links"],
            "rust_version": metadata["rust_version"], "v": 2,
        }))
    }

    fn version(&self, name: &str, version: &str) -> Option<&Version> {
        self.crates.get(name)?.iter().find(|held| text(&held.entry, "vers") == version)
    }
}

/// The index calls some members otherwise than an upload does, above all where a dependency is renamed.
fn index_dependency(uploaded: &Value) -> Value {
    let mut dependency = Map::new();
    for member in ["name", "features", "optional", "default_features", "target", "kind", "registry"] {
        dependency.insert(member.to_owned(), uploaded[member].clone());
    }
    dependency.insert("req".to_owned(), uploaded["version_req"].clone());
    if uploaded["explicit_name_in_toml"].is_string() {
        dependency.insert("package".to_owned(), uploaded["name"].clone());
        dependency.insert("name".to_owned(), uploaded["explicit_name_in_toml"].clone());
    }
    Value::Object(dependency)
}

/// The crate whose file in an index this is.
pub(super) fn name_at(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    let expected = KrateName::cargo(name).ok()?.relative_path(Some('/'));
    (path == format!("/index/{expected}")).then_some(name)
}

pub(super) fn name_and_version(body: &[u8]) -> Option<(String, String)> {
    let (metadata, _) = parts(body)?;
    Some((text(&metadata, "name"), text(&metadata, "vers")))
}

/// An upload is two parts, each after its length in four bytes, the least first: JSON, and the file.
fn parts(body: &[u8]) -> Option<(Value, &[u8])> {
    let (json, rest) = part(body)?;
    let (file, _) = part(rest)?;
    Some((serde_json::from_slice(json).ok()?, file))
}

fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}
