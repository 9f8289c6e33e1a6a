//! The public API of this workspace is the listed one; and the comparison sees what it must see.
#![allow(clippy::unwrap_used, reason = "a failed `unwrap` is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What it says goes to the terminal past the test harness: a skipped comparison shall be seen.
#[test]
fn the_public_api_is_the_listed_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let status = xtask_api(root).status().unwrap();
    assert!(status.success(), "the difference is printed above");
}

#[test]
fn a_changed_api_is_told_until_it_is_blessed() {
    let workspace = tiny_workspace();
    let root = workspace.path();
    let first = xtask_api(root).output().unwrap();
    if said(&first).contains("skipped") {
        println!("skipped as the listings of this workspace are");
        return assert!(!bless(root).status.success());
    }
    assert!(said(&first).contains("docs/public-api/tiny-lib.txt is missing"), "{}", said(&first));
    assert!(!first.status.success());

    assert_passes(&bless(root));
    write(root, "tiny-lib/src/lib.rs", CHANGED);
    write(root, "docs/public-api/gone.txt", "");
    let changed = xtask_api(root).output().unwrap();
    assert!(!changed.status.success());
    assert!(said(&changed).contains(DIFFERENCE), "{}", said(&changed));
    assert!(said(&changed).contains("docs/public-api/gone.txt belongs to no published library"), "{}", said(&changed));
    assert!(said(&changed).contains("cargo xtask api --bless"), "{}", said(&changed));

    assert_passes(&bless(root));
    assert_passes(&xtask_api(root).output().unwrap());
    let listings = fs::read_dir(root.join("docs/public-api")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(listings.collect::<Vec<_>>(), ["tiny-lib.txt"], "neither the program nor the private library has one");
}

const BEFORE: &str = "\
//! Tiny.
/// With all auto traits.
#[derive(Clone)]
pub struct Thing {
    /// A number.
    pub number: u8,
    secret: u8,
}
/// Can be written as a literal.
pub struct Open {
    /// A number.
    pub number: u8,
}
/// With a default.
pub trait Able {
    /// Whether it is.
    fn is_able(&self) -> bool { true }
}
/// The same.
pub fn same() {}
fn private() {}
#[cfg(feature = \"full\")]
/// Everything.
pub fn everything() {}
";

/// The derived `Clone` is gone, and with the pointer two auto traits; a literal and an empty `impl` no longer compile.
const CHANGED: &str = "\
//! Tiny.
/// With fewer auto traits.
pub struct Thing {
    /// A number.
    pub number: u16,
    secret: *const u8,
}
/// No longer.
pub struct Open {
    /// A number.
    pub number: u8,
    secret: u8,
}
/// Without a default.
pub trait Able {
    /// Whether it is.
    fn is_able(&self) -> bool;
}
/// The same.
pub fn same() {}
fn of_no_interest() {}
#[cfg(feature = \"full\")]
/// Everything.
pub fn everything() -> bool { true }
";

const DIFFERENCE: &str = "\
docs/public-api/tiny-lib.txt (- the listing, + the API):
- impl Send + Sync + Unpin + RefUnwindSafe + UnwindSafe for tiny_lib::Thing
+ impl Unpin + RefUnwindSafe + UnwindSafe for tiny_lib::Thing
- impl core::clone::Clone for tiny_lib::Thing
+ pub fn tiny_lib::Able::is_able(&self) -> bool
- pub fn tiny_lib::Able::is_able(&self) -> bool { .. }
- pub fn tiny_lib::Thing::clone(&self) -> tiny_lib::Thing
- pub fn tiny_lib::everything()
+ pub fn tiny_lib::everything() -> bool
- pub struct tiny_lib::Open
+ pub struct tiny_lib::Open { .. }
+ pub tiny_lib::Thing::number: u16
- pub tiny_lib::Thing::number: u8
";

fn tiny_workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"tiny-lib\", \"tiny-bin\", \"tiny-private\"]\n",
    );
    write(root, "tiny-lib/Cargo.toml", &(manifest("tiny-lib") + "[features]\nfull = []\n"));
    write(root, "tiny-lib/src/lib.rs", BEFORE);
    write(root, "tiny-bin/Cargo.toml", &manifest("tiny-bin"));
    write(root, "tiny-bin/src/main.rs", "//! Tiny.\nfn main() {}\n");
    write(root, "tiny-private/Cargo.toml", &(manifest("tiny-private") + "publish = false\n"));
    write(root, "tiny-private/src/lib.rs", "//! Tiny.\n");
    let lock_file = Command::new("cargo").args(["generate-lockfile", "--offline"]).current_dir(root).output();
    assert_passes(&lock_file.unwrap());
    folder
}

fn manifest(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn bless(root: &Path) -> Output {
    xtask_api(root).arg("--bless").output().unwrap()
}

/// As a user runs it, who has not set where cargo builds: a tiny workspace builds in its own folder.
fn xtask_api(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("api").current_dir(root);
    if !root.join("xtask").exists() {
        command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_BUILD_DIR");
    }
    command
}

#[track_caller]
fn assert_passes(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat()
}
