//! Pages: a published README is also the page of the registry and of docs.rs, the versions in a README are right, and
//! every link within the repository leads somewhere.

use std::collections::BTreeSet;

use cargo_metadata::semver::{Version, VersionReq};

use super::house::{File, House, Member, rust};
use crate::markdown::{self, To};
use crate::requirement::{Requirement, requirements};

pub(crate) fn check(house: &House) -> Vec<String> {
    let names = house.names();
    let pages = house.files.iter().filter(|file| is_readme(&file.path) || file.path == "CONTRIBUTING.md");
    let mut complaints = Vec::new();
    for page in pages {
        complaints.extend(house.rust_version().into_iter().flat_map(|ours| wrong_rusts(page, ours)));
        complaints.extend(house.version().into_iter().flat_map(|ours| wrong_versions(page, &names, &ours)));
    }
    complaints.extend(house.published().flat_map(|member| complaints_about_page(house, member)));
    complaints.extend(dead_links(house));
    complaints
}

fn is_readme(path: &str) -> bool {
    path == "README.md" || path.ends_with("/README.md")
}

/// The page of a published crate must be whole: nothing else of the repository is beside it.
fn complaints_about_page(house: &House, member: &Member) -> Vec<String> {
    let path = page_of(member);
    let Some(text) = house.text(&path) else { return Vec::new() };
    let mut complaints = wrong_links(&path, text);
    if rusts_named(text).next().is_none() {
        complaints.push(format!("{path}: it does not say the minimum Rust version: write `Rust X.Y or newer`"));
    }
    complaints
}

fn page_of(member: &Member) -> String {
    format!("{}/README.md", member.folder())
}

fn wrong_links(path: &str, text: &str) -> Vec<String> {
    let wrong = |link: markdown::Link| match link.to {
        To::Target(target) if is_whole(&target) => None,
        To::Target(target) => Some(format!(
            "{path}:{}: the link to {target} leads nowhere outside of the repository: write a whole address, such as one \
             of docs.rs, or name the file in words",
            link.line
        )),
        To::Undefined(label) => Some(format!(
            "{path}:{}: [{label}] leads nowhere outside of rustdoc: add `[{label}]: https://docs.rs/…`, or write it as \
             code alone",
            link.line
        )),
    };
    markdown::links(text).into_iter().filter_map(wrong).collect()
}

fn is_whole(target: &str) -> bool {
    ["https://", "http://", "mailto:", "#"].iter().any(|form| target.starts_with(form))
}

/// The page of a published crate has none: every link in it is a whole address, or is complained about already.
fn dead_links(house: &House) -> Vec<String> {
    let whole: BTreeSet<String> = house.published().map(page_of).collect();
    let pages = house.files.iter().filter(|page| page.path.ends_with(".md") && !whole.contains(&page.path));
    pages.flat_map(|page| dead_links_of(house, page)).collect()
}

fn dead_links_of(house: &House, page: &File) -> Vec<String> {
    let dead = |link: markdown::Link| match link.to {
        To::Target(target) if !is_whole(&target) && !leads_somewhere(house, &page.path, &target) => Some(format!(
            "{}:{}: the link to {target} leads to nothing in the repository: mend its path, or take it away",
            page.path, link.line
        )),
        _ => None,
    };
    markdown::links(&page.text).into_iter().filter_map(dead).collect()
}

/// To a file or a folder that git knows or would take.
fn leads_somewhere(house: &House, page: &str, target: &str) -> bool {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let Some(path) = resolved(page, path) else { return false };
    let is_within =
        |known: &String| path.is_empty() || known.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'));
    house.paths.contains(&path) || house.paths.iter().any(is_within)
}

