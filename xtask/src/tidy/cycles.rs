//! No import cycles between the files of a crate, so that each can be read and changed after those it imports.
//!
//! File A imports file B if A's code names an item that B defines, in a `use` or by a path. A name that a module only
//! re-exports counts as an import of the file that defines it. `mod` declarations and tests do not count.

mod source;

use std::collections::{BTreeMap, BTreeSet};

use super::file::File;
use source::{Module, Path, modules};

/// Crates whose files import each other in cycles today, until they are restructured.
const EXEMPT: [&str; 2] = ["crates/conversation-delete-fake", "crates/conversation-delete-job"];

/// For each file, the files it imports, each with a name.
type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut crates: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        // A crate further down is not a member.
        let is_checked = |folder: &str| folder.matches('/').count() < 2 && !EXEMPT.contains(&folder);
        if let Some((folder, path)) = file.path.split_once("/src/").filter(|(folder, _)| is_checked(folder)) {
            crates.entry(folder).or_default().push((path, &file.text));
        }
    }
    let complaints = crates.iter().flat_map(|(folder, files)| match modules(files) {
        Ok(modules) => cycles(&imports(&modules)).into_iter().map(|rule| format!("{folder}/src/{rule}")).collect(),
        Err(unreadable) => vec![format!("{folder}/src/{unreadable}")],
    });
    complaints.collect()
}

fn imports<'a>(modules: &BTreeMap<Path, Module<'a>>) -> Imports<'a> {
    let mut imports = Imports::new();
    for (at, module) in modules {
        let imported = imports.entry(module.file).or_default();
        for path in &module.paths {
            if let Some((file, name)) = definition(modules, &absolute(at, path), 0).filter(|it| it.0 != module.file) {
                imported.insert(file, name);
            }
        }
    }
    imports
}

/// More re-exports of re-exports than a crate has: only names that lead to themselves come here.
const MAX_HOPS: usize = 16;

/// Follows a path from the root of the crate to the file and the name it leads to; `None` if that is a module.
fn definition<'a>(modules: &BTreeMap<Path, Module<'a>>, path: &[String], hops: usize) -> Option<(&'a str, String)> {
    let depth = (0..=path.len()).rev().find(|depth| modules.contains_key(&path[..*depth]))?;
    let (at, rest) = path.split_at(depth);
    let (name, module) = (rest.first()?, &modules[at]);
    match module.names.get(name).filter(|_| hops < MAX_HOPS) {
        Some(path) => definition(modules, &[&absolute(at, path), &rest[1..]].concat(), hops + 1),
        None => Some((module.file, name.clone())),
    }
}

/// The path from the root of the crate of what is written in this module.
fn absolute(at: &[String], path: &[String]) -> Path {
    let supers = path.iter().take_while(|name| *name == "super").count();
    match path.first().map(String::as_str) {
        Some("crate") => path[1..].to_vec(),
        Some("self") => [at, &path[1..]].concat(),
        _ => [&at[..at.len().saturating_sub(supers)], &path[supers..]].concat(),
    }
}

/// One line for each import that leads back to its file.
fn cycles(imports: &Imports<'_>) -> Vec<String> {
    let all =
        imports.iter().flat_map(|(file, imported)| imported.iter().map(move |(other, name)| (*file, *other, name)));
    let back = all.filter(|(file, other, _)| reached_from(other, imports).contains(file));
    let rule = "which leads back to it: move what they share to a file that imports none of them";
    back.map(|(file, other, name)| format!("{file}: it imports {name} of {other}, {rule}")).collect()
}

