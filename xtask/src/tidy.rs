//! House rules that no compiler knows. Each module holds rules of one sort; all are tried, and none stops the others.

mod changelog;
mod cycles;
mod house;
mod http_seam;
mod manifests;
mod packages;
mod phrases;
mod readmes;
mod rust_versions;
#[cfg(test)]
mod sandbox;
mod text;

use house::House;

use crate::Result;
use crate::workspace::Workspace;

/// Looks at the files and at the crates of a house, and says `path[:line]: what is wrong and how to mend it`.
type Rule = fn(&House) -> Vec<String>;

const RULES: [Rule; 9] = [
    text::check,
    phrases::check,
    cycles::check,
    http_seam::check,
    manifests::check,
    packages::check,
    readmes::check,
    changelog::check,
    rust_versions::check,
];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let complaints = complaints(&House::read(workspace)?);
    match complaints.len() {
        0 => {
            println!("house rules: all hold");
            Ok(())
        }
        count => Err(format!("house rules are broken, complaints: {count}\n{}", complaints.join("\n")).into()),
    }
}

fn complaints(house: &House) -> Vec<String> {
    let unread = house.unread.iter().cloned();
    unread.chain(RULES.iter().flat_map(|rule| rule(house))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

    use super::sandbox::Sandbox;
    use super::*;

    #[test]
    fn a_tidy_workspace_gives_no_complaint() {
        assert_eq!(Sandbox::tidy().complaints(), [""; 0]);
    }

    #[test]
    fn a_rule_that_finds_something_does_not_stop_the_others() {
        let sandbox = Sandbox::tidy();
        sandbox.replace("crates/one-delete/Cargo.toml", "edition.workspace = true", "edition = \"2024\"");
        sandbox.replace("CHANGELOG.md", "## Unreleased", "## Unreleased ");
        sandbox.replace("crates/one-delete/README.md", "Rust 1.85", "Rust 1.80");
        let complaints = sandbox.complaints().join("\n");
        for path in ["crates/one-delete/Cargo.toml: ", "CHANGELOG.md:3: ", "crates/one-delete/README.md:9: "] {
            assert!(complaints.contains(path), "{path} in {complaints}");
        }
    }

    #[test]
    fn where_cargo_cannot_read_the_workspace_the_rules_for_text_still_hold() {
        let sandbox = Sandbox::tidy();
        sandbox.write("crates/one-delete/Cargo.toml", "[package\n");
        sandbox.write("docs/page.md", "a line without an end");
        let complaints = sandbox.complaints();
        assert!(complaints[0].starts_with("Cargo.toml: cargo cannot read the workspace"), "{complaints:?}");
        assert!(complaints.iter().any(|complaint| complaint.starts_with("docs/page.md: ")), "{complaints:?}");
    }

    #[test]
    fn a_broken_house_fails_the_chore_and_says_how_many_rules_it_breaks() {
        let sandbox = Sandbox::tidy();
        sandbox.write("docs/page.md", "a line with a space \n");
        let error = check(&sandbox.workspace()).unwrap_err().to_string();
        assert!(error.starts_with("house rules are broken, complaints: 1\ndocs/page.md:1: "), "{error}");
    }
}
