//! Comparing output with what a page shows of it.

use std::collections::BTreeSet;

/// Returns whether this can be the output on a terminal, which shows stdout and stderr in any order of the two. `…` in a line
/// stands for any text, as a line of its own for any lines.
pub(crate) fn matches(expected: &str, stdout: &str, stderr: &str) -> bool {
    let [expected, stdout, stderr] = [expected, stdout, stderr].map(|text| text.trim_end().lines().collect::<Vec<_>>());
    // How much of each stream the lines until here may have taken.
    let mut taken = BTreeSet::from([(0, 0)]);
    for line in expected {
        let is = |own: Option<&&str>| own.is_some_and(|own| line_matches(line.trim_end(), own.trim_end()));
        taken = match line {
            "…" => taken.into_iter().flat_map(|(out, err)| rest(out, stdout.len(), err, stderr.len())).collect(),
            _ => {
                let from_stdout =
                    taken.iter().filter(|(out, _)| is(stdout.get(*out))).map(|(out, err)| (out + 1, *err));
                let from_stderr =
                    taken.iter().filter(|(_, err)| is(stderr.get(*err))).map(|(out, err)| (*out, err + 1));
                from_stdout.chain(from_stderr).collect()
            }
        };
    }
    taken.contains(&(stdout.len(), stderr.len()))
}

fn rest(out: usize, outs: usize, err: usize, errs: usize) -> impl Iterator<Item = (usize, usize)> {
    (out..=outs).flat_map(move |out| (err..=errs).map(move |err| (out, err)))
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
    let matches = |expected, output| matches(expected, output, "");
    assert!(matches("a\nb\n", "a\nb\n"));
    assert!(matches("a … c … e\n", "a b c d e"));
    assert!(matches("a\n…\nz", "a\nb\nc\nz\n") && matches("a\n…\nz", "a\nz"));
    assert!(matches("…", "") && matches("", ""));
    assert!(!matches("a\nb", "a") && !matches("a", "a\nb") && !matches("a …", "b c"));
    assert!(!matches("a … c", "a b") && !matches("a … b … c", "a c") && !matches("a\n…\nz", "a\nz\nb"));
    assert!(!matches("", "a"));
}

#[test]
fn the_two_streams_may_come_in_any_order() {
    for expected in ["a\nb\nx", "x\na\nb", "a\nx\nb", "…\nb\n…", "a\n…"] {
        assert!(matches(expected, "a\nb", "x"), "{expected}");
    }
    for expected in ["b\na\nx", "a\nb", "x", "a\nb\nx\nx", "…\nb\n…\na"] {
        assert!(!matches(expected, "a\nb", "x"), "{expected}");
    }
}
