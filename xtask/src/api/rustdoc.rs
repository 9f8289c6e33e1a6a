//! rustdoc's description of a library, in JSON, from the stable compiler.
//!
//! The format is not stable, so rustdoc writes it only if unstable options are allowed, by
//! `RUSTC_BOOTSTRAP=1`. Build scripts watch that variable: set for all of cargo, it has every dependency built anew. So
//! this program goes between cargo and rustdoc, and sets it for rustdoc alone.
//!
//! It goes between `cargo test --doc` and rustdoc, of all commands: that one hands rustdoc the libraries as
//! `cargo test --workspace` has built them. `cargo doc` wants metadata of all dependencies in another form, which takes
//! minutes, and overwrites the pages in `target/doc`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use cargo_metadata::{Package, TargetKind};
use xshell::cmd;

use crate::Result;
use crate::workspace::Workspace;

/// The one format that the crate `public-api` has been seen to read and render as in the listings: it was made for 56 and
/// passes over the one field that 57 adds. Others may differ in words even where the API does not.
const FORMAT: u64 = 57;

/// Names the folder for the JSON, and so tells this program that it stands in for rustdoc.
const FOLDER: &str = "XTASK_PUBLIC_API_FOLDER";
/// Names the libraries to describe: cargo asks for all, some of which are not published.
const LIBRARIES: &str = "XTASK_PUBLIC_API_LIBRARIES";
/// The rustdoc that it stands in for.
const RUSTDOC: &str = "XTASK_PUBLIC_API_RUSTDOC";

const TO_JSON: [&str; 4] = ["-Z", "unstable-options", "--output-format", "json"];

/// A library, described by rustdoc.
pub(super) struct Library {
    pub(super) package: String,
    pub(super) json: PathBuf,
}

/// Why the JSON of this compiler cannot be read, if it cannot.
pub(super) fn unreadable(workspace: &Workspace) -> Result<Option<String>> {
    let shell = workspace.shell()?;
    let folder = shell.create_temp_dir()?;
    let empty = folder.path().join("empty.rs");
    fs::write(&empty, "")?;
    let (rustdoc, target) = (rustdoc(), folder.path());
    let command = cmd!(shell, "{rustdoc} --crate-type lib {TO_JSON...} --out-dir {target} {empty}");
    command.quiet().env("RUSTC_BOOTSTRAP", "1").run()?;
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(target.join("empty.json"))?)?;
    Ok(other_format(&json["format_version"]))
}

fn other_format(version: &serde_json::Value) -> Option<String> {
    (version.as_u64() != Some(FORMAT))
        .then(|| format!("rustdoc of this compiler writes JSON format {version}, this check reads {FORMAT}"))
}

/// Has rustdoc describe the published libraries, with their default features and all vendors, in files of this folder.
pub(super) fn describe(workspace: &Workspace, folder: &Path) -> Result<Vec<Library>> {
    let shell = workspace.shell()?;
    let packages = workspace.published()?;
    let features = packages.iter().filter_map(all_additive_features).collect::<Vec<String>>().join(",");
    let libraries = packages.iter().filter_map(library_name).collect::<Vec<String>>().join(",");
    let command = cmd!(shell, "cargo test --quiet --locked --workspace --doc --features={features}");
    let command = command.env("RUSTDOC", this_program()?).env(RUSTDOC, rustdoc());
    command.quiet().env(FOLDER, folder).env(LIBRARIES, libraries).run()?;
    let named = packages.into_iter().filter_map(|package| Some((library_name(&package)?, package.name)));
    named.map(|(library, package)| described(package, folder.join(library).with_extension("json"))).collect()
}

/// A build that this program began may have replaced the file by a new one, which does as well. On Linux, the path of the
/// old one then ends in "(deleted)".
fn this_program() -> Result<PathBuf> {
    let candidates = [env::current_exe().ok(), env::args_os().next().map(PathBuf::from)];
    let program = candidates.into_iter().flatten().find(|path| path.exists());
    Ok(program.ok_or("this program is not where it was started from any more: run it again")?.canonicalize()?)
}

fn described(package: String, json: PathBuf) -> Result<Library> {
    if json.exists() {
        Ok(Library { package, json })
    } else {
        Err(format!("rustdoc has not described {package}: has its manifest `doctest = false`?").into())
    }
}

/// As rustdoc writes it.
fn library_name(package: &Package) -> Option<String> {
    let library = package.targets.iter().find(|target| target.kind.contains(&TargetKind::Lib))?;
    Some(library.name.replace('-', "_"))
}

/// The feature `full` stands for them, in crates that have any beside the default ones.
fn all_additive_features(package: &Package) -> Option<String> {
    package.features.contains_key("full").then(|| format!("{}/full", package.name))
}

fn rustdoc() -> OsString {
    env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into())
}

/// The exit code, if cargo has started this program instead of rustdoc.
#[must_use]
pub fn stand_in() -> Option<ExitCode> {
    let (folder, rustdoc, libraries) = (env::var_os(FOLDER)?, env::var_os(RUSTDOC)?, env::var(LIBRARIES).ok()?);
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let mut command = Command::new(rustdoc);
    match without_tests(&arguments) {
        // Cargo asks for the version only.
        None => command.args(arguments),
        Some(arguments) if is_about_any(&arguments, &libraries) => {
            command.args(arguments).args(TO_JSON).args(["--cap-lints", "allow", "--out-dir"]).arg(folder);
            command.env("RUSTC_BOOTSTRAP", "1")
        }
        Some(_) => return Some(ExitCode::SUCCESS),
    };
    let succeeded = command.status().is_ok_and(|status| status.success());
    Some(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_about_any(arguments: &[OsString], libraries: &str) -> bool {
    let names: Vec<[&str; 2]> = libraries.split(',').map(|name| ["--crate-name", name]).collect();
    arguments.windows(2).any(|pair| names.iter().any(|name| pair == name))
}

/// The arguments without those that ask for doctests. None if these do not.
fn without_tests(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let (mut kept, mut has_tests) = (Vec::new(), false);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--test") => has_tests = true,
            Some("--test-run-directory" | "--test-args") => drop(arguments.next()),
            _ => kept.push(argument.clone()),
        }
    }
    has_tests.then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_format_is_named() {
        assert_eq!(other_format(&FORMAT.into()), None);
        let reason = other_format(&56.into()).unwrap();
        assert_eq!(reason, "rustdoc of this compiler writes JSON format 56, this check reads 57");
    }

    #[test]
    fn only_a_run_of_doctests_is_turned_into_a_description() {
        let given = ["--crate-name", "a", "--test", "src/lib.rs", "--test-run-directory", "/a", "--test-args", "b"];
        let given: Vec<OsString> = given.map(OsString::from).to_vec();
        assert_eq!(without_tests(&given).unwrap(), ["--crate-name", "a", "src/lib.rs"]);
        assert_eq!(without_tests(&["-vV".into()]), None);
    }

    #[test]
    fn only_named_libraries_are_described() {
        let arguments = ["--crate-name", "a_b", "--extern", "a=a.rlib"].map(OsString::from);
        assert!(is_about_any(&arguments, "c,a_b"));
        assert!(!is_about_any(&arguments, "a,b"));
        assert!(!is_about_any(&arguments, ""));
    }
}
