//! What the code of one module imports and names, read token by token: the lexer is that of procedural macros.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The code of one module, without its tests and without its inline modules.
#[derive(Default)]
pub(super) struct Scope {
    /// Its name within the file: empty for the file itself, otherwise that of an inline module.
    pub(super) path: Vec<String>,
    pub(super) uses: Vec<Use>,
    /// Paths in the code, also those of one name.
    pub(super) paths: Vec<Vec<String>>,
    /// The modules that are there for tests alone.
    pub(super) tests: Vec<String>,
}

/// One name of a `use` declaration.
pub(super) struct Use {
    /// Ends with `*` for a glob.
    pub(super) path: Vec<String>,
    /// The name in this module; `None` for a glob and for `_`.
    pub(super) name: Option<String>,
    pub(super) is_public: bool,
}

/// The module of a file and its inline modules, the file's own first.
pub(super) fn scopes(text: &str) -> Result<Vec<Scope>, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("not Rust: {error}"))?;
    let mut scopes = Vec::new();
    read_scope(Vec::new(), tokens, &mut scopes);
    Ok(scopes)
}

fn read_scope(path: Vec<String>, tokens: TokenStream, scopes: &mut Vec<Scope>) {
    let at = scopes.len();
    scopes.push(Scope { path, ..Scope::default() });
    let mut inline = Vec::new();
    scopes[at].read(tokens, &mut inline);
    for (name, tokens) in inline {
        let path = scopes[at].path.iter().cloned().chain([name]).collect();
        read_scope(path, tokens, scopes);
    }
}

impl Scope {
    fn read(&mut self, tokens: TokenStream, inline: &mut Vec<(String, TokenStream)>) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = &tokens[..];
        let mut is_public = false;
        while let Some(token) = rest.first() {
            let skipped = match rest {
                [TokenTree::Punct(mark), TokenTree::Group(group), ..]
                    if mark.as_char() == '#' && is_for_tests(group.stream()) =>
                {
                    2 + self.skip_test(&rest[2..])
                }
                // What may see an item is not a part of its code.
                [TokenTree::Ident(word), TokenTree::Group(group), ..]
                    if word == "pub" && group.delimiter() == Delimiter::Parenthesis =>
                {
                    is_public = true;
                    2
                }
                [TokenTree::Ident(word), ..] if word == "pub" => {
                    is_public = true;
                    1
                }
                [TokenTree::Ident(word), next, ..] if word == "use" && !is(next, '<') => {
                    let length = item_length(rest);
                    self.read_use(&rest[1..length - 1], &[], is_public);
                    length
                }
                [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(group), ..] if word == "mod" => {
                    inline.push((name.to_string(), group.stream()));
                    3
                }
                [TokenTree::Ident(word), TokenTree::Ident(_), ..] if word == "mod" => 2,
                [TokenTree::Ident(_), ..] => self.read_path(rest),
                [TokenTree::Group(group), ..] => {
                    self.read(group.stream(), inline);
                    1
                }
                [first, second, ..] if is(first, '.') && is(second, '.') => 2,
                // The name of a field or a method, or what a path goes on with after its generic arguments.
                [TokenTree::Punct(mark), TokenTree::Ident(_), ..] if mark.as_char() == '.' => 2,
                [first, second, TokenTree::Ident(_), ..] if is(first, ':') && is(second, ':') => 3,
                _ => 1,
            };
            is_public = is_public && matches!(token, TokenTree::Ident(word) if word == "pub");
            rest = &rest[skipped..];
        }
    }

    /// Skips the item that is there for tests alone, and gives its length.
    fn skip_test(&mut self, rest: &[TokenTree]) -> usize {
        let length = item_length(rest);
        let mut words = rest[..length].iter().skip_while(|token| !is_word(token, "mod"));
        self.tests.extend(words.nth(1).map(TokenTree::to_string));
        length
    }

    fn read_path(&mut self, rest: &[TokenTree]) -> usize {
        let (path, length) = path_at(rest);
        self.paths.push(path);
        length
    }

    /// One tree of a `use` declaration, such as `a::{b, c as d, e::*}`.
    fn read_use(&mut self, tree: &[TokenTree], before: &[String], is_public: bool) {
        if tree.first().is_some_and(|token| is(token, ':')) {
            return; // `::name` is another crate.
        }
        let (path, length) = path_at(tree);
        let mut path: Vec<String> = before.iter().cloned().chain(path).collect();
        let rest = &tree[length..];
        match rest.iter().find(|token| !is(token, ':')) {
            Some(TokenTree::Group(group)) => {
                let trees: Vec<TokenTree> = group.stream().into_iter().collect();
                trees.split(|token| is(token, ',')).for_each(|tree| self.read_use(tree, &path, is_public));
            }
            Some(token) if is(token, '*') => {
                path.push("*".to_owned());
                self.uses.push(Use { path, name: None, is_public });
            }
            alias => {
                if path.last().is_some_and(|name| name == "self") {
                    path.pop();
                }
                let alias = alias.and(rest.last()).map(TokenTree::to_string);
                let name = alias.or_else(|| path.last().cloned()).filter(|name| name != "_");
                if !path.is_empty() {
                    self.uses.push(Use { path, name, is_public });
                }
            }
        }
    }
}

/// The names of the path at the beginning, and how many tokens they take. A keyword is a path of one name.
fn path_at(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let (mut path, mut length) = (Vec::new(), 0);
    while let Some(TokenTree::Ident(name)) = tokens.get(length) {
        path.push(name.to_string());
        match &tokens[length + 1..] {
            [one, two, TokenTree::Ident(_), ..] if is(one, ':') && is(two, ':') => length += 3,
            _ => return (path, length + 1),
        }
    }
    (path, length)
}

/// How many tokens the item has that begins here: it ends with its braces or with a semicolon.
fn item_length(tokens: &[TokenTree]) -> usize {
    let is_brace = |token: &TokenTree| matches!(token, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace);
    // The braces of a `use` are not its end.
    let end = match tokens.iter().position(|token| is(token, ';') || is_brace(token)) {
        Some(end) if tokens[..end].iter().any(|token| is_word(token, "use")) => {
            tokens.iter().position(|token| is(token, ';'))
        }
        end => end,
    };
    end.map_or(tokens.len(), |end| end + 1)
}

/// `cfg(test)` or `cfg(all(test, …))`.
fn is_for_tests(attribute: TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
