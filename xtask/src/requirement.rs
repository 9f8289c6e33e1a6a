//! The versions of our own crates that a page tells its readers to ask for.

use std::collections::BTreeSet;
use std::ops::Range;

/// A version, or the text in its position.
pub(crate) struct Requirement<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// Where the version starts in the line, in bytes.
    pub(crate) start: usize,
}

impl Requirement<'_> {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.version.len()
    }
}

/// What a line asks for of these crates: as `name = "0.1"`, `name = { version = "0.1", … }`, or `name@0.1.0`.
pub(crate) fn requirements<'a>(line: &'a str, names: &BTreeSet<String>) -> Vec<Requirement<'a>> {
    let at = line.match_indices('@').filter_map(|(at, _)| around_at(line, at));
    let equals = line.match_indices('=').filter_map(|(at, _)| around_equals(line, at));
    at.chain(equals).filter(|requirement| names.contains(requirement.name)).collect()
}

fn around_at(line: &str, at: usize) -> Option<Requirement<'_>> {
    let (before, after) = (&line[..at], &line[at + 1..]);
    // A full stop ends the sentence.
    let version = after.split(|next: char| !is_of_version(next)).next()?.trim_end_matches('.');
    Some(Requirement { name: name_before(before), version, start: at + 1 })
}

fn around_equals(line: &str, at: usize) -> Option<Requirement<'_>> {
    let (before, after) = (&line[..at], &line[at + 1..]);
    let table = after.trim_start().strip_prefix('{');
    let (package, version) = match table {
        Some(table) => (quoted_after(table, "package"), quoted_after(table, "version")),
        None => (None, quoted(after)),
    };
    let name = package.map_or_else(|| name_before(before.trim_end()), |(_, package)| package);
    let (start, version) = version?;
    Some(Requirement { name, version, start: line.len() - table.unwrap_or(after).len() + start })
}

/// The text in quotes after `key =` in an inline table, and where it starts.
fn quoted_after<'a>(table: &'a str, key: &str) -> Option<(usize, &'a str)> {
    let table = table.split('}').next()?;
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

fn name_before(text: &str) -> &str {
    &text[text.trim_end_matches(is_of_name).len()..]
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_')
}

fn is_of_version(character: char) -> bool {
    character.is_ascii_alphanumeric() || ".-+=^~<>*".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_asks(line: &str, expected: &[&str]) {
        let names = ["alpha-delete", "alpha"].map(str::to_owned).into();
        let requirements = requirements(line, &names);
        let found: Vec<&str> = requirements.iter().map(|found| &line[found.range()]).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn each_form_is_found_wherever_it_stands() {
        assert_asks("cargo add alpha@0.1 alpha-delete@=0.1.0 -F x", &["0.1", "=0.1.0"]);
        assert_asks("Write `alpha@0.1.0`, `alpha = \"0.2\"` or alpha@0.3.", &["0.1.0", "0.3", "0.2"]);
        assert_asks("alpha={features=[],version='>=0.1, <0.3'}", &[">=0.1, <0.3"]);
        assert_asks("x = { package = \"alpha\", version = \"0.1\" }", &["0.1"]);
    }

    #[test]
    fn other_names_and_other_keys_are_not() {
        assert_asks("alphabet = \"0.1\", my-alpha@0.1.0, myé-alpha = \"1\"", &[]);
        assert_asks("alpha = { package = \"serde\", version = \"0.1\" }", &[]);
        assert_asks("alpha = { path = \"alpha\", rust-version = \"0.1\" }; version = \"1\"", &[]);
        assert_asks("alpha == \"x\", alpha = 0.1, alpha@, alpha = ", &[""]);
    }
}
