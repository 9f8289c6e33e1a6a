//! The headings of the changelog: one for each version, newest first, none ahead of the workspace.

use cargo_metadata::semver::Version;

use super::house::House;

const PATH: &str = "CHANGELOG.md";
const UNRELEASED: &str = "Unreleased";

pub(crate) fn check(house: &House) -> Vec<String> {
    match (house.text(PATH), house.version()) {
        (None, _) => vec![format!("{PATH}: it is missing: users look there for what a version changes")],
        (_, None) => Vec::new(), // Another rule tells.
        (Some(text), Some(version)) => complaints_about(text, &version),
    }
}

fn complaints_about(text: &str, ours: &Version) -> Vec<String> {
    let headings: Vec<(usize, &str)> = headings(text).collect();
    let (releases, mut complaints) = releases(&headings);
    complaints.extend(out_of_order(&headings, &releases));
    let newest = releases.iter().max_by(|one, other| one.version.cmp(&other.version));
    if let Some(newest) = newest.filter(|newest| newest.version > *ours) {
        let Release { line, version, .. } = newest;
        complaints.push(format!(
            "{PATH}:{line}: {version} is newer than the workspace, {ours}: `cargo xtask bump` sets both"
        ));
    }
    if headings.iter().all(|(_, heading)| *heading != UNRELEASED) && newest.is_none_or(|it| it.version != *ours) {
        complaints.push(format!("{PATH}: it has neither `## {UNRELEASED}` nor the present version, {ours}"));
    }
    complaints
}

/// What stands after `## `, and on which line.
fn headings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().zip(1..).filter_map(|(line, number)| Some((number, line.strip_prefix("## ")?)))
}

struct Release<'a> {
    line: usize,
    version: Version,
    date: &'a str,
}

/// All headings but `Unreleased`, and complaints about those that cannot be read.
fn releases<'a>(headings: &[(usize, &'a str)]) -> (Vec<Release<'a>>, Vec<String>) {
    let (mut releases, mut complaints) = (Vec::new(), Vec::new());
    for (line, heading) in headings.iter().copied().filter(|(_, heading)| *heading != UNRELEASED) {
        match release(line, heading) {
            Some(release) => releases.push(release),
            None => complaints.push(format!(
                "{PATH}:{line}: `{heading}` is no heading of a version: write `## {UNRELEASED}` or \
                 `## [X.Y.Z] - YYYY-MM-DD`, with a date that there is"
            )),
        }
    }
    (releases, complaints)
}

fn release(line: usize, heading: &str) -> Option<Release<'_>> {
    let (version, date) = heading.split_once(" - ")?;
    let version = version.strip_prefix('[').and_then(|version| version.strip_suffix(']')).unwrap_or(version);
    is_date(date).then_some(Release { line, version: Version::parse(version).ok()?, date })
}

/// A day of the calendar, as `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let parts: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return false };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day) && text == format!("{year:04}-{month:02}-{day:02}")
}

fn out_of_order(headings: &[(usize, &str)], releases: &[Release]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (line, _) in headings.iter().skip(1).filter(|(_, heading)| *heading == UNRELEASED) {
        complaints.push(format!("{PATH}:{line}: `{UNRELEASED}` stands once, before all versions"));
    }
    for (release, earlier) in releases.iter().zip(0..).map(|(release, index)| (release, &releases[..index])) {
        let Release { line, version, date } = release;
        if earlier.iter().any(|other| other.version == *version) {
            complaints.push(format!("{PATH}:{line}: {version} has a heading already: join the two"));
        } else if earlier.last().is_some_and(|above| above.date < *date) {
            complaints.push(format!("{PATH}:{line}: {date} is later than the date above it: the newest comes first"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    fn about(text: &str) -> Vec<String> {
        complaints_about(text, &Version::new(0, 2, 0))
    }

    #[track_caller]
    fn assert_complaint(text: &str, complaint: &str) {
        let complaints = about(text);
        assert!(complaints.len() == 1 && complaints[0].contains(complaint), "{text}: {complaints:?}");
    }

    #[test]
    fn the_usual_forms_are_fine() {
        assert_eq!(about("# Changelog\n\n## Unreleased\n\n### Added\n"), [""; 0]);
        assert_eq!(
            about("## Unreleased\n## [0.2.0] - 2026-02-01\n## [0.1.1] - 2026-02-01\n## [0.1.0] - 2024-02-29\n"),
            [""; 0]
        );
        assert_eq!(about("## 0.2.0 - 2026-02-01\n"), [""; 0]);
    }

    #[test]
    fn headings_that_cannot_be_read_are_found() {
        for heading in ["[0.2] - 2026-01-01", "[0.2.0]", "unreleased", "[0.2.0] - 2026-1-1", "[0.2.0] - 2026-02-29"] {
            assert_complaint(&format!("## Unreleased\n## {heading}\n"), "CHANGELOG.md:2: `");
        }
    }

    #[test]
    fn versions_ahead_of_the_workspace_are_found() {
        assert_complaint("## Unreleased\n## [0.2.1] - 2026-01-01\n", "0.2.1 is newer than the workspace, 0.2.0");
    }

    #[test]
    fn a_version_without_a_heading_is_found() {
        assert_complaint("## [0.1.0] - 2026-01-01\n", "neither `## Unreleased` nor the present version, 0.2.0");
        assert_complaint("", "neither");
        let sandbox = Sandbox::tidy();
        sandbox.remove("CHANGELOG.md");
        assert!(check(&sandbox.house())[0].starts_with("CHANGELOG.md: it is missing"));
    }

    #[test]
    fn doubles_and_a_wrong_order_are_found() {
        assert_complaint("## [0.2.0] - 2026-01-02\n## 0.2.0 - 2026-01-01\n", ":2: 0.2.0 has a heading already");
        assert_complaint("## [0.2.0] - 2026-01-02\n## [0.1.0] - 2026-01-03\n", ":2: 2026-01-03 is later");
        assert_complaint("## [0.2.0] - 2026-01-02\n## Unreleased\n", ":2: `Unreleased` stands once");
    }
}
