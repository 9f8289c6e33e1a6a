//! The headings of the changelog: one for each version, newest first, none ahead of the workspace.

use cargo_metadata::semver::Version;
use time::{Date, Month};

use super::house::House;
use crate::changelog::{Changelog, Section, Title};
use crate::markdown::line_number;

const PATH: &str = "CHANGELOG.md";
const UNRELEASED: &str = "## Unreleased";

pub(crate) fn check(house: &House) -> Vec<String> {
    match (house.text(PATH), house.version()) {
        (None, _) => vec![format!("{PATH}: it is missing: users look there for what a version changes")],
        (_, None) => Vec::new(), // Another rule tells.
        (Some(text), Some(version)) => complaints_about(text, &version),
    }
}

fn complaints_about(text: &str, ours: &Version) -> Vec<String> {
    let changelog = Changelog::parse(text);
    let mut above = Vec::new();
    let mut complaints = Vec::new();
    for section in changelog.sections() {
        let complaint = about_section(section, &above, ours);
        complaints.extend(complaint.map(|rule| format!("{PATH}:{}: {rule}", line_number(text, section.heading.start))));
        above.push(section);
    }
    if changelog.unreleased().is_none() && changelog.section(ours).is_none() {
        complaints
            .push(format!("{PATH}: it has neither `{UNRELEASED}` nor the present version, {ours}: add a heading"));
    }
    complaints
}

/// What is wrong with a section below others.
fn about_section(section: &Section<'_>, above: &[&Section<'_>], ours: &Version) -> Option<String> {
    if !is_usual(section) {
        return Some(format!(
            "`{}` is not the heading of a version: write `{UNRELEASED}` or `## X.Y.Z - YYYY-MM-DD`, with a valid date",
            section.heading.text
        ));
    }
    let mut released = above.iter().filter_map(|section| section.released());
    match section.released() {
        None => (!above.is_empty())
            .then(|| "`Unreleased` belongs before all versions, and only once: move it there".to_owned()),
        Some((version, _)) if released.clone().any(|(other, _)| other == version) => {
            Some(format!("{version} has a heading already: join the two"))
        }
        Some((version, _)) if version > ours => {
            Some(format!("{version} is newer than the workspace, {ours}: `cargo xtask bump` sets both"))
        }
        Some((_, date)) => (released.next_back().is_some_and(|(_, above)| above < date))
            .then(|| format!("{date} is later than the date above it: the newest comes first")),
    }
}

/// Written as all of them are, so that every tool can read it.
fn is_usual(section: &Section<'_>) -> bool {
    let heading = section.heading.text;
    match &section.title {
        Title::Unreleased => heading == UNRELEASED,
        Title::Released(version, date) => {
            let forms = [format!("## {version} - {date}"), format!("## [{version}] - {date}")];
            // As Keep a Changelog marks a version that nobody should use.
            let heading = heading.strip_suffix(" [YANKED]").unwrap_or(heading);
            is_date(date) && forms.iter().any(|form| heading == form)
        }
        Title::Other => false,
    }
}

/// A day of the calendar, as `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let month = month.parse().ok().and_then(|month: u8| Month::try_from(month).ok());
    let date = match (year.parse(), month, day.parse()) {
        (Ok(year), Some(month), Ok(day)) => Date::from_calendar_date(year, month, day).ok(),
        _ => None,
    };
    date.is_some_and(|date| date.to_string() == text)
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
        assert_eq!(about("## 0.2.0 - 2026-02-01\n## 0.1.0 - 2026-01-01 [YANKED]\n"), [""; 0]);
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
        assert_complaint("## [0.2.0] - 2026-01-02\n## Unreleased\n", ":2: `Unreleased` belongs before all versions");
    }
}
