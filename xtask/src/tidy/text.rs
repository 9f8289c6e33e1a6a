//! Rules for any text: what no file may hold, line by line, and how long it may be.

use super::house::{File, House};

pub(crate) fn check(house: &House) -> Vec<String> {
    house.files.iter().flat_map(complaints_about).collect()
}

/// A rule for lines: which files it is for, which lines break it, and what it says.
struct LineRule {
    says: &'static str,
    holds_for: fn(&str) -> bool,
    is_broken_by: fn(&str) -> bool,
}

const LINE_RULES: [LineRule; 7] = [
    LineRule {
        says: "unfinished work has no place here: finish it, or write it down elsewhere",
        holds_for: is_source,
        is_broken_by: |line| UNFINISHED.iter().any(|mark| line.contains(&mark.concat())),
    },
    LineRule {
        says: "a path of somebody's machine: write it from the root of the repository",
        holds_for: |_| true,
        is_broken_by: names_a_machine_path,
    },
    LineRule {
        says: "the host of a package registry: say \"the public registry\", or link to docs.rs",
        // A lock file says where each package is from, in cargo's own words.
        holds_for: |path| path.rsplit('/').next() != Some("Cargo.lock"),
        is_broken_by: |line| REGISTRY_HOSTS.iter().any(|host| line.contains(&host.concat())),
    },
    LineRule { says: "a merge is unfinished: choose a side", holds_for: |_| true, is_broken_by: is_conflict_mark },
    LineRule {
        says: "white space at the end of the line: remove it",
        holds_for: |_| true,
        is_broken_by: |line| line.ends_with(char::is_whitespace),
    },
    LineRule {
        says: "a tab: indent with spaces, or write it as \\t",
        holds_for: |path| path.ends_with(".rs") || path.ends_with(".md"),
        is_broken_by: |line| line.contains('\t'),
    },
    LineRule {
        says: "an example that nobody compiles: mend it, or mark it `no_run`, or `text` if it is not Rust",
        holds_for: |path| path.ends_with(".rs") || path.ends_with(".md"),
        is_broken_by: opens_an_ignored_example,
    },
];

