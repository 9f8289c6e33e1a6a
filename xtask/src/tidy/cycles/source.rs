//! What the modules of a crate import and name, read token by token: the lexer is that of procedural macros.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The names of a path, or of the modules from the root of the crate.
pub(super) type Path = Vec<String>;

/// The code of one module, without its tests and without its inline modules.
#[derive(Default)]
pub(super) struct Module<'a> {
    pub(super) file: &'a str,
    /// What a `use` declaration, also a public one, brings into the module by its name.
    pub(super) names: BTreeMap<String, Path>,
    /// Paths in the code, also those of one name, and those of private `use` declarations. A glob ends with `*`.
    pub(super) paths: Vec<Path>,
}

/// Reads the files of a crate, each a path from `src` and a text.
pub(super) fn modules<'a>(files: &[(&'a str, &str)]) -> Result<BTreeMap<Path, Module<'a>>, String> {
    let has_library = files.iter().any(|(path, _)| *path == "lib.rs");
    // A program beside a library imports the library, never the other way round.
    let is_of_program = |path: &str| has_library && (path == "main.rs" || path.starts_with("bin/"));
    let (mut modules, mut tests) = (BTreeMap::new(), Vec::new());
    for (file, text) in files.iter().filter(|(file, _)| !is_of_program(file)) {
        let stream: TokenStream = text.parse().map_err(|error| format!("{file}: not Rust: {error}"))?;
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        read(file, &tokens, &mut modules, &mut tests);
    }
    modules.retain(|path, _| !tests.iter().any(|test| path.starts_with(test)));
    Ok(modules)
}

/// All tokens in one row, without what a literal says.
fn flatten(stream: TokenStream, tokens: &mut Vec<String>) {
    for token in stream {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis | Delimiter::None => ("(", ")"),
                };
                tokens.push(open.to_owned());
                flatten(group.stream(), tokens);
                tokens.push(close.to_owned());
            }
            TokenTree::Literal(_) => tokens.push("0".to_owned()),
            other => tokens.push(other.to_string()),
        }
    }
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`; the file of the crate is its root.
fn module_path(file: &str) -> Path {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if ["lib", "main"].contains(&path) { Path::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Reads the module of a file and its inline modules, and adds the paths of modules that are for tests alone.
fn read<'a>(file: &'a str, tokens: &[&str], modules: &mut BTreeMap<Path, Module<'a>>, tests: &mut Vec<Path>) {
    let mut at = 0;
    // What each open brace belongs to: a module by its name, or anything else.
    let mut braces: Vec<Option<&str>> = Vec::new();
    while let Some(token) = tokens.get(at) {
        let inline = braces.iter().flatten().map(|name| (*name).to_owned());
        let path: Path = module_path(file).into_iter().chain(inline).collect();
        let module = modules.entry(path.clone()).or_default();
        module.file = file;
        let rest = &tokens[at..];
        at += match rest {
            ["#", "[", "cfg", "(", "test", ")", ..] | ["#", "[", "cfg", "(", "all", "(", "test", ..] => {
                let length = item_length(rest);
                let name = rest[..length].iter().skip_while(|token| **token != "mod").nth(1);
                tests.extend(name.map(|name| [&path[..], &[(*name).to_owned()]].concat()));
                length
            }
            ["mod", name, "{", ..] => {
                braces.push(Some(name));
                3
            }
            ["mod", _, ";", ..] => 3,
            ["use", ":", ":", ..] => item_length(rest), // Another crate.
            ["use", ..] => {
                let length = item_length(rest);
                let is_public = at > 0 && ["pub", ")"].contains(&tokens[at - 1]);
                for (name, path) in names_of(&rest[1..length]) {
                    module.paths.extend((!is_public).then(|| path.clone()));
                    module.names.insert(name, path);
                }
                length
            }
            ["{", ..] => {
                braces.push(None);
                1
            }
            ["}", ..] => {
                braces.pop();
                1
            }
            [".", ".", ..] => 2,
            // The name of a field or a method.
            [".", name, ..] if is_name(name) => 2,
            // What a path goes on with after its generic arguments.
            [":", ":", name, ..] if is_name(name) => 3,
            _ if is_name(token) => {
                let more = rest[1..].chunks(3).map_while(|next| match next {
                    [":", ":", name] if is_name(name) => Some((*name).to_owned()),
                    _ => None,
                });
                let path: Path = [(*token).to_owned()].into_iter().chain(more).collect();
                let length = 3 * path.len() - 2;
                module.paths.push(path);
                length
            }
            _ => 1,
        };
    }
}

/// How many tokens the item has that begins here: it ends with its braces, with a semicolon or with what it is in.
fn item_length(tokens: &[&str]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 0 => return at,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        // The braces of a `use` are not its end.
        let is_end = *token == ";" || *token == "}" && tokens.get(at + 1) != Some(&";");
        if depth == 0 && is_end {
            return at + 1;
        }
    }
    tokens.len()
}

/// The names that a `use` declaration such as `a::{b, c as d, e::*};` brings, with their paths.
fn names_of(tokens: &[&str]) -> Vec<(String, Path)> {
    let (mut names, mut path, mut depths, mut name, mut is_renamed) =
        (Vec::new(), Path::new(), Vec::new(), None, false);
    for token in tokens {
        match *token {
            ":" => {}
            "as" => is_renamed = true,
            "self" if !path.is_empty() => name = path.last().cloned(),
            "{" => {
                depths.push(path.len());
                name = None;
            }
            "," | "}" | ";" => {
                names.extend(name.take().map(|name| (name, path.clone())));
                if *token == "}" {
                    depths.pop();
                }
                path.truncate(depths.last().copied().unwrap_or_default());
            }
            word => {
                if !std::mem::take(&mut is_renamed) {
                    path.push(word.to_owned());
                }
                name = Some(word.to_owned());
            }
        }
    }
    names
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}
