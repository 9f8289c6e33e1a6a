//! Runs what the cookbook and the tutorial tell their readers to type, against fake vendors.

// The recipes use `timeout` and `sha256sum`.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod deploy;
mod document;
mod pattern;
mod runner;
mod sandbox;

use std::fs;
use std::thread;

use crate::document::{Document, Recipe, Step};
use crate::sandbox::{Sandbox, is_installed, repository};

#[test]
fn every_recipe_of_the_cookbook_works() {
    works("docs/cookbook.md");
}

#[test]
fn the_tutorial_works() {
    works("docs/tutorial.md");
}

fn works(page: &str) {
    let markdown = fs::read_to_string(repository().join(page)).unwrap();
    let document = Document::parse(&markdown).unwrap_or_else(|problem| panic!("{page}, {problem}"));
    assert!(document.recipes.iter().any(|recipe| !recipe.steps.is_empty()), "{page} has nothing to run");
    let problems = [problems_of_excerpts(&document), problems_of_recipes(&document.recipes)].concat();
    assert!(problems.is_empty(), "{page}:\n{}", problems.join("\n\n"));
}

/// Each recipe has a home and fakes of its own, so they run side by side.
fn problems_of_recipes(recipes: &[Recipe]) -> Vec<String> {
    thread::scope(|scope| {
        let start = |recipe| (recipe, scope.spawn(move || Sandbox::new().run(recipe)));
        let runs: Vec<_> = recipes.iter().filter(|recipe| has_its_tools(recipe)).map(start).collect();
        let problem = |(recipe, run): (&Recipe, thread::ScopedJoinHandle<'_, Result<(), String>>)| {
            run.join().unwrap().err().map(|problem| format!("{}, {problem}", recipe.title))
        };
        runs.into_iter().filter_map(problem).collect()
    })
}

/// What the recipes use that not every system has.
const TOOLS: [&str; 5] = ["iconv", "jq", "node", "python3", "unzip"];

fn has_its_tools(recipe: &Recipe) -> bool {
    let names = |step: &Step, tool| step.script.split(|c: char| !c.is_alphanumeric()).any(|word| word == tool);
    let uses = |tool| recipe.steps.iter().any(|step| names(step, tool));
    let is_there = |tool| !uses(tool) || is_installed(tool);
    recipe.steps.is_empty() || is_installed("bash") && TOOLS.into_iter().all(is_there)
}

fn problems_of_excerpts(document: &Document) -> Vec<String> {
    let is_wrong = |file: &str, text: &str| {
        let original = fs::read_to_string(repository().join(file)).unwrap_or_default();
        !dedented(&original).contains(&dedented(text))
    };
    let excerpts = document.excerpts.iter().filter(|excerpt| is_wrong(&excerpt.file, &excerpt.text));
    excerpts.map(|excerpt| format!("line {}: this is not in {}", excerpt.line, excerpt.file)).collect()
}

/// An excerpt may leave out the white space at the beginning of its lines.
fn dedented(text: &str) -> String {
    text.trim().lines().map(|line| line.trim().to_owned() + "\n").collect()
}
