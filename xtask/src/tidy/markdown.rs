//! The links of a page in Markdown: as much of the grammar as our own pages use.

use std::collections::BTreeSet;
use std::ops::Range;

/// A link and the line it begins on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) line: usize,
    pub(crate) to: To,
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// `[text](target)`, or the definition `[label]: target`.
    Target(String),
    /// `[text][label]`, `[label][]` or `[label]`, and the page does not define the label.
    Undefined(String),
}

pub(crate) fn links(text: &str) -> Vec<Link> {
    let bare = without_code(text);
    let found: Vec<(usize, Found)> =
        brackets(&bare).filter_map(|it| Some((it.start, read(text, &bare, it)?))).collect();
    let defined: BTreeSet<String> = found.iter().filter_map(|(_, found)| found.defines()).collect();
    let link = |(at, found): (usize, Found)| {
        let to = match found {
            Found::Inline(target) | Found::Definition(_, target) => To::Target(target),
            Found::Reference(label) if defined.contains(&key(&label)) => return None,
            Found::Reference(label) => To::Undefined(label),
        };
        Some(Link { line: text[..at].matches('\n').count() + 1, to })
    };
    found.into_iter().filter_map(link).collect()
}

enum Found {
    Inline(String),
    Definition(String, String),
    Reference(String),
}

impl Found {
    fn defines(&self) -> Option<String> {
        match self {
            Self::Definition(label, _) => Some(key(label)),
            _ => None,
        }
    }
}

/// Labels are compared without regard to case and white space.
fn key(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What a pair of brackets is, by what follows it. A label is read from `text`, where its code still stands.
fn read(text: &str, bare: &str, inside: Range<usize>) -> Option<Found> {
    let label = || text[inside.clone()].to_owned();
    let after = &bare[inside.end + 1..];
    if let Some(target) = after.strip_prefix('(') {
        let target = target.split([')', ' ', '\n']).next()?;
        return Some(Found::Inline(target.to_owned()));
    }
    let begins_line =
        bare[..inside.start - 1].lines().next_back().is_none() || bare[..inside.start - 1].ends_with('\n');
    if let Some(target) = after.strip_prefix(':').filter(|_| begins_line) {
        return Some(Found::Definition(label(), target.split_whitespace().next()?.to_owned()));
    }
    if bare[..inside.start - 1].ends_with(']') {
        return None; // The second pair of `[text][label]`, which was read with the first.
    }
    let second = after.strip_prefix('[').and_then(|second| second.find(']'));
    match second {
        Some(length) if length > 0 => {
            let start = inside.end + 2;
            Some(Found::Reference(text[start..start + length].to_owned()))
        }
        _ => Some(Found::Reference(label())),
    }
}

/// The insides of all pairs of brackets, the nested ones too.
fn brackets(bare: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let opening = bare.match_indices('[').filter(|(at, _)| !bare[..*at].ends_with('\\'));
    opening.filter_map(|(at, _)| {
        let mut depth = 0;
        let end = bare[at..].char_indices().find(|(_, c)| {
            depth += match c {
                '[' => 1,
                ']' => -1,
                _ => 0,
            };
            depth == 0
        });
        end.map(|(length, _)| at + 1..at + length)
    })
}

/// The same text with blanks in the place of all code, byte for byte.
fn without_code(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut fence = None;
    let mut prose = 0..0;
    for line in text.split_inclusive('\n') {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        let is_code = fence.is_some() || mark.is_some();
        fence = match (fence, mark) {
            (None, mark) => mark,
            (Some(open), Some(mark)) if open == mark => None,
            (open, _) => open,
        };
        let end = prose.end + line.len();
        if is_code {
            blank_spans(&text[prose.clone()], &mut bare);
            blank(line, &mut bare);
            prose = end..end;
        } else {
            prose.end = end;
        }
    }
    blank_spans(&text[prose], &mut bare);
    bare
}

/// Prose with its spans of code blanked. A span may cross a line end, but no empty line.
fn blank_spans(prose: &str, bare: &mut String) {
    let mut rest = prose;
    while let Some(start) = rest.find('`') {
        let (before, code) = rest.split_at(start);
        bare.push_str(before);
        let length = code.len() - code.trim_start_matches('`').len();
        let (mark, inside) = code.split_at(length);
        let paragraph = &inside[..inside.find("\n\n").unwrap_or(inside.len())];
        let closing = paragraph
            .match_indices(mark)
            .map(|(at, _)| at)
            .find(|at| !paragraph[..*at].ends_with('`') && !paragraph[at + length..].starts_with('`'));
        let span = length + closing.map_or(0, |at| at + length);
        blank(&code[..span], bare);
        rest = &code[span..];
    }
    bare.push_str(rest);
}

fn blank(code: &str, bare: &mut String) {
    bare.extend(code.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(text: &str) -> Vec<(usize, String)> {
        let target = |link: Link| match link.to {
            To::Target(target) => (link.line, target),
            To::Undefined(label) => (link.line, format!("? {label}")),
        };
        links(text).into_iter().map(target).collect()
    }

    #[track_caller]
    fn assert_targets(text: &str, expected: &[(usize, &str)]) {
        let expected: Vec<(usize, String)> = expected.iter().map(|(line, to)| (*line, (*to).to_owned())).collect();
        assert_eq!(targets(text), expected, "{text}");
    }

    #[test]
    fn targets_are_found_wherever_they_stand() {
        assert_targets("a [b](c.md) and\n[d\ne](../f \"title\")", &[(1, "c.md"), (2, "../f")]);
        assert_targets("[![image](i.png)](page)", &[(1, "page"), (1, "i.png")]);
        assert_targets("[`Type`]: https://docs.rs/x\n\n[`Type`] and [text][`Type`]", &[(1, "https://docs.rs/x")]);
    }

    #[test]
    fn labels_that_nobody_defines_are_found() {
        assert_targets("See\n[`Error::kind`].", &[(2, "? `Error::kind`")]);
        assert_targets("[text][ref], [other][] and [third]", &[(1, "? ref"), (1, "? other"), (1, "? third")]);
        assert_targets("[One  Two]\n\n[one two]: https://x", &[(3, "https://x")]);
    }

    #[test]
    fn code_holds_no_links() {
        assert_targets("`[a](b)` ``[c] ` [d]`` and `x\n[e]`", &[]);
        assert_targets("```json\n[{\"a\": [1]}]\n```\n[x](y)\n~~~\n[a]\n~~~", &[(4, "y")]);
        assert_targets("a ` alone\n\n[x](y) `", &[(3, "y")]);
        assert_targets("„…“ `…[…]` [x](y)", &[(1, "y")]);
        assert_targets("\\[no link]", &[]);
    }
}
