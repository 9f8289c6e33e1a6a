//! The registry that crates are published to, and what its sparse index holds.
//!
//! The index is read directly and not by cargo, which may believe that a crate is absent although it is there.

use std::path::Path;

use cargo_metadata::semver::Version;
use serde::Deserialize;
use xshell::{Cmd, Shell, cmd};

use crate::Result;

/// Cargo's name for the public registry.
const PUBLIC: &str = "crates-io";

/// A registry that crates are published to.
pub struct TargetRegistry {
    name: String,
    index: String,
    environment: Vec<(String, String)>,
}

/// One version in an index.
#[derive(Deserialize)]
pub(super) struct IndexEntry {
    pub(super) vers: Version,
    pub(super) cksum: String,
    #[serde(default)]
    pub(super) yanked: bool,
}

impl TargetRegistry {
    /// The registry of this name, whose index is in cargo's variable `CARGO_REGISTRIES_NAME_INDEX`, or the public one.
    ///
    /// Our manifests name no registry, so it must hold or mirror the third-party crates that ours depend on.
    ///
    /// # Errors
    ///
    /// If the variable is not set.
    pub fn named(name: Option<&str>) -> Result<Self> {
        let name = name.unwrap_or(PUBLIC);
        let variable = variable(name, "INDEX");
        let index = match name {
            PUBLIC => "sparse+https://index.crates.io/".to_owned(),
            _ => std::env::var(&variable)
                .map_err(|_| format!("set {variable} to the URL of the sparse index of `{name}`"))?,
        };
        Ok(Self { name: name.to_owned(), index, environment: Vec::new() })
    }

    /// A registry on loopback, used with a cargo home of its own, so that no credential of the user goes there.
    #[must_use]
    pub fn on_loopback(name: &str, index: &str, cargo_home: &Path) -> Self {
        let environment = [
            ("CARGO_HOME".to_owned(), cargo_home.display().to_string()),
            (variable(name, "INDEX"), index.to_owned()),
            (variable(name, "TOKEN"), "loopback".to_owned()),
            ("CARGO_NET_OFFLINE".to_owned(), "false".to_owned()),
        ];
        Self { name: name.to_owned(), index: index.to_owned(), environment: environment.into() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_on_loopback(&self) -> bool {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| self.index.starts_with(&format!("sparse+http://{host}:")))
    }

    /// The versions of a crate; none if there is no such crate. An error means that nothing is known.
    pub(super) fn versions(&self, name: &str) -> Result<Vec<IndexEntry>> {
        let url = format!("{}/{}", self.index.trim_start_matches("sparse+").trim_end_matches('/'), index_path(name));
        let unreadable = |reason: &str| format!("the index cannot be read at {url}: {reason}");
        let shell = Shell::new()?;
        let direct: &[&str] = if self.is_on_loopback() { &["--noproxy", "*"] } else { &[] };
        // An old response from a cache on the way would cost a second upload.
        let curl = cmd!(
            shell,
            "curl --disable --silent --show-error --max-time 30 --header cache-control:no-cache {direct...}"
        );
        let output = curl.args(["--write-out", "\n%{http_code}", &url]).quiet().ignore_status().output()?;
        if !output.status.success() {
            return Err(unreadable(String::from_utf8_lossy(&output.stderr).trim()).into());
        }
        let text = String::from_utf8(output.stdout)?;
        match text.rsplit_once('\n') {
            Some((lines, "200")) => {
                let versions = lines.lines().map(serde_json::from_str).collect::<serde_json::Result<_>>();
                Ok(versions.map_err(|error| unreadable(&error.to_string()))?)
            }
            // The three statuses by which a sparse index reports that it has no such crate.
            Some((_, "404" | "410" | "451")) => Ok(Vec::new()),
            other => Err(unreadable(&format!("status {}", other.map_or("", |(_, status)| status))).into()),
        }
    }

    /// A command of cargo about packages for this registry. Packing and publishing use the same, for the same bytes.
    pub(super) fn cargo<'a>(&self, shell: &'a Shell, subcommand: &str) -> Cmd<'a> {
        // The public registry goes by its own name, for which `cargo login` has the token.
        let from = if self.name == PUBLIC { Vec::new() } else { self.source_options() };
        cmd!(shell, "cargo {subcommand} --locked {from...}").envs(self.environment.iter().cloned()).quiet()
    }

    /// The options by which cargo takes all crates from here, whatever the files of its configuration name: another
    /// source, or a proxy to this machine.
    #[must_use]
    pub fn source_options(&self) -> Vec<String> {
        // The name of the public registry would lead to what the configuration replaces it with.
        let name = if self.name == PUBLIC { "public-registry" } else { &self.name };
        let mut settings = vec![
            format!("source.crates-io.replace-with={name:?}"),
            format!("registries.{name}.index={:?}", self.index),
        ];
        settings.extend(self.is_on_loopback().then(|| "http.proxy=\"\"".to_owned()));
        settings.into_iter().flat_map(|setting| ["--config".to_owned(), setting]).collect()
    }
}

fn variable(registry: &str, setting: &str) -> String {
    format!("CARGO_REGISTRIES_{}_{setting}", registry.to_uppercase().replace('-', "_"))
}

/// The path of a crate in an index.
pub(super) fn index_path(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or_default();
    match name.len() {
        length @ 0..3 => format!("{length}/{name}"),
        3 => format!("3/{}/{name}", part(0, 1)),
        _ => format!("{}/{}/{name}", part(0, 2), part(2, 4)),
    }
}
