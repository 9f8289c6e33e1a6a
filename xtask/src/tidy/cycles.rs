//! No import cycles between the files of a crate, so that each can be read and changed after those it imports.
//!
//! File A imports file B if A's code names an item that B defines, in a `use` or by a path. A name that a module only
//! re-exports counts as an import of the file that defines it. `mod` declarations and tests do not count.

mod modules;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use super::house::{House, Member};
use modules::{Imports, Modules};

/// Crates whose files import each other in cycles today, until they are restructured.
const EXEMPT: [&str; 2] = ["conversation-delete-fake", "conversation-delete-job"];

pub(crate) fn check(house: &House) -> Vec<String> {
    let checked = house.members.iter().filter(|member| !EXEMPT.contains(&member.package.name.as_str()));
    checked.flat_map(|member| complaints_about(house, member)).collect()
}

fn complaints_about(house: &House, member: &Member) -> Vec<String> {
    let folder = format!("{}/src/", member.folder());
    let files = house.files.iter().filter_map(|file| Some((file.path.strip_prefix(&folder)?, file.text.as_str())));
    let complaint = |what: String| format!("{folder}{what}");
    match Modules::of(&files.filter(|(path, _)| path.ends_with(".rs")).collect::<Vec<_>>()) {
        Ok(modules) => cycles(&modules.imports()).into_iter().map(complaint).collect(),
        Err(unreadable) => vec![complaint(unreadable)],
    }
}

/// One line for each set of files that all import each other, directly or not.
fn cycles(imports: &Imports<'_>) -> Vec<String> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (*file, reached_from(file, imports))).collect();
    let mut told = BTreeSet::new();
    let mut lines = Vec::new();
    for (file, others) in &reached {
        if others.contains(file) && !told.contains(file) {
            let cycle: BTreeSet<&str> = others.iter().copied().filter(|other| reached[other].contains(file)).collect();
            lines.push(described(file, &cycle, imports));
            told.extend(cycle);
        }
    }
    lines
}

fn reached_from<'a>(file: &'a str, imports: &Imports<'a>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![file];
    while let Some(file) = waiting.pop() {
        waiting.extend(imports[file].keys().filter(|imported| reached.insert(**imported)));
    }
    reached
}

fn described(file: &str, cycle: &BTreeSet<&str>, imports: &Imports<'_>) -> String {
    let from = |file: &str| {
        let within = imports[file].iter().filter(|(imported, _)| cycle.contains(*imported));
        let arrow = |(imported, names): (&&str, &BTreeSet<String>)| {
            format!("{file} -> {imported} ({})", names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        };
        within.map(arrow).collect::<Vec<_>>()
    };
    let arrows: Vec<String> = cycle.iter().flat_map(|file| from(file)).collect();
    format!(
        "{file}: an import cycle of {} files: {}: move what they share to a file that imports none of them",
        cycle.len(),
        arrows.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::sandbox::Sandbox;
    use super::*;

    #[track_caller]
    fn assert_cycles(files: &[(&str, &str)], expected: &[&str]) {
        let modules = Modules::of(files).unwrap();
        let found = cycles(&modules.imports());
        let found: Vec<&str> =
            found.iter().map(|line| line.split(" files: ").nth(1).unwrap().split(": move").next().unwrap()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn files_that_import_each_other_are_found() {
        let files =
            [("lib.rs", "mod a;\nmod b;\n"), ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::a::{A, other};")];
        assert_cycles(&files, &["a.rs -> b.rs (B); b.rs -> a.rs (A, other)"]);
        let long = [
            ("lib.rs", ""),
            ("a.rs", "fn f() -> u8 { crate::b::f() }"),
            ("b.rs", "use super::c;\nfn f() -> u8 { c::f::<u8>() }"),
            ("c.rs", "struct C { a: super::a::A }"),
            ("d.rs", "use crate::{a::A, b, c::{self, C as D}};"),
        ];
        assert_cycles(&long, &["a.rs -> b.rs (f); b.rs -> c.rs (f); c.rs -> a.rs (A)"]);
    }

    #[test]
    fn a_folder_and_its_file_may_be_in_a_cycle_too() {
        let files = [("lib.rs", ""), ("a.rs", "mod b;\nuse b::B;\nstruct A;"), ("a/b.rs", "use super::A;\nstruct B;")];
        assert_cycles(&files, &["a.rs -> a/b.rs (B); a/b.rs -> a.rs (A)"]);
        let macros = [("main.rs", "mod a;\nfn main() { println!(\"{}\", a::f()) }"), ("a.rs", "use crate::main;")];
        assert_cycles(&macros, &["a.rs -> main.rs (main); main.rs -> a.rs (f)"]);
    }

    #[test]
    fn a_name_that_is_handed_on_is_an_import_of_the_file_that_defines_it() {
        let lib = "mod a;\nmod b;\npub use a::A;\npub use b::{B as C};\npub mod kit { pub use crate::b::B; }\n";
        let one_way = [("lib.rs", lib), ("a.rs", "use crate::kit::B;"), ("b.rs", "struct B;")];
        assert_cycles(&one_way, &[]);
        let both_ways = [("lib.rs", lib), ("a.rs", "use crate::kit::B;"), ("b.rs", "use crate::A;")];
        assert_cycles(&both_ways, &["a.rs -> b.rs (B); b.rs -> a.rs (A)"]);
        let used = [("lib.rs", "mod a;\npub use a::A;\nstruct Of(A);"), ("a.rs", "use crate::Of;")];
        assert_cycles(&used, &["a.rs -> lib.rs (Of); lib.rs -> a.rs (A)"]);
    }

    #[test]
    fn tests_comments_and_other_crates_do_not_count() {
        let b = "//! [`crate::a::A`]\n// crate::a::f()\n#[cfg(test)]\nmod tests { use super::*; use crate::a::A; }\n\
                 #[cfg(test)]\nuse crate::a::A;\n#[cfg(all(test, unix))]\nmod more;\nuse ::a::f;\nfn f() { \"crate::a\"; x.a() }";
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "use crate::b::f;"),
            ("b.rs", b),
            ("b/more.rs", "use crate::a::A;"),
        ];
        assert_cycles(&files, &[]);
    }

    #[test]
    fn a_cycle_of_a_member_is_found_and_an_unreadable_file_is_named() {
        let sandbox = Sandbox::tidy();
        sandbox.write("crates/one-delete/src/a.rs", "//! A.\nuse crate::b::B;\n");
        sandbox.write("crates/one-delete/src/b.rs", "//! B.\nuse crate::a::A;\n");
        sandbox.assert_complaint(check, "crates/one-delete/src/a.rs", "an import cycle of 2 files");
        sandbox.write("crates/one-delete/src/b.rs", "//! B.\nfn f() {\n");
        sandbox.assert_complaint(check, "crates/one-delete/src/b.rs", "not Rust");
    }
}
