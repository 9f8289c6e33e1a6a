//! Numbers, times and texts as a language writes them.

use std::cmp::Reverse;

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

    /// Returns the share of each part in percent. They add up to 100 %, because the largest remainders are rounded up.
    pub(super) fn shares(self, parts: &[u64]) -> Vec<String> {
        let whole = parts.iter().map(|part| u128::from(*part)).sum::<u128>().max(1);
        let exact = |part: u64| (u128::from(part) * 1_000 / whole, u128::from(part) * 1_000 % whole);
        let mut shares: Vec<u128> = parts.iter().map(|part| exact(*part).0).collect();
        let left = 1_000_u128.saturating_sub(shares.iter().sum());
        // 100 % means all.
        let mut up: Vec<usize> = (0..parts.len()).filter(|at| exact(parts[*at]).1 > 0 && shares[*at] < 999).collect();
        up.sort_by_key(|at| Reverse(exact(parts[*at]).1));
        up.into_iter().zip(0..left).for_each(|(at, _)| shares[at] += 1);
        parts.iter().zip(shares).map(|(part, share)| self.percent(share, *part > 0 && exact(*part).0 == 0)).collect()
    }

    /// Returns one share in percent, rounded so that 100 % means all.
    pub(super) fn share(self, part: u64, whole: u64) -> String {
        let [part, whole] = [part, whole].map(u128::from);
        let most = if part < whole { 999 } else { 1_000 };
        let permille = if whole == 0 { 0 } else { ((part * 2_000 + whole) / (whole * 2)).min(most) };
        self.percent(permille, part > 0 && part * 1_000 < whole)
    }

    /// Writes a number of thousandths. Less than one, but more than none, is never 0.
    fn percent(self, permille: u128, is_less_than_one: bool) -> String {
        let (sign, permille) = if is_less_than_one { ("< ", 1) } else { ("", permille) };
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