fn reached_from<'a>(file: &'a str, imports: &Imports<'a>) -> BTreeSet<&'a str> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![file]);
    while let Some(file) = waiting.pop() {
        waiting.extend(imports.get(file).into_iter().flat_map(BTreeMap::keys).filter(|it| reached.insert(**it)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_cycles(files: &[(&str, &str)], expected: &[&str]) {
        let found = cycles(&imports(&modules(files).unwrap()));
        let found: Vec<&str> = found.iter().map(|line| line.split(", which").next().unwrap()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn files_that_import_each_other_are_found() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a.rs", "//! A.\nuse crate::b::B;"),
            ("b.rs", "use crate::a::{A, A as C};"),
        ];
        assert_cycles(&files, &["a.rs: it imports B of b.rs", "b.rs: it imports A of a.rs"]);
        let long = [
            ("lib.rs", ""),
            ("a.rs", "fn f() -> u8 { crate::b::f() }"),
            ("b.rs", "use super::c;\nfn f() -> u8 { 0..c::f::<u8>() }"),
            ("c.rs", "struct C { a: super::a::A }"),
            ("d.rs", "use crate::{a::A, b, c::{self, C as D}};"),
        ];
        let expected = ["a.rs: it imports f of b.rs", "b.rs: it imports f of c.rs", "c.rs: it imports A of a.rs"];
        assert_cycles(&long, &expected);
    }

    #[test]
    fn a_folder_and_its_file_may_be_in_a_cycle_too() {
        let files = [("lib.rs", ""), ("a.rs", "mod b;\nuse b::B;\nstruct A;"), ("a/b.rs", "use super::A;\nstruct B;")];
        assert_cycles(&files, &["a.rs: it imports B of a/b.rs", "a/b.rs: it imports A of a.rs"]);
        let macros = [("main.rs", "mod a;\nfn main() { println!(\"{}\", a::f()) }"), ("a.rs", "use crate::main;")];
        assert_cycles(&macros, &["a.rs: it imports main of main.rs", "main.rs: it imports f of a.rs"]);
    }

    #[test]
    fn a_name_that_is_handed_on_is_an_import_of_the_file_that_defines_it() {
        let lib = "mod a;\nmod b;\npub use a::A;\npub use b::{B as C};\npub mod kit { pub use crate::b::B; }\n";
        let one_way = [("lib.rs", lib), ("a.rs", "use crate::kit::B;"), ("b.rs", "struct B;")];
        assert_cycles(&one_way, &[]);
        let both_ways = [("lib.rs", lib), ("a.rs", "use crate::kit::B;"), ("b.rs", "use crate::A;")];
        assert_cycles(&both_ways, &["a.rs: it imports B of b.rs", "b.rs: it imports A of a.rs"]);
        let used = [("lib.rs", "mod a;\npub use a::A;\nstruct Of(A);"), ("a.rs", "use crate::Of;")];
        assert_cycles(&used, &["a.rs: it imports Of of lib.rs", "lib.rs: it imports A of a.rs"]);
    }

    #[test]
    fn tests_comments_and_other_crates_do_not_count() {
        let b = "//! [`crate::a::A`]\n// crate::a::f()\n#[cfg(test)]\nmod tests { use super::*; use crate::a::A; }\n\
                 #[cfg(test)]\nuse crate::a::{A};\n#[cfg(all(test, unix))]\nmod more;\nuse ::a::f;\nfn f() { \"crate::a\"; x.a() }";
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "use crate::b::f;"),
            ("b.rs", b),
            ("b/more.rs", "use crate::a::A;"),
        ];
        assert_cycles(&files, &[]);
    }

    #[test]
    fn a_cycle_and_an_unreadable_file_are_named_from_the_root() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let a = file("crates/x/src/a.rs", "use crate::b::B;");
        let found = check(&[a, file("crates/x/src/b.rs", "use crate::a::A;")]);
        assert!(found.len() == 2 && found[0].starts_with("crates/x/src/a.rs: it imports B of b.rs"), "{found:?}");
        let found = check(&[file("crates/x/src/b.rs", "fn f() {\n")]);
        assert!(found.len() == 1 && found[0].starts_with("crates/x/src/b.rs: not Rust"), "{found:?}");
    }
}