/// From the root, where the link is in this page; `None` where it leads out of the repository.
fn resolved(page: &str, link: &str) -> Option<String> {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (folder, link) = link.strip_prefix('/').map_or((folder, link), |link| ("", link));
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(link.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn wrong_rusts(page: &File, ours: &str) -> Vec<String> {
    let wrong = rusts_named(&page.text).filter(|(_, version)| rust(version) != rust(ours));
    wrong
        .map(|(line, version)| {
            format!("{}:{line}: Rust {version} is not our minimum, {ours}: write that one", page.path)
        })
        .collect()
}

/// `Rust 1.85`, also where a line ends between the two.
fn rusts_named(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words =
        || text.lines().zip(1..).flat_map(|(line, number)| line.split_whitespace().map(move |word| (number, word)));
    let pairs =
        words().zip(words().skip(1)).filter(|((_, word), _)| word.trim_start_matches(['(', '*', '`']) == "Rust");
    pairs.filter_map(|(_, (line, word))| {
        let version = word.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.trim_end_matches('.');
        version.contains('.').then_some((line, version))
    })
}

/// What the page tells to write, such as `cargo add x@0.1` or `x = "0.1"`, must get the present version.
fn wrong_versions(page: &File, names: &BTreeSet<String>, ours: &Version) -> Vec<String> {
    let mut complaints = Vec::new();
    for (line, number) in page.text.lines().zip(1..) {
        let asked = requirements(line, names).into_iter();
        let wrong = asked.filter(|asked| is_a_version(asked.version) && !fits(asked.version, ours));
        complaints.extend(wrong.map(|Requirement { name, version, .. }| {
            format!("{}:{number}: {name} {version} does not fit the present version, {ours}: write that one", page.path)
        }));
    }
    complaints
}

/// `x@VERSION` asks for none.
fn is_a_version(asked: &str) -> bool {
    asked.starts_with(|mark: char| mark.is_ascii_digit() || "^~=<>".contains(mark))
}

fn fits(asked: &str, ours: &Version) -> bool {
    asked.parse().is_ok_and(|asked: VersionReq| asked.matches(ours))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

    use super::super::sandbox::Sandbox;
    use super::*;

    const PAGE: &str = "crates/one-delete/README.md";

    #[track_caller]
    fn assert_complaint(line: &str, part: &str) {
        let sandbox = Sandbox::tidy();
        sandbox.replace(PAGE, "Rust 1.85 or newer.\n", &format!("Rust 1.85 or newer.\n\n{line}\n"));
        let complaints = check(&sandbox.house());
        assert_eq!(complaints.len(), 1, "{line}: {complaints:?}");
        assert!(complaints[0].starts_with(&format!("{PAGE}:11: ")) && complaints[0].contains(part), "{complaints:?}");
    }

    #[test]
    fn links_that_lead_nowhere_on_the_registry_are_found() {
        assert_complaint("See [x](../../docs/x.md).", "the link to ../../docs/x.md leads nowhere");
        assert_complaint("See [x](FIDELITY.md).", "the link to FIDELITY.md leads nowhere");
        assert_complaint("[x]: crate::Error", "the link to crate::Error leads nowhere");
        assert_complaint("See [`Error`].", "[`Error`] leads nowhere");
    }

    #[test]
    fn other_pages_may_link_within_the_repository() {
        let sandbox = Sandbox::tidy();
        sandbox.write("README.md", "See [one](crates/one-delete).\n");
        sandbox.replace("crates/one-delete/Cargo.toml", "keywords = [\"delete\"]", "publish = false");
        sandbox.write(PAGE, "See [the page](../../docs/one.md).\n");
        sandbox.write("docs/one.md", "");
        assert_eq!(check(&sandbox.house()), [""; 0]);
    }

    #[test]
    fn a_link_to_nothing_in_the_repository_is_found_on_every_page() {
        let sandbox = Sandbox::tidy();
        let links =
            "[a](../crates/one-delete/) [b](../README.md#x) [c](./one.md?plain=1) [d](#e) [f](../) [g](/Cargo.toml)\n";
        sandbox.write("docs/one.md", &format!("{links}\n[h](one.md) [i](../../one.md)\n\n[j]: none.md#k\n"));
        sandbox.write("README.md", "![image](docs/image.png) [one](docs/on)\n");
        std::fs::write(sandbox.path("docs/image.png"), [0xff]).unwrap();
        let nothing = |place, target| {
            format!("{place}: the link to {target} leads to nothing in the repository: mend its path, or take it away")
        };
        let expected = [
            nothing("README.md:1", "docs/on"),
            nothing("docs/one.md:3", "../../one.md"),
            nothing("docs/one.md:5", "none.md#k"),
        ];
        assert_eq!(check(&sandbox.house()), expected);
    }

    #[test]
    fn another_minimum_rust_is_found() {
        assert_complaint("It needs Rust 1.80 at least.", "Rust 1.80 is not our minimum, 1.85");
        let text = "(Rust\n1.85.0). Rust 2024 is an edition; Rust in 1.9 ways.";
        assert_eq!(rusts_named(text).collect::<Vec<_>>(), [(2, "1.85.0")]);
        assert_eq!(wrong_rusts(&File { path: "README.md".to_owned(), text: text.to_owned() }, "1.85"), [""; 0]);
    }

    #[test]
    fn a_page_without_the_minimum_rust_is_found() {
        let sandbox = Sandbox::tidy();
        sandbox.replace(PAGE, "Rust 1.85 or newer.\n", "");
        let rule = "it does not say the minimum Rust version: write `Rust X.Y or newer`";
        assert_eq!(check(&sandbox.house()), [format!("{PAGE}: {rule}")]);
    }

    #[test]
    fn another_version_than_the_present_one_is_found() {
        assert_complaint("`cargo add one-delete@0.1`", "one-delete 0.1 does not fit the present version, 0.2.0");
        assert_complaint("one-delete = \"0.3\"", "one-delete 0.3 does not fit");
        assert_complaint("delete-core = { version = \"=0.2.1\", default-features = false }", "delete-core =0.2.1");
        assert_complaint("one-delete = \"0.2.x.y\"", "one-delete 0.2.x.y does not fit");
    }

    #[test]
    fn fitting_versions_and_other_crates_are_fine() {
        let text = "one-delete@0.2.0, one-delete = \"0.2\", all-one-delete@9, one-delete@VERSION\n\
                    one-delete = { path = \".\" } one-delete == \"x\"\n";
        let page = File { path: "README.md".to_owned(), text: text.to_owned() };
        assert_eq!(wrong_versions(&page, &["one-delete".to_owned()].into(), &Version::new(0, 2, 0)), [""; 0]);
    }
}
