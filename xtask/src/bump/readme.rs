//! The versions of our own crates that a README shows in its blocks of code.

use std::collections::BTreeSet;

use cargo_metadata::semver::{Op, Version, VersionReq};

use super::text::{Part, with_parts};
use crate::markdown;
use crate::requirement::requirements;

/// The README with this version wherever a block of code asks for a member. How many numbers are shown stays.
pub(super) fn with_version(text: &str, members: &BTreeSet<String>, version: &Version) -> String {
    let mut parts: Vec<Part> = Vec::new();
    for line in markdown::code_lines(text) {
        for requirement in requirements(line.text, members) {
            let range = requirement.range();
            let range = line.start + range.start..line.start + range.end;
            parts.extend(like(requirement.version, version).map(|asked| (range, asked)));
        }
    }
    with_parts(text, parts)
}

/// The new version in the form of the one that was asked for; `None` if the form is unknown.
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
