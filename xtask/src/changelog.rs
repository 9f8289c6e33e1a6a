//! `CHANGELOG.md`: its sections start with `## Unreleased` or `## 0.1.0 - 2026-11-22`.

use cargo_metadata::semver::Version;

use crate::Result;

/// Returns the text below `## NAME` or `## NAME - DATE`, trimmed; `None` if there is no such heading.
pub(crate) fn section<'a>(changelog: &'a str, name: &str) -> Option<&'a str> {
    changelog.split("\n## ").skip(1).find_map(|section| {
        let (title, body) = section.split_once('\n').unwrap_or((section, ""));
        (title.split(" - ").next()?.trim() == name).then(|| body.trim())
    })
}

/// Returns the changelog in which all that was unreleased belongs to this version.
pub(crate) fn release(changelog: &str, version: &Version, date: &str) -> Result<String> {
    if section(changelog, &version.to_string()).is_some() {
        return Err(format!("CHANGELOG.md has a heading for {version} already: choose a greater version").into());
    }
    // Headings such as `### Added` alone say nothing.
    let says_something = |text: &str| text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if !section(changelog, "Unreleased").is_some_and(says_something) {
        return Err("CHANGELOG.md says nothing under `## Unreleased`: write what has changed".into());
    }
    Ok(changelog.replacen("\n## Unreleased", &format!("\n## Unreleased\n\n## {version} - {date}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# Changelog\n\n## Unreleased\n\n### Added\n\n- New.\n\n## 0.2.0 - 2026-11-22\n\n- Two.\n\n## 0.1.0\n";

    #[test]
    fn each_section_is_found_by_its_whole_name() {
        assert_eq!(section(TEXT, "Unreleased"), Some("### Added\n\n- New."));
        assert_eq!(section(TEXT, "0.2.0"), Some("- Two."));
        assert_eq!(section(TEXT, "0.1.0"), Some(""));
        assert_eq!(section(TEXT, "0.1"), None);
    }

    #[test]
    fn a_release_adds_one_heading() {
        let released = release(TEXT, &Version::new(0, 3, 0), "2026-12-03").unwrap();
        assert_eq!(section(&released, "0.3.0"), section(TEXT, "Unreleased"));
        assert_eq!(section(&released, "Unreleased"), Some(""));
        assert_eq!(released.replacen("## 0.3.0 - 2026-12-03\n\n", "", 1), TEXT);
    }

    #[test]
    fn what_cannot_be_released_is_refused() {
        let refusal = |text| release(text, &Version::new(0, 2, 0), "2026-12-03").unwrap_err().to_string();
        assert!(refusal(TEXT).starts_with("CHANGELOG.md has a heading for 0.2.0 already"));
        for text in ["# Changelog\n", "\n## Unreleased\n\n### Added\n\n## 0.1.0\n\n- One.\n"] {
            assert!(refusal(text).starts_with("CHANGELOG.md says nothing under `## Unreleased`"), "{text}");
        }
    }
}