/// These and the next are in two parts each, so that this file does not break its own rules.
const UNFINISHED: [[&str; 2]; 5] =
    [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("], ["#[ig", "nore"]];

const MACHINE_PATHS: [[&str; 2]; 6] =
    [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/Us", "ers/"], [":\\", "Users"], [":\\\\", "Users"]];

const REGISTRY_HOSTS: [[&str; 2]; 3] = [["pypi", ".org"], ["npmjs", ".org"], ["npmjs", ".com"]];

const MAX_LINES: usize = 500;

fn complaints_about(file: &File) -> Vec<String> {
    let path = &file.path;
    let rules: Vec<&LineRule> = LINE_RULES.iter().filter(|rule| (rule.holds_for)(path)).collect();
    let mut complaints = Vec::new();
    // Not `lines`, which hides the `\r` of a line end.
    for (line, number) in file.text.split('\n').zip(1..) {
        let broken = rules.iter().filter(|rule| (rule.is_broken_by)(line));
        complaints.extend(broken.map(|rule| format!("{path}:{number}: {}", rule.says)));
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        complaints.push(format!("{path}: the last line does not end: add a line end"));
    }
    let lines = file.text.lines().count();
    if is_code(path) && lines > MAX_LINES {
        complaints.push(format!("{path}: {lines} lines, more than {MAX_LINES}: split it by what its parts are about"));
    }
    complaints
}

fn is_source(path: &str) -> bool {
    path.ends_with(".rs") || path.ends_with(".toml") || path.ends_with(".md")
}

/// Code, but for tests in files of their own, which may go on for as long as there are cases.
fn is_code(path: &str) -> bool {
    path.ends_with(".rs") && path.contains("src/") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
}

/// At the beginning of a path: a URL or a path of the repository may have a folder of the same name further down.
fn names_a_machine_path(line: &str) -> bool {
    let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~}".contains(c));
    let is_drive = |at: usize| line[..at].ends_with(|c: char| c.is_ascii_alphabetic());
    MACHINE_PATHS.iter().any(|path| {
        let path = path.concat();
        line.match_indices(&path).any(|(at, _)| if path.starts_with(':') { is_drive(at) } else { begins(at) })
    })
}

fn is_conflict_mark(line: &str) -> bool {
    let seven = |mark: char| line.chars().take_while(|c| *c == mark).count() == 7;
    let alone = |mark: char| seven(mark) && matches!(line.as_bytes().get(7), None | Some(b' '));
    alone('<') || alone('>') || alone('|') || (alone('=') && line.len() == 7)
}

/// The opening line of a fence that says `ignore`, in Markdown or in a doc comment, in a list or in a quotation.
fn opens_an_ignored_example(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "/!*>-+".contains(c));
    let words = line.trim_start_matches(['`', '~']);
    let is_fence = line.len() - words.len() >= 3;
    is_fence && words.split([',', ' ', '{', '}', '.']).any(|word| word == "ignore" || word.starts_with("ignore-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(path: &str, text: &str) -> Vec<String> {
        complaints_about(&File { path: path.to_owned(), text: text.to_owned() })
    }

    #[track_caller]
    fn breaks(path: &str, line: &str, rule: &str) {
        let complaints = about(path, &format!("first\n{line}\n"));
        assert_eq!(complaints.len(), 1, "{line:?}: {complaints:?}");
        let (place, says) = complaints[0].split_at(path.len() + 4);
        assert_eq!(place, format!("{path}:2: "));
        assert!(says.contains(rule), "{line:?}: {says}");
    }

    #[track_caller]
    fn is_fine(path: &str, line: &str) {
        assert_eq!(about(path, &format!("{line}\n")), [""; 0], "{line:?}");
    }

    #[test]
    fn unfinished_work_is_found() {
        for mark in UNFINISHED {
            breaks("crates/x/src/lib.rs", &format!("    {} later", mark.concat()), "unfinished");
            is_fine("run.sh", &mark.concat());
        }
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        for path in MACHINE_PATHS {
            let drive = if path[0].starts_with(':') { "C" } else { "" };
            breaks("docs/x.md", &format!("see `{drive}{}me/x`", path.concat()), "machine");
        }
        breaks("x.yaml", &format!("file://{}x", MACHINE_PATHS[0].concat()), "machine");
        is_fine(
            "docs/x.md",
            &format!("https://example.com{}x and crates{}x", MACHINE_PATHS[0].concat(), MACHINE_PATHS[2].concat()),
        );
    }

    #[test]
    fn hosts_of_registries_are_found() {
        for host in REGISTRY_HOSTS {
            breaks("x/package.json", &format!("https://www.{}/x", host.concat()), "registry");
        }
        for lock in ["Cargo.lock", "crates/x/Cargo.lock"] {
            is_fine(lock, &format!("source = \"{}\"", REGISTRY_HOSTS[0].concat()));
        }
        is_fine("README.md", "https://docs.rs/delete-core");
    }

    #[test]
    fn unfinished_merges_are_found() {
        for mark in ['<', '>', '|', '='] {
            breaks("x.toml", &mark.to_string().repeat(7), "merge");
        }
        breaks("x.toml", &format!("{} HEAD", "<".repeat(7)), "merge");
        is_fine("x.md", &"=".repeat(20));
        is_fine("x.md", "a ||||||| b");
    }

    #[test]
    fn what_nobody_sees_is_found() {
        breaks("run.sh", "x ", "white space");
        breaks("run.sh", "x\r", "white space");
        breaks("docs/x.md", "a\tb", "tab");
        is_fine("Makefile", "\tmake");
        assert_eq!(about("x.sh", "no end"), ["x.sh: the last line does not end: add a line end"]);
        assert_eq!(about("empty", ""), [""; 0]);
    }

    #[test]
    fn ignored_examples_are_found() {
        let fence = "```";
        for before in ["", "/// ", "    //! ", "/** ", " * ", "///> ", "    "] {
            for after in ["ignore", "rust,ignore", "`ignore", " ignore-windows", "{.ignore}"] {
                breaks("crates/x/src/lib.rs", &format!("{before}{fence}{after}"), "nobody compiles");
                breaks("crates/x/README.md", &format!("{before}{fence}{after}"), "nobody compiles");
            }
        }
        breaks("docs/x.md", "- ~~~ignore", "nobody compiles");
        for line in [format!("{fence}rust,no_run"), format!("{fence}text"), "gitignore, ignore".to_owned()] {
            is_fine("docs/x.md", &line);
        }
    }

    #[test]
    fn long_files_are_found() {
        let long = "//\n".repeat(MAX_LINES + 1);
        assert!(about("crates/x/src/lib.rs", &long)[0].contains("501 lines"));
        assert_eq!(about("crates/x/src/lib.rs", &"//\n".repeat(MAX_LINES)), [""; 0]);
        for path in ["crates/x/src/ids/tests.rs", "crates/x/tests/src/main.rs", "docs/x.md"] {
            assert_eq!(about(path, &long), [""; 0]);
        }
    }
}
