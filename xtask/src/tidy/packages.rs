//! The metadata of published packages, and that their licences are in them.

use cargo_metadata::Package;

use super::house::{House, Member};

const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// The categories of the public registry that fit here. It refuses what it does not know.
const CATEGORIES: [&str; 6] = [
    "api-bindings",
    "asynchronous",
    "command-line-utilities",
    "development-tools",
    "development-tools::testing",
    "web-programming::http-client",
];

pub(crate) fn check(house: &House) -> Vec<String> {
    house.published().flat_map(|member| complaints_about(house, member)).collect()
}

fn complaints_about(house: &House, member: &Member) -> Vec<String> {
    let said = what_is_said(&member.package, member.is_library());
    let said = said.into_iter().chain(what_is_packed(member)).map(|rule| format!("{}: {rule}", member.path));
    said.chain(what_is_there(house, member.folder())).collect()
}

fn what_is_said(package: &Package, is_library: bool) -> Vec<String> {
    let pages = format!("https://docs.rs/{}", if is_library { "" } else { "crate/" });
    let rules = [
        (
            package.description.as_ref().is_some_and(|description| !description.trim().is_empty()),
            "no description: say in a sentence what the crate does",
        ),
        (
            (1..=5).contains(&package.keywords.len()) && package.keywords.iter().all(|keyword| is_keyword(keyword)),
            "keywords: give 1 to 5, each of at most 20 letters, digits, `-`, `_` or `+`, first a letter or digit",
        ),
        (
            (1..=5).contains(&package.categories.len())
                && package.categories.iter().all(|category| CATEGORIES.contains(&category.as_str())),
            "categories: give 1 to 5 that the list in tidy/packages.rs knows, or add one of the public registry's to it",
        ),
        (
            package.readme.as_ref().is_some_and(|readme| readme == "README.md"),
            "no readme: write `readme = \"README.md\"`",
        ),
        (
            !is_library || package.metadata["docs"]["rs"].is_object(),
            "docs.rs is not told how to build the pages: add `[package.metadata.docs.rs]` with `all-features = true`",
        ),
        (
            package.documentation.as_ref().is_some_and(|page| page.starts_with(&format!("{pages}{}", package.name))),
            "no documentation: name its page on docs.rs",
        ),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, rule)| rule.to_owned()).collect()
}

/// As the public registry rules it.
fn is_keyword(keyword: &str) -> bool {
    keyword.len() <= 20
        && keyword.starts_with(|c: char| c.is_ascii_alphanumeric())
        && keyword.chars().all(|c| c.is_ascii_alphanumeric() || "-_+".contains(c))
}

/// A list of what is packed keeps tests and fixtures out, and must not keep the licences out as well.
fn what_is_packed(member: &Member) -> Option<String> {
    let listed = member.manifest.get("package")?.get("include").and_then(toml_edit::Item::as_array);
    let listed: Vec<&str> = listed.into_iter().flatten().filter_map(toml_edit::Value::as_str).collect();
    let needed = ["/src", "/README.md", "/LICENSE-*"];
    let are_listed = needed.iter().all(|path| listed.contains(path));
    (!are_listed).then(|| format!("`include` must list what the package needs, and nothing else: at least {needed:?}"))
}

fn what_is_there(house: &House, folder: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for licence in LICENCES {
        let path = format!("{folder}/{licence}");
        match (house.text(&path), house.text(licence)) {
            (_, None) => complaints.push(format!("{licence}: it is missing in the root")),
            (None, _) => complaints.push(format!("{path}: it is missing: copy it from the root")),
            (copy, root) if copy != root => {
                complaints.push(format!("{path}: it is not the root's: copy it from there"));
            }
            _ => {}
        }
    }
    let readme = format!("{folder}/README.md");
    if house.text(&readme).is_none() {
        complaints.push(format!("{readme}: it is missing: it is the crate's page"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    const ONE: &str = "crates/one-delete/Cargo.toml";

    #[test]
    fn what_a_package_does_not_say_of_itself_is_found() {
        for (old, new, part) in [
            ("description = \"What it does.\"\n", "", "description"),
            ("keywords = [\"delete\"]\n", "", "keywords"),
            ("keywords = [\"delete\"]", "keywords = [\"two words\"]", "keywords"),
            ("keywords = [\"delete\"]", "keywords = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]", "keywords"),
            ("categories = [\"api-bindings\"]\n", "", "categories"),
            ("categories = [\"api-bindings\"]", "categories = [\"apis\"]", "categories"),
            ("readme = \"README.md\"", "readme = \"PAGE.md\"", "readme"),
            ("[package.metadata.docs.rs]\nall-features = true\n", "", "docs.rs is not told"),
            ("documentation = \"https://docs.rs/one-delete\"\n", "", "documentation"),
            ("include = [\"/src\", \"/README.md\", \"/LICENSE-*\"]\n", "", "include"),
            ("\"/LICENSE-*\"", "\"/tests\"", "include"),
        ] {
            let sandbox = Sandbox::tidy();
            sandbox.replace(ONE, old, new);
            sandbox.assert_complaint(check, ONE, part);
        }
    }

    #[test]
    fn what_is_not_published_need_not_say_anything() {
        let sandbox = Sandbox::tidy();
        sandbox.replace(ONE, "keywords = [\"delete\"]", "publish = false");
        sandbox.remove("crates/one-delete/LICENSE-MIT");
        assert_eq!(check(&sandbox.house()), [""; 0]);
    }

    #[test]
    fn a_program_has_no_pages_to_build() {
        let sandbox = Sandbox::tidy();
        sandbox.remove("crates/one-delete/src/lib.rs");
        sandbox.write("crates/one-delete/src/main.rs", "fn main() {}\n");
        sandbox.replace(ONE, "[package.metadata.docs.rs]\nall-features = true\n", "");
        sandbox.replace(ONE, "https://docs.rs/one", "https://docs.rs/crate/one");
        assert_eq!(check(&sandbox.house()), [""; 0]);
    }

    #[test]
    fn licences_that_are_missing_or_differ_are_found() {
        let sandbox = Sandbox::tidy();
        sandbox.write("crates/one-delete/LICENSE-MIT", "You may not.\n");
        sandbox.assert_complaint(check, "crates/one-delete/LICENSE-MIT", "not the root's");
        sandbox.remove("crates/one-delete/LICENSE-MIT");
        sandbox.assert_complaint(check, "crates/one-delete/LICENSE-MIT", "missing");
    }

    #[test]
    fn a_page_that_is_missing_is_found() {
        let sandbox = Sandbox::tidy();
        sandbox.remove("crates/one-delete/README.md");
        sandbox.assert_complaint(check, "crates/one-delete/README.md", "missing");
    }
}
