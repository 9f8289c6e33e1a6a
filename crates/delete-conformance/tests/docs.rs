//! Every block of Rust in the documentation compiles: it is a test of the documentation, or a part of a test.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_block_of_rust_compiles() {
    let tests = code_of_tests();
    let (mut blocks, mut problems) = (0, Vec::new());
    for page in files(&root(), "md") {
        let text = fs::read_to_string(&page).unwrap();
        for block in text.split("\n```rust").skip(1) {
            let (info, rest) = block.split_once('\n').unwrap();
            let code = rest.split("\n```").next().unwrap();
            let compiles =
                if is_read_by_rustdoc(&page) { !info.contains("ignore") } else { tests.contains(&dedented(code)) };
            blocks += 1;
            problems.extend((!compiles).then(|| format!("{}: nothing compiles this block:\n{code}", page.display())));
        }
    }
    assert!(blocks > 20, "{blocks}");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// A crate's library reads its README, and that of this crate reads pages of `docs/`.
fn is_read_by_rustdoc(page: &Path) -> bool {
    let of_crate = page.with_file_name("src").join("lib.rs");
    let (library, path) = match page.strip_prefix(root().join("docs")) {
        Ok(name) => (root().join("crates/delete-conformance/src/lib.rs"), format!("../../../docs/{}", name.display())),
        Err(_) => (of_crate, "../README.md".to_owned()),
    };
    fs::read_to_string(library).is_ok_and(|text| text.contains(&format!("include_str!(\"{path}\")")))
}

/// The code of all tests, without the white space at the beginning of lines.
fn code_of_tests() -> String {
    let crates = fs::read_dir(root().join("crates")).unwrap().map(|krate| krate.unwrap().path().join("tests"));
    let files = crates.filter(|folder| folder.is_dir()).flat_map(|folder| files(&folder, "rs"));
    files.map(|file| dedented(&fs::read_to_string(file).unwrap())).collect()
}

fn dedented(text: &str) -> String {
    text.trim().lines().map(|line| line.trim().to_owned() + "\n").collect()
}

/// The files with this extension, without those that are built, hidden or not ours.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_other = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with('.') || name == "target" || name == "node_modules"
    };
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
        entries.filter(|path| !is_other(path)).partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|found| found == extension));
    files.chain(folders.iter().flat_map(|folder| self::files(folder, extension))).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
