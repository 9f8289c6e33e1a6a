//! The whole release on this machine alone: a registry on loopback, all crates published to it, and users who never
//! heard of us. `release verify` is its second half, at another registry.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use cargo_metadata::TargetKind;
use xshell::{Cmd, Shell, cmd};

use super::check;
use super::package::{self, IndexState, Packed};
use super::publish::Publisher;
use super::registry::{Call, Registry, index_entry};
use super::target_registry::TargetRegistry;
use crate::workspace::{Dependencies, Workspace};
use crate::{Result, step};

/// Rehearses the release. Every run starts from nothing.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = fresh_folder(workspace, "rehearsal")?;
    let workspace = &Workspace::at(workspace.root()).with_target(&folder.join("target"));
    let registry = Registry::start()?;
    let target = TargetRegistry::on_loopback("rehearsal", &registry.index_url(), &folder.join("publisher"));
    step::run("rehearsal: a registry on loopback", || mirror(&registry, workspace))?;
    let publisher =
        Publisher { workspace, registry: &target, index_lag: Duration::from_secs(10), wait: &thread::sleep };
    // Under the name of the public registry: the loopback registry must get the same bytes.
    let packed = package::pack(workspace, &TargetRegistry::named(None)?)?;
    step::run("rehearsal: all crates are published", || publisher.publish(&packed))?;
    step::run("rehearsal: a second run uploads nothing", || {
        let before = registry.calls().len();
        publisher.publish(&package::pack(workspace, &target)?)?;
        let is_upload = |call: &Call| matches!(call, Call::Upload(_));
        let repeated = registry.calls().into_iter().skip(before).find(is_upload);
        repeated.map_or(Ok(()), |upload| Err(format!("the second run sent {upload:?}").into()))
    })?;
    let before = registry.calls().len();
    use_as_strangers(workspace, &IsolatedConsumer::new(&folder, &target)?)?;
    step::run("rehearsal: the users took every crate of ours from the registry on loopback", || {
        // A crate that the registry never gave came from elsewhere, and proves nothing.
        let calls = registry.calls();
        let is_given =
            |name: &str| calls[before..].iter().any(|call| matches!(call, Call::Download(given, _) if given == name));
        let missing = packed.iter().find(|packed| !is_given(&packed.name));
        missing.map_or(Ok(()), |packed| Err(format!("nobody downloaded {}", packed.name).into()))
    })?;
    Ok(fs::remove_dir_all(folder)?)
}

/// Compares the index with what this commit gives, then uses every crate.
pub(super) fn verify(workspace: &Workspace, registry: &TargetRegistry) -> Result<()> {
    refuse_another_commit(workspace)?;
    compare_checksums(&package::pack(workspace, registry)?, registry)?;
    let folder = fresh_folder(workspace, "verify")?;
    use_as_strangers(workspace, &IsolatedConsumer::new(&folder, registry)?)?;
    Ok(fs::remove_dir_all(folder)?)
}

/// A package holds its commit, so every other commit would seem to contradict a good release.
fn refuse_another_commit(workspace: &Workspace) -> Result<()> {
    let version = workspace.version()?;
    let name = check::tag_name(&version);
    match check::tagged_commit(workspace, &version)? {
        Some(commit) if commit == workspace.commit()? && workspace.uncommitted()?.is_empty() => Ok(()),
        Some(commit) => {
            Err(format!("{version} was released from {commit}: check out {name} first, without changes").into())
        }
        None => Err(format!("there is no tag {name} here: finish the release, or fetch the tags").into()),
    }
}

