//! The modules of one crate, and in which file each name is defined.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Scope, scopes};

/// For each file, the files it imports, with the names.
pub(super) type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<String>>>;

/// All modules by their paths from the root of the crate.
pub(super) struct Modules<'a> {
    modules: BTreeMap<Vec<String>, Module<'a>>,
}

struct Module<'a> {
    file: &'a str,
    scope: Scope,
}

/// An item and the module that defines it.
struct Definition<'a> {
    file: &'a str,
    name: String,
}

/// More re-exports of re-exports than a crate has: only names that lead to themselves come here.
const MAX_HOPS: usize = 16;

impl<'a> Modules<'a> {
    /// Reads the files of a crate, each a path from `src` and a text.
    pub(super) fn of(files: &[(&'a str, &'a str)]) -> Result<Self, String> {
        let has_library = files.iter().any(|(path, _)| *path == "lib.rs");
        // A program beside a library imports the library, never the other way round.
        let is_of_program = |path: &str| has_library && (path == "main.rs" || path.starts_with("bin/"));
        let mut modules = BTreeMap::new();
        let mut tests = Vec::new();
        for (file, text) in files.iter().copied().filter(|(file, _)| !is_of_program(file)) {
            for scope in scopes(text).map_err(|error| format!("{file}: {error}"))? {
                let path = [module_path(file), scope.path.clone()].concat();
                tests.extend(scope.tests.iter().map(|name| [&path[..], std::slice::from_ref(name)].concat()));
                modules.insert(path, Module { file, scope });
            }
        }
        modules.retain(|path, _| !tests.iter().any(|test| path.starts_with(test)));
        Ok(Self { modules })
    }

    /// What each file imports of the others.
    pub(super) fn imports(&self) -> Imports<'a> {
        let mut imports = Imports::new();
        for (path, module) in &self.modules {
            let imported = imports.entry(module.file).or_default();
            let of_others = self.definitions_named_by(path, module).filter(|it| it.file != module.file);
            for Definition { file, name } in of_others {
                imported.entry(file).or_default().insert(name);
            }
        }
        imports
    }

    /// A name that is only handed on counts where it is used.
    fn definitions_named_by(&self, at: &[String], module: &Module<'a>) -> impl Iterator<Item = Definition<'a>> {
        let private = module.scope.uses.iter().filter(|it| !it.is_public).map(|it| &it.path);
        private.chain(&module.scope.paths).filter_map(move |path| self.definition(&absolute(at, path), 0))
    }

    /// Follows a path from the root of the crate to the item it leads to; `None` if that is a module.
    fn definition(&self, path: &[String], hops: usize) -> Option<Definition<'a>> {
        let depth = (0..=path.len()).rev().find(|depth| self.modules.contains_key(&path[..*depth]))?;
        let (at, rest) = path.split_at(depth);
        let name = rest.first()?;
        let module = &self.modules[at];
        let import = module.scope.uses.iter().find(|import| import.name.as_ref() == Some(name));
        match import.filter(|_| hops < MAX_HOPS) {
            Some(import) => {
                let next = [absolute(at, &import.path), rest[1..].to_vec()].concat();
                // The name of another crate's item, as far as this one is concerned, is defined by its `use`.
                self.definition(&next, hops + 1)
            }
            None => Some(Definition { file: module.file, name: name.clone() }),
        }
    }
}

/// The path from the root of the crate, where it is written in this module.
fn absolute(at: &[String], path: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|name| *name == "super").count();
    match path.first().map(String::as_str) {
        Some("crate") => path[1..].to_vec(),
        Some("self") => [at, &path[1..]].concat(),
        _ => [&at[..at.len().saturating_sub(supers)], &path[supers..]].concat(),
    }
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`; the file of the crate is its root.
fn module_path(file: &str) -> Vec<String> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if ["lib", "main"].contains(&path) { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}
