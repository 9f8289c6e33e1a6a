//! What a registry holds, read from its sparse index and not from cargo: cargo may believe that a crate is not there
//! when it is.

use std::sync::Arc;
use std::time::Duration;

use cargo_metadata::semver::Version;
use serde::Deserialize;
use tame_index::KrateName;
use tame_index::index::IndexUrl;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::Checksum;
use crate::Result;
use crate::workspace::Workspace;

/// A sparse index.
pub struct Index {
    url: String,
    agent: Agent,
}

/// What an index holds of one version of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexEntry {
    /// There is no version of this crate at all.
    NewCrate,
    /// There are others, but not this one.
    NewVersion,
    /// It is there.
    Here(Checksum),
    /// It is there, but was withdrawn: nobody can begin to depend on it.
    Yanked,
}

/// What we need of a line of an index.
#[derive(Deserialize)]
struct Line {
    vers: Version,
    cksum: Checksum,
    #[serde(default)]
    yanked: bool,
}

impl Index {
    /// The index of the public registry.
    #[must_use]
    pub fn public() -> Self {
        Self::at(IndexUrl::CratesIoSparse.as_str())
    }

    /// The index that cargo's configuration has for this name.
    ///
    /// # Errors
    ///
    /// Where there is none, or one that is not a sparse index.
    pub fn named(workspace: &Workspace, name: &str) -> Result<Self> {
        let root = workspace.root().to_owned().try_into()?;
        let url = IndexUrl::for_registry_name(Some(root), None, name)
            .map_err(|error| format!("cargo's configuration has no usable index for the registry `{name}`: {error}"))?;
        if !url.is_sparse() {
            return Err(
                format!("the registry `{name}` has no sparse index (sparse+https://…): {}", url.as_str()).into()
            );
        }
        Ok(Self::at(url.as_str()))
    }

    /// The index at this URL, which begins with `sparse+`.
    #[must_use]
    pub fn at(url: &str) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls =
            TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).unversioned_rustls_crypto_provider(provider);
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .user_agent("conversation-delete-xtask");
        // No proxy leads to this machine, whatever the environment says.
        let config = if is_on_loopback(url) { config.proxy(None) } else { config };
        Self { url: url.to_owned(), agent: config.build().new_agent() }
    }

    /// The URL, as cargo wants it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the index is on this machine.
    #[must_use]
    pub fn is_on_loopback(&self) -> bool {
        is_on_loopback(&self.url)
    }

    /// Looks for one version of a crate.
    ///
    /// # Errors
    ///
    /// Where the index cannot be reached or read: then nothing is known.
    pub fn lookup(&self, name: &str, version: &Version) -> Result<IndexEntry> {
        let Some(lines) = self.lines(name)? else { return Ok(IndexEntry::NewCrate) };
        Ok(match lines.into_iter().find(|line| line.vers == *version) {
            None => IndexEntry::NewVersion,
            Some(line) if line.yanked => IndexEntry::Yanked,
            Some(line) => IndexEntry::Here(line.cksum),
        })
    }

    /// A line a version; `None` where there is no such crate.
    fn lines(&self, name: &str) -> Result<Option<Vec<Line>>> {
        let base = self.url.trim_start_matches("sparse+").trim_end_matches('/');
        let url = format!("{base}/{}", KrateName::cargo(name)?.relative_path(Some('/')));
        let unreadable = |reason: String| format!("the index cannot be read at {url}: {reason}");
        // Between us and an index there are caches; an old answer would cost a second upload.
        let request = self.agent.get(&url).header("cache-control", "no-cache");
        let mut response = request.call().map_err(|error| unreadable(error.to_string()))?;
        match response.status().as_u16() {
            200 => {
                let body = response.body_mut().read_to_string().map_err(|error| unreadable(error.to_string()))?;
                let lines = body.lines().map(serde_json::from_str).collect::<serde_json::Result<_>>();
                Ok(Some(lines.map_err(|error| unreadable(error.to_string()))?))
            }
            // The three ways in which a sparse index says that it has no such crate.
            404 | 410 | 451 => Ok(None),
            status => Err(unreadable(format!("status {status}")).into()),
        }
    }
}

fn is_on_loopback(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}
