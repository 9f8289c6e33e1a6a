//! Banned phrases: the style that this repository has left behind does not come back.

use super::file::File;

const LIST: &str = include_str!("../../banned-phrases.txt");

pub(super) fn check(files: &[File]) -> Vec<String> {
    let texts = files.iter().filter(|file| file.path.ends_with(".rs") || file.path.ends_with(".md"));
    texts.flat_map(|file| complaints(file, LIST)).collect()
}

/// Each line of the list is a banned phrase and, after `|`, longer ones around it that are fine.
fn complaints(File { path, text }: &File, list: &str) -> Vec<String> {
    let (prose, starts) = prose(text);
    let mut complaints = Vec::new();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut phrases = line.split('|').map(str::trim);
        let banned = phrases.next().unwrap_or_default();
        let prose = phrases.fold(prose.clone(), |prose, fine| prose.replace(fine, &"_".repeat(fine.len())));
        for (at, _) in prose.match_indices(banned).filter(|(at, _)| is_whole(&prose, *at, banned.len())) {
            let line = starts.partition_point(|start| *start <= at);
            let list = "xtask/banned-phrases.txt names what to write instead";
            complaints.push(format!("{path}:{line}: \"{banned}\" is a banned phrase: {list}"));
        }
    }
    complaints
}

/// The words in lower case with one space between them, also where a line ends, and where each line starts. A line feed
/// ends a paragraph.
fn prose(text: &str) -> (String, Vec<usize>) {
    let (mut prose, mut starts) = (String::new(), Vec::new());
    for line in text.lines() {
        starts.push(prose.len());
        // What marks a comment, a quotation or an item, and the sign that a string goes on, are not words.
        let words = line.trim().trim_start_matches(['/', '!', '*', '>', '-']);
        let words = words.strip_suffix('\\').unwrap_or(words);
        prose.push_str(if words.trim().is_empty() { "\n" } else { "" });
        words.split_whitespace().for_each(|word| prose.extend([&word.to_lowercase(), " "]));
    }
    (prose, starts)
}

fn is_whole(prose: &str, at: usize, length: usize) -> bool {
    let goes_on = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
    !goes_on(prose[..at].chars().next_back()) && !goes_on(prose[at + length..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_found(text: &str, found: &[&str]) {
        let file = File { path: "x.md".to_owned(), text: text.to_owned() };
        let complaints = complaints(&file, "# Why.\nonce in a moon\nred fox | the red fox\n");
        let starts: Vec<&str> = complaints.iter().map(|it| it.split(" is a banned").next().unwrap()).collect();
        assert_eq!(starts, found, "{text:?}");
    }

    #[test]
    fn a_phrase_is_found_in_any_case_and_over_line_ends() {
        assert_found("One.\nOnce in a Moon, two.\n", &["x.md:2: \"once in a moon\""]);
        assert_found("/// One once in\n    /// a\n    /// moon.\n", &["x.md:1: \"once in a moon\""]);
        assert_found("> - once  in\n>   a moon\n", &["x.md:1: \"once in a moon\""]);
        assert_found("let x = \"a red \\\n         fox\";\n", &["x.md:1: \"red fox\""]);
        assert_found("Of all red foxes, this red fox is not the red fox.", &["x.md:1: \"red fox\""]);
    }

    #[test]
    fn words_and_paragraphs_end_a_phrase_and_a_good_use_is_fine() {
        for fine in ["nonce in a moon", "once in a moonlight", "once in\n\na moon", "once_in a moon", "the red fox."] {
            assert_found(fine, &[]);
        }
    }
}
