//! Where crates are published: the public registry, or one that stands in for it.

use std::path::Path;

use xshell::{Cmd, Shell, cmd};

use super::index::Index;
use super::tree::Tree;
use crate::Result;
use crate::workspace::Workspace;

/// Cargo's name for the public registry.
const PUBLIC: &str = "crates-io";

/// A registry that crates are published to.
pub struct TargetRegistry {
    name: String,
    index: Index,
    environment: Vec<(String, String)>,
}

impl TargetRegistry {
    /// The registry of this name in cargo's configuration, or the public one.
    ///
    /// Our manifests name no registry, so that every registry but the public one has to stand in for it: it must hold
    /// or mirror the crates of others that ours depend on.
    ///
    /// # Errors
    ///
    /// Where cargo's configuration has no sparse index for the name.
    pub fn named(workspace: &Workspace, name: Option<&str>) -> Result<Self> {
        let index = match name {
            None | Some(PUBLIC) => Index::public(),
            Some(name) => Index::named(workspace, name)?,
        };
        Ok(Self { name: name.unwrap_or(PUBLIC).to_owned(), index, environment: Vec::new() })
    }

    /// A registry on loopback, used with a cargo home of its own, so that no credential of the user's goes there.
    #[must_use]
    pub fn on_loopback(name: &str, index: &str, cargo_home: &Path) -> Self {
        Self {
            name: name.to_owned(),
            index: Index::at(index),
            environment: loopback_environment(name, index, cargo_home),
        }
    }

    /// The name by which cargo knows the registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The registry's index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    fn is_public(&self) -> bool {
        self.name == PUBLIC
    }

    pub(super) fn is_on_loopback(&self) -> bool {
        self.index.is_on_loopback()
    }

    pub(super) fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The name by which cargo knows the registry when it takes crates from there. Cargo's own name for the public one
    /// would lead to whatever the user's configuration puts in its place.
    pub(super) fn source_name(&self) -> &str {
        if self.is_public() { "public-registry" } else { &self.name }
    }

    /// The options by which cargo takes all crates from here, and without a proxy where that makes no sense, whatever the
    /// files of its configuration say.
    pub(super) fn source_options(&self) -> Vec<String> {
        let (name, url) = (self.source_name(), self.index.url());
        let mut settings =
            vec![format!("source.crates-io.replace-with={name:?}"), format!("registries.{name}.index={url:?}")];
        settings.extend(self.is_on_loopback().then(|| "http.proxy=\"\"".to_owned()));
        settings.into_iter().flat_map(|setting| ["--config".to_owned(), setting]).collect()
    }

    /// The command that publishes one crate. It builds nothing: `release check` does that, on the same commit.
    pub(super) fn publish_command<'a>(&self, shell: &'a Shell, package: &str, tree: Tree) -> Cmd<'a> {
        let name = &self.name;
        // The public registry is published to under its own name, for which `cargo login` has the token.
        let replace = if self.is_public() { Vec::new() } else { self.source_options() };
        let dirty = (tree == Tree::Dirty).then_some("--allow-dirty");
        let command = cmd!(shell, "cargo publish --locked --no-verify --registry {name} {replace...} {dirty...}");
        let command = command.args(["--package", package]).envs(self.environment.iter().cloned());
        // What cargo says is read.
        let plain = [("CARGO_TERM_COLOR", "never"), ("CARGO_TERM_QUIET", "false"), ("CARGO_TERM_VERBOSE", "false")];
        command.envs(plain).quiet()
    }
}

/// No network but loopback, whatever the user's environment says.
pub(super) fn loopback_environment(name: &str, index: &str, cargo_home: &Path) -> Vec<(String, String)> {
    let registry = name.to_uppercase().replace('-', "_");
    let pairs = [
        ("CARGO_HOME".to_owned(), cargo_home.display().to_string()),
        (format!("CARGO_REGISTRIES_{registry}_INDEX"), index.to_owned()),
        (format!("CARGO_REGISTRIES_{registry}_TOKEN"), "loopback".to_owned()),
        ("CARGO_NET_OFFLINE".to_owned(), "false".to_owned()),
        ("NO_PROXY".to_owned(), "127.0.0.1".to_owned()),
        ("no_proxy".to_owned(), "127.0.0.1".to_owned()),
    ];
    pairs.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use std::process::Command;

    use super::*;

    #[test]
    fn cargo_speaks_plainly_and_takes_all_from_the_registry() {
        let shell = Shell::new().unwrap();
        let destination = TargetRegistry::on_loopback("test", "sparse+http://127.0.0.1:9/index/", Path::new("home"));
        let command = Command::from(destination.publish_command(&shell, "x", Tree::Clean));
        let has =
            |name: &str, value: &str| command.get_envs().any(|pair| pair == (name.as_ref(), Some(value.as_ref())));
        assert!(has("CARGO_TERM_COLOR", "never") && has("CARGO_TERM_QUIET", "false") && has("CARGO_HOME", "home"));
        let arguments: Vec<&str> = command.get_args().filter_map(|argument| argument.to_str()).collect();
        assert!(arguments.contains(&"source.crates-io.replace-with=\"test\""), "{arguments:?}");
        assert!(arguments.contains(&"registries.test.index=\"sparse+http://127.0.0.1:9/index/\""), "{arguments:?}");
    }
}
