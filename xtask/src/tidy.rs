//! House rules that no compiler knows.

use xshell::{Shell, cmd};

use crate::Result;

pub(crate) fn check(shell: &Shell) -> Result<()> {
    let mut complaints = Vec::new();
    for path in cmd!(shell, "git ls-files").read()?.lines() {
        // A file that is deleted but not yet committed, or that is no text, says nothing.
        if let Ok(text) = shell.read_file(path) {
            complaints.extend(complaints_about(path, &text));
        }
    }
    match complaints.len() {
        0 => Ok(()),
        count => Err(format!("{count} house rules are broken:\n{}", complaints.join("\n")).into()),
    }
}

fn complaints_about(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().zip(1..);
    let about = |rule: &str, breaks: &dyn Fn(&str) -> bool| -> Vec<String> {
        let broken = lines.clone().filter(|(line, _)| breaks(line));
        broken.map(|(_, number)| format!("{path}:{number}: {rule}")).collect()
    };
    let mut complaints = Vec::new();
    if !may_name_reqwest(path) {
        complaints.extend(about("only delete-core may name reqwest", &|line| names_reqwest(path, line)));
    }
    if is_source(path) {
        complaints.extend(about("unfinished work has no place here", &|line| {
            UNFINISHED.iter().any(|mark| line.contains(&mark.concat()))
        }));
    }
    complaints
}

/// In two parts each, so that this file does not break its own rule.
const UNFINISHED: [[&str; 2]; 5] =
    [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("], ["#[ig", "nore"]];

fn is_source(path: &str) -> bool {
    path.ends_with(".rs") || path.ends_with(".toml") || path.ends_with(".md")
}

/// The one crate that speaks HTTP, and the manifest that fixes versions for all.
fn may_name_reqwest(path: &str) -> bool {
    path.starts_with("crates/delete-core/") || path == "Cargo.toml" || path.starts_with("xtask/")
}

/// As a path in code, or as a dependency. Prose may say the word.
fn names_reqwest(path: &str, line: &str) -> bool {
    let line = line.trim_start();
    if path.ends_with(".rs") {
        !line.starts_with("//") && ["reqwest::", "use reqwest", "crate reqwest"].iter().any(|form| line.contains(form))
    } else {
        let forms = ["dependencies.reqwest", "package = \"reqwest\""];
        path.ends_with("Cargo.toml") && (line.starts_with("reqwest") || forms.iter().any(|form| line.contains(form)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reqwest_outside_of_the_core_is_found() {
        let complaints =
            complaints_about("crates/tavus-delete/src/client.rs", "//! reqwest::x\nuse reqwest::Client;\n");
        assert_eq!(complaints, ["crates/tavus-delete/src/client.rs:2: only delete-core may name reqwest"]);
        assert_eq!(complaints_about("crates/tavus-delete/Cargo.toml", "reqwest.workspace = true\n").len(), 1);
        assert_eq!(complaints_about("crates/tavus-delete/Cargo.toml", "x = { package = \"reqwest\" }\n").len(), 1);
        assert!(complaints_about("crates/delete-core/src/x.rs", "use reqwest::Client;\n").is_empty());
        assert!(complaints_about("docs/architecture.md", "Only delete-core names reqwest.\n").is_empty());
    }

    #[test]
    fn unfinished_work_is_found() {
        for mark in UNFINISHED {
            assert_eq!(complaints_about("crates/x/src/lib.rs", &format!("    {} later\n", mark.concat())).len(), 1);
        }
    }
}