/// Whether the index holds every package with the right checksum. All differences are reported.
pub(super) fn compare_checksums(packed: &[Packed], registry: &TargetRegistry) -> Result<()> {
    let mut wrong = Vec::new();
    for packed in packed {
        let name = format!("{} {}", packed.name, packed.version);
        match packed.state(registry) {
            Ok(IndexState::Published) => println!("{name}: in the index with checksum {}", packed.checksum),
            Ok(state) => wrong.push(packed.conflict(&state).unwrap_or_else(|| format!("{name} is not in the index"))),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// It stays if something fails.
fn fresh_folder(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder: PathBuf = workspace.metadata(Dependencies::LeftOut)?.target_directory.join("xtask").join(name).into();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Adds all third-party packages of the lock file to the registry, from the files that cargo has downloaded.
fn mirror(registry: &Registry, workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    // For all platforms, because a user's lock file is for all.
    cmd!(shell, "cargo fetch --quiet --locked").quiet().run()?;
    let packages = workspace.metadata(Dependencies::Locked)?.packages;
    for package in packages.iter().filter(|package| package.source.is_some()) {
        // Cargo unpacks `registry/cache/REGISTRY/NAME-VERSION.crate` to `registry/src/REGISTRY/NAME-VERSION`.
        let folder = package.manifest_path.parent().ok_or("a manifest without a folder")?;
        let file = format!("{}.crate", folder.as_str().replace("/registry/src/", "/registry/cache/"));
        let bytes = fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
        registry.add(index_entry(&serde_json::to_value(package)?, &package::sha256(&bytes)), bytes);
    }
    Ok(())
}

/// Runs the programs in `xtask/programs`, then installs ours and runs its demo.
fn use_as_strangers(workspace: &Workspace, machine: &IsolatedConsumer) -> Result<()> {
    let version = workspace.version()?.to_string();
    let programs = workspace.root().join("xtask/programs");
    for name in ["one_vendor", "two_features"] {
        let read = |end: &str| fs::read_to_string(programs.join(format!("{name}.{end}")));
        step::run(&format!("a user builds and runs {name}"), || {
            println!("{}", machine.run_program(name, &read("toml")?.replace("VERSION", &version), &read("rs")?)?);
            Ok(())
        })?;
    }
    let is_program = |kind: &[TargetKind]| kind.contains(&TargetKind::Bin);
    for package in workspace.published()? {
        for program in package.targets.iter().filter(|target| is_program(&target.kind)) {
            step::run(&format!("a user installs {} and runs its demo", program.name), || {
                println!("{}", machine.run_installed(&package.name, &version, &program.name)?);
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// A machine that never heard of us: its own cargo home and target folder, no crates but the registry's, and of our
/// environment only what cargo needs.
struct IsolatedConsumer {
    shell: Shell,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    /// On cargo's command line, which overrides the configuration of all folders around ours.
    options: Vec<String>,
}

const INHERITED: [&str; 6] = ["HOME", "PATH", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "SSL_CERT_FILE", "TMPDIR"];
/// On loopback no proxy is needed, and none may lead elsewhere.
const INHERITED_BUT_ON_LOOPBACK: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];

impl IsolatedConsumer {
    fn new(folder: &Path, registry: &TargetRegistry) -> Result<Self> {
        let shell = Shell::new()?;
        shell.change_dir(folder);
        let proxies: &[&str] = if registry.is_on_loopback() { &[] } else { &INHERITED_BUT_ON_LOOPBACK };
        let inherited = INHERITED.iter().chain(proxies);
        let mut environment: Vec<(String, String)> =
            inherited.filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
        let mut set = |name: &str, value: String| environment.push((name.to_owned(), value));
        set("CARGO_HOME", folder.join("home").display().to_string());
        set("CARGO_TARGET_DIR", folder.join("build").display().to_string());
        // A debugger's data and incremental builds take time and are never used.
        set("CARGO_PROFILE_DEV_DEBUG", "false".to_owned());
        set("CARGO_INCREMENTAL", "0".to_owned());
        Ok(Self { shell, folder: folder.to_owned(), environment, options: registry.source_options() })
    }

    /// Builds a program with this manifest and source, runs it, and returns what it printed.
    fn run_program(&self, name: &str, manifest: &str, source: &str) -> Result<String> {
        let folder = self.folder.join(name);
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("src/main.rs"), source)?;
        fs::write(folder.join("Cargo.toml"), manifest)?;
        Ok(self.cargo("run").arg("--manifest-path").arg(folder.join("Cargo.toml")).read()?)
    }

    /// Installs a program, runs its demo, and returns what it printed. A debug build takes a fraction of the time and
    /// proves as much.
    fn run_installed(&self, package: &str, version: &str, program: &str) -> Result<String> {
        let root = self.folder.join("installed");
        let install = self.cargo("install").args(["--locked", "--debug", package, "--version", &format!("={version}")]);
        install.arg("--root").arg(&root).run()?;
        let program = root.join("bin").join(format!("{program}{EXE_SUFFIX}"));
        Ok(self.isolated(cmd!(self.shell, "{program} demo")).read()?)
    }

    fn cargo(&self, subcommand: &str) -> Cmd<'_> {
        let options = &self.options;
        self.isolated(cmd!(self.shell, "cargo {subcommand} --quiet {options...}"))
    }

    fn isolated<'a>(&self, command: Cmd<'a>) -> Cmd<'a> {
        command.env_clear().envs(self.environment.iter().cloned()).quiet()
    }
}
