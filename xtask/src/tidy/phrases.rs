//! Banned phrases: the style that this repository has left behind does not come back.

use std::ops::Range;

use super::house::{File, House};

const LIST_PATH: &str = "xtask/banned-phrases.txt";
const LIST: &str = include_str!("../../banned-phrases.txt");

/// A phrase, and longer ones around it that are fine.
struct Phrase<'a> {
    banned: &'a str,
    allowed: Vec<&'a str>,
}

pub(crate) fn check(house: &House) -> Vec<String> {
    let phrases = phrases(LIST);
    let texts = house.files.iter().filter(|file| file.path.ends_with(".rs") || file.path.ends_with(".md"));
    texts.flat_map(|file| complaints_about(file, &phrases)).collect()
}

fn phrases(list: &str) -> Vec<Phrase<'_>> {
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let phrase = |line| {
        let mut parts = str::split(line, '|').map(str::trim);
        Some(Phrase { banned: parts.next()?, allowed: parts.collect() })
    };
    lines.filter_map(phrase).collect()
}

fn complaints_about(file: &File, phrases: &[Phrase<'_>]) -> Vec<String> {
    let prose = Prose::of(&file.text);
    let mut found: Vec<(usize, &str)> = phrases.iter().flat_map(|phrase| prose.find(phrase)).collect();
    found.sort_unstable();
    let complaint = |(line, phrase): &(usize, &str)| {
        format!("{}:{line}: \"{phrase}\" is a banned phrase: {LIST_PATH} names what to write instead", file.path)
    };
    found.iter().map(complaint).collect()
}

/// The words of a text in lower case with one space between them, also where a line ends; a line feed ends a paragraph.
struct Prose {
    text: String,
    /// Where each line of the file starts in `text`.
    starts: Vec<usize>,
}

impl Prose {
    fn of(text: &str) -> Self {
        let mut prose = Self { text: String::new(), starts: Vec::new() };
        for line in text.lines() {
            prose.starts.push(prose.text.len());
            let words = without_marks(line);
            prose.text.push_str(if words.is_empty() { "\n" } else { "" });
            for word in words.split_whitespace() {
                prose.text.push_str(&word.to_lowercase());
                prose.text.push(' ');
            }
        }
        prose
    }

    /// The lines on which a banned phrase begins.
    fn find<'a>(&self, phrase: &Phrase<'a>) -> Vec<(usize, &'a str)> {
        let allowed: Vec<Range<usize>> = phrase.allowed.iter().flat_map(|phrase| self.places(phrase)).collect();
        let is_allowed = |place: &Range<usize>| allowed.iter().any(|it| it.start <= place.start && place.end <= it.end);
        let places = self.places(phrase.banned).filter(|place| !is_allowed(place));
        places.map(|place| (self.starts.partition_point(|start| *start <= place.start), phrase.banned)).collect()
    }

    /// Where a phrase occurs as whole words.
    fn places(&self, phrase: &str) -> impl Iterator<Item = Range<usize>> {
        let places = self.text.match_indices(phrase).map(|(at, found)| at..at + found.len());
        places.filter(|place| {
            let goes_on = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
            !goes_on(self.text[..place.start].chars().next_back()) && !goes_on(self.text[place.end..].chars().next())
        })
    }
}

/// A line without what marks it as a comment, a quotation or an item, and without the sign that a string goes on.
fn without_marks(line: &str) -> &str {
    let line = line.trim().trim_start_matches(['/', '!', '*', '>', '-']).trim_start();
    line.strip_suffix('\\').unwrap_or(line).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str) -> Vec<String> {
        let file = File { path: "docs/x.md".to_owned(), text: text.to_owned() };
        complaints_about(&file, &phrases("# Why.\nonce in a moon\nred fox | the red fox\n"))
    }

    #[track_caller]
    fn assert_found(text: &str, line: usize, phrase: &str) {
        let rule =
            format!("docs/x.md:{line}: \"{phrase}\" is a banned phrase: {LIST_PATH} names what to write instead");
        assert_eq!(about(text), [rule], "{text:?}");
    }

    #[test]
    fn a_phrase_is_found_in_any_case_and_over_line_ends() {
        assert_found("One.\nOnce in a Moon, two.\n", 2, "once in a moon");
        assert_found("/// One once in\n    /// a\n    /// moon.\n", 1, "once in a moon");
        assert_found("> - once  in\n>   a moon\n", 1, "once in a moon");
        assert_found("let x = \"a red \\\n         fox\";\n", 1, "red fox");
    }

    #[test]
    fn words_and_paragraphs_end_a_phrase() {
        for fine in ["nonce in a moon", "once in a moonlight", "once in\n\na moon", "once_in a moon", "a_red fox"] {
            assert_eq!(about(fine), [""; 0], "{fine:?}");
        }
    }

    #[test]
    fn a_good_use_of_a_phrase_is_fine() {
        assert_eq!(about("It is the red fox."), [""; 0]);
        assert_found("Of all red foxes, this red fox is not the red fox.", 1, "red fox");
    }

    #[test]
    fn the_list_names_each_phrase_once_and_in_lower_case() {
        let phrases = phrases(LIST);
        assert!(phrases.len() > 20);
        for (number, Phrase { banned, allowed }) in phrases.iter().enumerate() {
            assert!(!phrases[..number].iter().any(|other| other.banned == *banned), "{banned}");
            assert_eq!(banned.to_lowercase(), *banned);
            assert!(allowed.iter().all(|allowed| allowed.contains(banned)), "{banned}: {allowed:?}");
        }
    }
}
