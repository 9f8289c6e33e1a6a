//! Comparing output with what a page shows of it.

/// Returns whether the output is the expected one. `…` in a line stands for any text, as a line of its own for any lines.
pub(crate) fn matches(expected: &str, output: &str) -> bool {
    let lines = |text| str::lines(text).map(str::trim_end).collect::<Vec<_>>();
    lines_match(&lines(expected.trim_end()), &lines(output.trim_end()))
}

fn lines_match(expected: &[&str], output: &[&str]) -> bool {
    match expected {
        [] => output.is_empty(),
        ["…", rest @ ..] => (0..=output.len()).any(|skipped| lines_match(rest, &output[skipped..])),
        [line, rest @ ..] => {
            output.first().is_some_and(|own| line_matches(line, own)) && lines_match(rest, &output[1..])
        }
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    let Some((start, rest)) = expected.split_once('…') else { return expected == line };
    let Some(mut line) = line.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('…').map_or((None, rest), |(middle, end)| (Some(middle), end));
    for part in middle.into_iter().flat_map(|middle| middle.split('…')) {
        let Some((_, rest)) = line.split_once(part) else { return false };
        line = rest;
    }
    line.ends_with(end)
}

#[test]
fn output_matches_only_what_the_page_shows() {
    assert!(matches("a\nb\n", "a\nb\n"));
    assert!(matches("a … c … e\n", "a b c d e"));
    assert!(matches("a\n…\nz", "a\nb\nc\nz\n") && matches("a\n…\nz", "a\nz"));
    assert!(matches("…", "") && matches("", ""));
    assert!(!matches("a\nb", "a") && !matches("a", "a\nb") && !matches("a …", "b c"));
    assert!(!matches("a … c", "a b") && !matches("a … b … c", "a c") && !matches("a\n…\nz", "a\nz\nb"));
    assert!(!matches("", "a"));
}
