//! Numbers, times and texts as a language writes them.

use delete_core::text;
use jiff::Timestamp;
use maud::{Markup, html};

use super::text::{Plural, Texts};
use crate::language::Language;

/// The most characters that the report shows of a value from the job, such as a URL.
const MAX_VALUE: usize = 300;

/// A language and its texts.
#[derive(Clone, Copy)]
pub(super) struct Format {
    pub(super) language: Language,
    pub(super) texts: &'static Texts,
}

impl Format {
    pub(super) fn of(language: Language) -> Self {
        Self { language, texts: Texts::of(language) }
    }

    /// Groups the digits of a number.
    pub(super) fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let separator = match self.language {
            Language::En => ',',
            Language::De => '.',
            Language::Fr => '\u{202f}',
            // Spanish groups from five digits on.
            Language::Es if digits.len() < 5 => return digits,
            Language::Es => '.',
        };
        let mut grouped = String::with_capacity(digits.len() * 4 / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push(separator);
            }
            grouped.push(digit);
        }
        grouped
    }

    /// Returns a share in percent, rounded down, so that 100 % means all; more than none is never 0.
    pub(super) fn share(self, part: u64, whole: u64) -> String {
        let permille = if whole == 0 { 0 } else { u128::from(part) * 1_000 / u128::from(whole) };
        let (sign, permille) = if part > 0 && permille == 0 { ("< ", 1) } else { ("", permille) };
        let (point, unit) = match self.language {
            Language::En => ('.', "%"),
            Language::De | Language::Fr | Language::Es => (',', "\u{a0}%"),
        };
        format!("{sign}{}{point}{}{unit}", permille / 10, permille % 10)
    }

    /// Returns the form of a text for a number, with `{n}` replaced by it.
    pub(super) fn plural(self, plural: &Plural, number: u64, values: &[(&str, &str)]) -> String {
        let number_text = self.number(number);
        let values: Vec<_> = values.iter().copied().chain([("n", number_text.as_str())]).collect();
        fill(self.form(plural, number), &values)
    }

    /// The plural rules of CLDR for whole numbers.
    fn form(self, plural: &Plural, number: u64) -> &'static str {
        let is_one = number == 1 || (number == 0 && self.language == Language::Fr);
        let takes_preposition = matches!(self.language, Language::Fr | Language::Es);
        if is_one {
            plural.one
        } else if takes_preposition && number > 0 && number % 1_000_000 == 0 {
            plural.millions
        } else {
            plural.other
        }
    }

    /// Returns `name: value`; in French a no-break space precedes the colon.
    pub(super) fn labelled(self, name: &str, value: &str) -> String {
        match self.language {
            Language::Fr => format!("{name}\u{a0}: {value}"),
            Language::En | Language::De | Language::Es => format!("{name}: {value}"),
        }
    }

    /// Joins names: `a, b and c`.
    pub(super) fn join(self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{}{}{last}", first.join(", "), self.texts.and),
        }
    }
}

/// Replaces each `{name}` by its value.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    for (before, name) in parts(text) {
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
    }
    filled
}

/// Like [`fill`], with values that are elements.
pub(super) fn fill_html(text: &str, values: &[(&str, Markup)]) -> Markup {
    html! {
        @for (before, name) in parts(text) {
            (before)
            @for (_, value) in values.iter().filter(|(known, _)| *known == name) { (value) }
        }
    }
}

/// Splits a text into what stands before each `{name}`, and the name; the last name is empty.
fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('}').map(|part| part.split_once('{').unwrap_or((part, "")))
}

/// Returns a time that breaks between date and time of day only.
pub(super) fn time(time: &str) -> Markup {
    let iso = iso(time);
    let day = iso.find('T').map_or(iso.len(), |position| position + 1);
    let (date, time) = iso.split_at(day);
    html! { time datetime=(iso) { span { (date) } wbr; span { (time) } } }
}

/// Returns a time in ISO 8601 with the offset of UTC, to the second.
pub(super) fn iso(time: &str) -> String {
    time.parse::<Timestamp>().map_or_else(|_| safe(time), iso_of)
}

/// Returns a time, given in seconds since the epoch, like [`iso`].
pub(super) fn iso_seconds(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), iso_of)
}

fn iso_of(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Returns a duration in the largest unit that divides it; the symbols are those of the SI.
pub(super) fn duration(seconds: i64) -> String {
    let (length, unit) = [(86_400, "d"), (3_600, "h"), (60, "min")]
        .into_iter()
        .find(|(length, _)| seconds % length == 0)
        .unwrap_or((1, "s"));
    format!("{}\u{a0}{unit}", seconds / length)
}

/// Returns a value of the job as one bounded line, with invisible characters escaped. The page escapes it for HTML.
pub(super) fn safe(value: &str) -> String {
    text::sanitize(value, MAX_VALUE)
}
