//! Texts in Markdown, as GitHub and rustdoc read them: their code, their headings and their links.

use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag};

/// A line without its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// Where it starts in the whole text, in bytes.
    pub(crate) start: usize,
}

impl Line<'_> {
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// All lines in blocks of code, without the fences, and without what a list or a quotation puts before them.
pub(crate) fn code_lines(text: &str) -> Vec<Line<'_>> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(tag) => is_code = matches!(tag, Tag::CodeBlock(_)),
            Event::End(_) => is_code = false,
            Event::Text(_) if is_code => lines.extend(lines_of(text, range)),
            _ => {}
        }
    }
    lines
}

fn lines_of(text: &str, range: Range<usize>) -> impl Iterator<Item = Line<'_>> {
    let mut start = range.start;
    text[range].split_inclusive('\n').map(move |whole| {
        let line = Line { text: whole.trim_end_matches(['\r', '\n']), start };
        start += whole.len();
        line
    })
}

/// A heading, by its first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heading<'a> {
    pub(crate) level: HeadingLevel,
    pub(crate) line: Line<'a>,
}

/// The headings of the page itself, not those within lists or quotations.
pub(crate) fn headings(text: &str) -> Vec<Heading<'_>> {
    let mut depth = 0;
    let mut headings = Vec::new();
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                match tag {
                    Tag::Heading { level, .. } if depth == 0 => {
                        headings.push(Heading { level, line: line_from(text, range.start) });
                    }
                    _ => {}
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    headings
}

fn line_from(text: &str, start: usize) -> Line<'_> {
    let rest = &text[start..];
    Line { text: rest.split(['\r', '\n']).next().unwrap_or(rest), start }
}

/// A link or an image, and the line it begins on.
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

/// All targets in the order of the text: a defined label counts where it is defined, not where it is used.
pub(crate) fn links(text: &str) -> Vec<Link> {
    // Answered, the parser takes an undefined label for a link, and its event tells that it was undefined.
    let answer = |_: BrokenLink<'_>| Some((CowStr::from(""), CowStr::from("")));
    let events = Parser::new_with_broken_link_callback(text, OPTIONS, Some(answer)).into_offset_iter();
    let definitions = events.reference_definitions().iter();
    let mut found: Vec<(usize, To)> =
        definitions.map(|(_, definition)| (definition.span.start, To::Target(definition.dest.to_string()))).collect();
    found.extend(events.filter_map(|(event, range)| Some((range.start, leads_to(event)?))));
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(at, to)| Link { line: line_number(text, at), to }).collect()
}

fn leads_to(event: Event<'_>) -> Option<To> {
    let Event::Start(Tag::Link { link_type, dest_url, id, .. } | Tag::Image { link_type, dest_url, id, .. }) = event
    else {
        return None;
    };
    match link_type {
        LinkType::ReferenceUnknown | LinkType::CollapsedUnknown | LinkType::ShortcutUnknown => {
            Some(To::Undefined(id.to_string()))
        }
        LinkType::Inline => Some(To::Target(dest_url.to_string())),
        // The definition has the target, or the whole address is in the text itself.
        _ => None,
    }
}

/// The number of the line that holds this byte, from 1.
pub(crate) fn line_number(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS);

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<&str> {
        code_lines(text).iter().map(|line| line.text).collect()
    }

    #[test]
    fn blocks_are_code_and_prose_is_not() {
        assert_eq!(code("a\n```toml\nb\n\nc\n```\nd\n"), ["b", "", "c"]);
        assert_eq!(code("a\r\n~~~\r\nb\r\n~~~~\r\nc").concat(), "b");
        assert_eq!(code("- a\n\n    ````sh\n    ```\n    b\n    ````\nc"), ["```", "b"]);
        assert_eq!(code("> ```\n> a\n> b\n> ```\n\n    c\n"), ["a", "b", "c"]);
        assert!(code("```a``` b\n``\nc\n`d`").is_empty());
    }

    #[test]
    fn a_block_that_nothing_closes_reaches_the_end() {
        assert_eq!(code("a\n```\nb\n~~~\n"), ["b", "~~~"]);
    }

    #[test]
    fn each_line_of_code_knows_where_it_starts() {
        for text in ["é\r\n```\r\nb\r\né\r\n```", "> ```\n> b\n> é\n", "é\n\n\tb\n\té"] {
            let lines = code_lines(text);
            assert_eq!(lines.iter().map(|line| line.text).collect::<String>(), "bé");
            assert!(lines.iter().all(|line| text[line.start..].starts_with(line.text)), "{lines:?}");
        }
    }

    #[test]
    fn the_headings_of_the_page_are_found() {
        let text = "# A \r\n```\n# b\n```\n<!--\n## c\n-->\n> ## d\n\n- ## e\n\n## F\n\nG\n---\n## ";
        let found: Vec<_> = headings(text).iter().map(|found| (found.level as usize, found.line.text)).collect();
        assert_eq!(found, [(1, "# A "), (2, "## F"), (2, "G"), (2, "## ")]);
        assert!(headings(text).iter().all(|found| text[found.line.start..].starts_with(found.line.text)));
    }

    #[track_caller]
    fn assert_targets(text: &str, expected: &[(usize, &str)]) {
        let target = |link: Link| match link.to {
            To::Target(target) => (link.line, target),
            To::Undefined(label) => (link.line, format!("? {label}")),
        };
        let targets: Vec<(usize, String)> = links(text).into_iter().map(target).collect();
        let expected: Vec<(usize, String)> = expected.iter().map(|(line, to)| (*line, (*to).to_owned())).collect();
        assert_eq!(targets, expected, "{text}");
    }

    #[test]
    fn targets_are_found_wherever_they_stand() {
        assert_targets("a [b](c.md) and\n[d\ne](../f \"title\")", &[(1, "c.md"), (2, "../f")]);
        assert_targets("[![image](i.png)](page)", &[(1, "page"), (1, "i.png")]);
        assert_targets("[`Type`]: https://docs.rs/x\n\n[`Type`] and [text][`Type`]", &[(1, "https://docs.rs/x")]);
        assert_targets("| a |\n| - |\n| [b](c) |\n\n> [d](<e f>)", &[(3, "c"), (5, "e f")]);
    }

    #[test]
    fn labels_that_nobody_defines_are_found() {
        assert_targets("See\n[`Error::kind`].", &[(2, "? `Error::kind`")]);
        assert_targets("[text][ref], [other][] and [third]", &[(1, "? ref"), (1, "? other"), (1, "? third")]);
        assert_targets("[One  Two]\n\n[one two]: https://x", &[(3, "https://x")]);
        assert_targets("- [x] done\n- [ ] not\n\nnote[^1]\n\n[^1]: text", &[]);
    }

    #[test]
    fn code_holds_no_links() {
        assert_targets("`[a](b)` ``[c] ` [d]`` and `x\n[e]`", &[]);
        assert_targets("```json\n[{\"a\": [1]}]\n```\n[x](y)\n~~~\n[a]\n~~~", &[(4, "y")]);
        assert_targets("a ` alone\n\n[x](y) `", &[(3, "y")]);
        assert_targets("„…“ `…[…]` [x](y)", &[(1, "y")]);
        assert_targets("\\[no link] <https://x>", &[]);
    }
}
