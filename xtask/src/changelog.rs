//! `CHANGELOG.md`: its sections by version.
//!
//! Its sections start with `## Unreleased` or `## 0.1.0 - 2026-11-22`; the brackets of Keep a Changelog are read too.

use cargo_metadata::semver::Version;
use pulldown_cmark::HeadingLevel;
use time::Date;

use crate::Result;
use crate::markdown::{self, Heading, Line};

/// The text of a changelog with its sections found. Whatever the text, it can be parsed.
#[derive(Debug)]
pub struct Changelog<'a> {
    text: &'a str,
    sections: Vec<Section<'a>>,
}

/// A heading of level 2 and what stands below it.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    pub(crate) title: Title<'a>,
    pub(crate) heading: Line<'a>,
    body: &'a str,
}

impl<'a> Section<'a> {
    pub(crate) fn released(&self) -> Option<(&Version, &'a str)> {
        match &self.title {
            Title::Released(version, date) => Some((version, *date)),
            Title::Unreleased | Title::Other => None,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Title<'a> {
    Unreleased,
    /// With its date as written, empty where none is.
    Released(Version, &'a str),
    Other,
}

impl<'a> Changelog<'a> {
    /// Finds the sections of the text.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        // A heading above sections ends one.
        let headings = markdown::headings(text).into_iter().filter(|heading| heading.level <= HeadingLevel::H2);
        let headings: Vec<_> = headings.collect();
        let ends = headings.iter().skip(1).map(|next| next.line.start).chain([text.len()]);
        let sections = headings.iter().zip(ends).filter(|(heading, _)| heading.level == HeadingLevel::H2);
        let sections = sections.map(|(Heading { line, .. }, end)| Section {
            title: Title::of(line.text),
            heading: *line,
            body: text[line.end()..end].trim(),
        });
        Self { text, sections: sections.collect() }
    }

    pub(crate) fn sections(&self) -> &[Section<'a>] {
        &self.sections
    }

    /// What is said under `Unreleased`, without the heading; `None` where there is no such heading.
    #[must_use]
    pub fn unreleased(&self) -> Option<&'a str> {
        self.sections.iter().find(|section| section.title == Title::Unreleased).map(|section| section.body)
    }

    /// The section of a version, without the heading; `None` if it has no heading.
    #[must_use]
    pub fn section(&self, version: &Version) -> Option<&'a str> {
        let is_it = |section: &&Section<'_>| section.released().is_some_and(|(released, _)| released == version);
        self.sections.iter().find(is_it).map(|section| section.body)
    }

    /// The versions that have headings, in the order of the text, each with its date as written (empty where none is).
    pub fn released(&self) -> impl Iterator<Item = (&Version, &'a str)> {
        self.sections.iter().filter_map(Section::released)
    }

    /// The text in which all that was unreleased belongs to this version. Nothing else in it changes.
    ///
    /// # Errors
    ///
    /// Where there is not exactly one heading `Unreleased`, where it has nothing below it, and where the version has a
    /// heading already.
    pub fn release(&self, version: &Version, date: Date) -> Result<String> {
        if self.section(version).is_some() {
            return Err(format!("{version} has a heading in CHANGELOG.md already: choose a greater version").into());
        }
        let unreleased = self.only_unreleased()?;
        if !says_something(unreleased.body) {
            return Err("nothing to release: CHANGELOG.md says nothing under Unreleased".into());
        }
        // A body means that the heading's line has an ending.
        let (before, after) = self.text.split_at(unreleased.heading.end());
        let newline = if after.starts_with('\r') { "\r\n" } else { "\n" };
        Ok(format!("{before}{newline}{newline}## {version} - {date}{after}"))
    }

    fn only_unreleased(&self) -> Result<&Section<'a>> {
        let mut unreleased = self.sections.iter().filter(|section| section.title == Title::Unreleased);
        let first = unreleased.next().ok_or(
            "nothing to release: CHANGELOG.md has no heading `## Unreleased`; write it, and below it what has changed",
        )?;
        match unreleased.next() {
            None => Ok(first),
            Some(_) => Err("CHANGELOG.md has more than one heading `## Unreleased`: make them one".into()),
        }
    }
}

impl<'a> Title<'a> {
    fn of(line: &'a str) -> Self {
        let Some(title) = line.strip_prefix("## ") else { return Self::Other };
        let (name, rest) = title.trim().split_once(char::is_whitespace).unwrap_or((title.trim(), ""));
        let name = name.strip_prefix('[').and_then(|name| name.split(']').next()).unwrap_or(name);
        if name.eq_ignore_ascii_case("unreleased") {
            return Self::Unreleased;
        }
        let date = rest.trim_start_matches([' ', '-', '–', '—']).split_whitespace().next().unwrap_or("");
        Version::parse(name).map_or(Self::Other, |version| Self::Released(version, date))
    }
}

