//! The runner itself: a page with a fault must not pass.

use crate::document::Document;
use crate::problems_of_recipes;
use crate::sandbox::is_installed;

#[track_caller]
fn runs(blocks: &str) -> Vec<String> {
    let document = Document::parse(&format!("# Page\n\n## First\n\n{blocks}\n")).unwrap();
    problems_of_recipes(&document.recipes)
}

#[track_caller]
fn fails(blocks: &str, problem: &str) {
    if !is_installed("bash") {
        return;
    }
    let problems = runs(blocks);
    assert!(matches!(&*problems, [one] if one.contains(problem)), "{problems:#?}");
}

#[test]
fn a_block_that_does_what_the_page_shows_passes() {
    assert_eq!(
        runs(
            "```sh\nname=world\n```\n\n```sh\necho \"hello $name\"\n(exit 3)   # exits 3\n```\n\n```text\nhello …\n```"
        ),
        [""; 0]
    );
    assert_eq!(runs("```sh\nconversation-delete list tavus | sort\n```\n\n```text\nc4711\n…\nc4715\n```"), [""; 0]);
}

#[test]
fn a_command_that_fails_is_found() {
    fails("```sh\ntrue\n```\n\n```sh\nfalse\ntrue\n```\n\n```sh\ntrue\n```", "line 9: the shell ended with");
    fails("```sh\nfalse | true\n```", "the shell ended with");
    fails("```sh\necho $unknown\n```", "unbound variable");
    fails("```sh\nif\n```", "syntax error");
}

#[test]
fn another_exit_status_than_the_page_names_is_found() {
    fails("```sh\n(exit 4) # exits 3\n```", "exit status 4 instead of 3");
    fails("```sh\ntrue # exits 3\n```", "exit status 0 instead of 3");
    fails("```sh\n(exit 3) # exits 0\n```", "exit status 3 instead of 0");
}

#[test]
fn another_output_than_the_page_shows_is_found() {
    fails("```sh\necho hello\n```\n\n```text\nbye\n```", "this is not its output:\nbye");
    fails("```sh\necho hello >&2\n```\n\n```text\n```", "this is not its output");
}

#[test]
fn a_block_that_nothing_checks_is_refused() {
    for block in ["```sh ignore\ntrue\n```", "```python\n1\n```", "```\nls\n```", "    ls\n", "```text\nwhat\n```"] {
        assert!(Document::parse(&format!("## A\n\n{block}\n")).is_err(), "{block}");
    }
    assert!(Document::parse("```sh\ntrue\n```\n").is_err(), "it is in no recipe");
}
