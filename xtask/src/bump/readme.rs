//! The versions of our own crates that a README shows in its blocks of code.

use std::collections::BTreeSet;
use std::ops::Range;

use cargo_metadata::semver::{Op, Version, VersionReq};

use super::text::{Part, with_parts};
use crate::markdown;

/// The README with this version wherever a block of code asks for a member: as `name = "0.1"`,
/// `name = { version = "0.1", … }`, or `name@0.1.0`. How many numbers are shown stays.
pub(super) fn with_version(text: &str, members: &BTreeSet<String>, version: &Version) -> String {
    let code = markdown::lines(text).filter(|line| line.in_code);
    let parts = code.flat_map(|line| {
        let mut places = after_at(line.text, members);
        places.extend(in_manifest(line.text, members));
        let parts = places.into_iter().filter_map(move |place| {
            let asked = like(&line.text[place.clone()], version)?;
            Some((line.start + place.start..line.start + place.end, asked))
        });
        parts.collect::<Vec<Part>>()
    });
    with_parts(text, parts.collect())
}

/// Where `0.1.0` stands in each `name@0.1.0`.
fn after_at(line: &str, members: &BTreeSet<String>) -> Vec<Range<usize>> {
    let places = line.match_indices('@').filter_map(|(at, _)| {
        let before = &line[..at];
        let name = &before[before.trim_end_matches(is_of_name).len()..];
        let version = &line[at + 1..];
        let end = version.find(|next: char| !is_of_version(next)).unwrap_or(version.len());
        members.contains(name).then_some(at + 1..at + 1 + end)
    });
    places.collect()
}

/// Where `0.1` stands in a line `name = "0.1"` or `name = { version = "0.1" }`.
fn in_manifest(line: &str, members: &BTreeSet<String>) -> Option<Range<usize>> {
    let (key, value) = line.split_once('=')?;
    let value_start = key.len() + 1;
    let table = value.trim_start().strip_prefix('{');
    let package = table.and_then(|table| quoted_after(table, "package"));
    let name = package.map_or(key.trim(), |(_, package)| package);
    if !members.contains(name) {
        return None;
    }
    let (start, version) = match table {
        Some(table) => quoted_after(table, "version").map(|(start, found)| (line.len() - table.len() + start, found)),
        None => quoted(value).map(|(start, found)| (value_start + start, found)),
    }?;
    Some(start..start + version.len())
}

/// The text in quotes after `key =`, and where it starts.
fn quoted_after<'a>(table: &'a str, key: &str) -> Option<(usize, &'a str)> {
    let mut places = table.match_indices(key).filter(|(place, _)| !table[..*place].ends_with(is_of_name));
    places.find_map(|(place, _)| {
        let rest = table[place + key.len()..].trim_start().strip_prefix('=')?;
        quoted(rest).map(|(start, found)| (table.len() - rest.len() + start, found))
    })
}

fn quoted(text: &str) -> Option<(usize, &str)> {
    let rest = text.trim_start();
    let mark = rest.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let found = rest[1..].split(mark).next()?;
    Some((text.len() - rest.len() + 1, found))
}

/// The new version in the form of the one that was asked for; `None` where the form is none that we know.
fn like(asked: &str, version: &Version) -> Option<String> {
    let number = asked.trim_start_matches(|mark: char| !mark.is_ascii_digit());
    let operator = asked.strip_suffix(number)?;
    let form = VersionReq::parse(number).ok()?;
    let [form] = form.comparators.as_slice() else { return None };
    if !["", "=", "^", "~"].contains(&operator.trim()) || form.op != Op::Caret {
        return None;
    }
    // Fewer numbers would never ask for a pre-release.
    let number = match (form.minor, form.patch) {
        _ if !version.pre.is_empty() => version.to_string(),
        (None, _) => version.major.to_string(),
        (_, None) => format!("{}.{}", version.major, version.minor),
        (Some(_), Some(_)) => version.to_string(),
    };
    Some(format!("{operator}{number}"))
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

fn is_of_version(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '+' | '=' | '^' | '~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bumped(code: &str, version: &str) -> String {
        let text = format!("```\n{code}\n```\n");
        let members = ["alpha-delete", "alpha"].map(str::to_owned).into();
        let bumped = with_version(&text, &members, &Version::parse(version).unwrap());
        bumped.strip_prefix("```\n").unwrap().strip_suffix("\n```\n").unwrap().to_owned()
    }

    #[test]
    fn each_form_changes_and_keeps_its_shape() {
        for (code, expected) in [
            ("alpha = \"0.1\"", "alpha = \"0.2\""),
            ("  alpha=\"0\" # why", "  alpha=\"0\" # why"),
            ("alpha = '=0.1.0'", "alpha = '=0.2.3'"),
            ("alpha = \"~0.1\"", "alpha = \"~0.2\""),
            ("alpha = { version = \"0.1\", features = [\"x\"] }", "alpha = { version = \"0.2\", features = [\"x\"] }"),
            ("alpha = {features=[],version=\"0.1.0\"}", "alpha = {features=[],version=\"0.2.3\"}"),
            ("x = { package = \"alpha\", version = \"0.1\" }", "x = { package = \"alpha\", version = \"0.2\" }"),
            ("cargo add alpha-delete@0.1.0 -F x", "cargo add alpha-delete@0.2.3 -F x"),
            ("cargo add alpha@0.1 alpha-delete@=0.1.0", "cargo add alpha@0.2 alpha-delete@=0.2.3"),
        ] {
            assert_eq!(bumped(code, "0.2.3"), expected);
        }
        assert_eq!(bumped("alpha = \"0\"", "1.2.3"), "alpha = \"1\"");
    }

    #[test]
    fn a_pre_release_is_written_in_full() {
        assert_eq!(bumped("alpha = \"0.1\"", "1.0.0-rc.1"), "alpha = \"1.0.0-rc.1\"");
        assert_eq!(bumped("cargo add alpha@1.0.0-rc.1", "1.0.0"), "cargo add alpha@1.0.0");
    }

    #[test]
    fn all_else_stays() {
        for code in [
            "cargo test --workspace",
            "serde = \"0.1\"",
            "alphabet = \"0.1\"",
            "my-alpha@0.1.0",
            "serde = { version = \"0.1\" }",
            "x = { package = \"serde\", version = \"0.1\" }",
            "alpha = { package = \"serde\", version = \"0.1\" }",
            "alpha = { path = \"alpha\", rust-version = \"0.1\" }",
            "alpha = \">=0.1, <0.3\"",
            "alpha = \"0.1.*\"",
            "alpha = \"*\"",
            "alpha = 0.1",
            "alpha = \"",
            "alpha@latest",
            "alpha@",
        ] {
            assert_eq!(bumped(code, "0.2.3"), code);
        }
    }

    #[test]
    fn prose_stays() {
        let text = "Since alpha@0.1.0:\n\nalpha = \"0.1\"\n";
        let members = ["alpha".to_owned()].into();
        assert_eq!(with_version(text, &members, &Version::new(0, 2, 3)), text);
    }

    proptest! {
        #[test]
        fn no_code_breaks_it(code in "(alpha|version|package|[=@{}\"' .0-9é~<-]){0,16}") {
            let once = bumped(&code, "0.2.3");
            prop_assert_eq!(bumped(&once, "0.2.3"), once);
        }
    }
}