/// Headings such as `### Added` alone say nothing.
fn says_something(body: &str) -> bool {
    body.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::Month;

    use super::*;

    const TEXT: &str = "# Changelog\n\nAll.\n\n## Unreleased\n\n### Added\n\n- New.\n\n```md\n## 9.9.9\n```\n\n\
                        ## [0.2.0] - 2026-11-22\n\n- Two.\n\n## 0.1.0 - 2026-10-01 [YANKED]\n\n- One.\n";

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn date() -> Date {
        Date::from_calendar_date(2026, Month::December, 3).unwrap()
    }

    fn refusal(text: &str) -> String {
        Changelog::parse(text).release(&version("0.3.0"), date()).unwrap_err().to_string()
    }

    #[test]
    fn each_section_is_found_and_code_is_none() {
        let changelog = Changelog::parse(TEXT);
        assert_eq!(changelog.unreleased(), Some("### Added\n\n- New.\n\n```md\n## 9.9.9\n```"));
        assert_eq!(changelog.section(&version("0.2.0")), Some("- Two."));
        assert_eq!(changelog.section(&version("0.1.0")), Some("- One."));
        assert_eq!(changelog.section(&version("9.9.9")), None);
        let released: Vec<_> = changelog.released().map(|(version, date)| (version.to_string(), date)).collect();
        assert_eq!(released, [("0.2.0".to_owned(), "2026-11-22"), ("0.1.0".to_owned(), "2026-10-01")]);
    }

    #[test]
    fn a_release_turns_the_heading_and_leaves_a_fresh_one() {
        let released = Changelog::parse(TEXT).release(&version("0.3.0-rc.1"), date()).unwrap();
        let heading = "## Unreleased\n\n## 0.3.0-rc.1 - 2026-12-03\n\n### Added\n";
        assert_eq!(released, TEXT.replace("## Unreleased\n\n### Added\n", heading));
        let again = Changelog::parse(&released);
        assert_eq!(again.unreleased(), Some(""));
        assert!(again.section(&version("0.3.0-rc.1")).unwrap().starts_with("### Added"));
        assert_eq!(again.released().count(), 3);
    }

    #[test]
    fn a_release_keeps_the_line_endings() {
        let released = Changelog::parse("## Unreleased\r\n- New.\r\n").release(&version("0.3.0"), date()).unwrap();
        assert_eq!(released, "## Unreleased\r\n\r\n## 0.3.0 - 2026-12-03\r\n- New.\r\n");
    }

    #[test]
    fn what_cannot_be_released_is_refused() {
        let nothing = "nothing to release: CHANGELOG.md says nothing under Unreleased";
        assert_eq!(refusal("## Unreleased"), nothing);
        assert_eq!(refusal("## Unreleased\n\n### Added\n\n## 0.1.0\n\n- One.\n"), nothing);
        assert!(refusal("# Changelog\n\n- New.\n").contains("no heading `## Unreleased`"));
        assert!(refusal("## Unreleased\n\n- New.\n\n## [unreleased]\n").contains("more than one"));
        assert!(refusal("## Unreleased\n\n- New.\n\n## 0.3.0\n\n- Old.\n").contains("0.3.0 has a heading"));
    }

    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("## Unreleased".to_owned()),
            Just("## [Unreleased]".to_owned()),
            Just("```".to_owned()),
            "#{1,3} \\[?[0-9]{1,2}\\.[0-9]\\.[0-9]\\]?( - .{0,12})?",
            ".{0,12}",
        ];
        let ending = prop_oneof![Just("\n"), Just("\r\n")];
        proptest::collection::vec((line, ending), 0..12)
            .prop_map(|lines| lines.into_iter().map(|(line, ending)| line + ending).collect())
    }

    proptest! {
        #[test]
        fn whatever_the_text_a_release_only_adds_one_heading(text in prop_oneof![lines(), any::<String>()]) {
            let changelog = Changelog::parse(&text);
            let said = changelog.unreleased();
            let before = changelog.released().count();
            if let Ok(released) = changelog.release(&version("123.0.0"), date()) {
                let heading = "## 123.0.0 - 2026-12-03";
                let added = [format!("\r\n\r\n{heading}"), format!("\n\n{heading}")];
                prop_assert!(added.iter().any(|added| released.replacen(added.as_str(), "", 1) == text));
                let again = Changelog::parse(&released);
                prop_assert_eq!(again.unreleased(), Some(""));
                prop_assert_eq!(again.section(&version("123.0.0")), said);
                prop_assert_eq!(again.released().count(), before + 1);
            }
        }
    }
}
