//! The lines of a Markdown text, and which of them are code.

/// One line, without its ending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// Where it starts in the whole text, in bytes.
    pub(crate) start: usize,
    /// Whether it belongs to a fenced block of code; its fences do.
    pub(crate) in_code: bool,
}

pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let mut open: Option<&str> = None;
    text.split_inclusive('\n').map(move |whole| {
        let line = whole.trim_end_matches(['\r', '\n']);
        let was_open = open.is_some();
        open = match open {
            Some(fence) if closes(line, fence) => None,
            Some(fence) => Some(fence),
            None => opened_by(line),
        };
        let this = Line { text: line, start, in_code: was_open || open.is_some() };
        start += whole.len();
        this
    })
}

/// The fence that starts a block here. It may be indented as far as a list wants.
fn opened_by(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let fence = line.strip_suffix(info)?;
    // Three backticks and more of them later in the line are code within prose.
    (fence.len() >= 3 && !(mark == '`' && info.contains('`'))).then_some(fence)
}

fn closes(line: &str, fence: &str) -> bool {
    let line = line.trim();
    line.starts_with(fence) && fence.chars().next().is_some_and(|mark| line.trim_matches(mark).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<&str> {
        lines(text).filter(|line| line.in_code).map(|line| line.text).collect()
    }

    #[test]
    fn fenced_blocks_are_code_and_prose_is_not() {
        assert_eq!(code("a\n```toml\nb\n```\nc\n"), ["```toml", "b", "```"]);
        assert_eq!(code("a\r\n~~~\r\nb\r\n~~~~\r\nc"), ["~~~", "b", "~~~~"]);
        assert_eq!(code("- a\n\n    ````sh\n    ```\n    ````\nb"), ["    ````sh", "    ```", "    ````"]);
        assert!(code("```a``` b\n``\nc\n").is_empty());
    }

    #[test]
    fn a_block_that_nothing_closes_reaches_the_end() {
        assert_eq!(code("a\n```\nb\n~~~\n"), ["```", "b", "~~~"]);
    }

    #[test]
    fn each_line_knows_where_it_starts() {
        let text = "é\r\n\nb";
        let starts: Vec<usize> = lines(text).map(|line| line.start).collect();
        assert_eq!(starts, [0, 4, 5]);
    }
}
