//! Tests of what the page is made of; `tests/report/` tests the page.

#![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

use std::collections::{BTreeMap, BTreeSet};

use super::format::{Format, duration, fill, iso};
use super::text::{Background, Plural, Texts};
use super::timeline::Timeline;
use crate::language::Language;
use crate::record::EvidenceRecord;

fn all_texts(language: Language) -> BTreeMap<String, &'static str> {
    let mut all = BTreeMap::new();
    let mut visitor = |name, text| assert_eq!(all.insert(name, text), None);
    Texts::of(language).visit(&mut visitor);
    Background::of(language).visit(&mut visitor);
    all
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

#[test]
fn every_language_has_every_text_with_the_same_placeholders() {
    let english = all_texts(Language::En);
    assert!(english.len() > 250, "{}", english.len());
    for language in Language::ALL {
        for (name, text) in all_texts(language) {
            assert!(!text.trim().is_empty(), "{language:?} {name}");
            // The singular may name the one record without its number.
            let is_singular = name.ends_with(".one");
            let (has, should) = (placeholders(text), placeholders(english[&name]));
            assert!(
                has == should || (is_singular && has.is_subset(&should)),
                "{language:?} {name}: {has:?}, {should:?}"
            );
        }
    }
}

#[test]
fn no_sentence_was_left_in_english() {
    let english = all_texts(Language::En);
    for language in [Language::De, Language::Fr, Language::Es] {
        for (name, text) in all_texts(language) {
            assert!(text != english[&name] || text.len() < 30, "{language:?} {name}: {text}");
        }
    }
}

#[test]
fn numbers_have_the_groups_of_the_language() {
    let write = |language, number| Format::of(language).number(number);
    let numbers = [0, 999, 1_000, 12_345, 1_000_000];
    assert_eq!(numbers.map(|number| write(Language::En, number)), ["0", "999", "1,000", "12,345", "1,000,000"]);
    assert_eq!(numbers.map(|number| write(Language::De, number)), ["0", "999", "1.000", "12.345", "1.000.000"]);
    assert_eq!(numbers.map(|number| write(Language::Es, number)), ["0", "999", "1000", "12.345", "1.000.000"]);
    let french = ["0", "999", "1\u{202f}000", "12\u{202f}345", "1\u{202f}000\u{202f}000"];
    assert_eq!(numbers.map(|number| write(Language::Fr, number)), french);
}

#[test]
fn plurals_follow_the_rules_of_the_language() {
    let plural = Plural { one: "one {n}", other: "other {n}", millions: "millions {n}" };
    let forms = |language| {
        [0, 1, 2, 1_000_000, 1_000_001]
            .map(|number| Format::of(language).plural(&plural, number, &[]).split(' ').next().unwrap().to_owned())
    };
    for language in [Language::En, Language::De] {
        assert_eq!(forms(language), ["other", "one", "other", "other", "other"]);
    }
    assert_eq!(forms(Language::Fr), ["one", "one", "other", "millions", "other"]);
    assert_eq!(forms(Language::Es), ["other", "one", "other", "millions", "other"]);
}

#[test]
fn a_share_is_whole_or_zero_only_if_it_is() {
    let shares = [(0, 3), (1, 3), (3, 3), (1, 1_000_000), (999_999, 1_000_000), (0, 0), (u64::MAX - 1, u64::MAX)];
    let english = shares.map(|(part, whole)| Format::of(Language::En).share(part, whole));
    assert_eq!(english, ["0.0%", "33.3%", "100.0%", "< 0.1%", "99.9%", "0.0%", "99.9%"]);
    assert_eq!(Format::of(Language::De).share(1, 3), "33,3\u{a0}%");
}

#[test]
fn shares_add_up_unless_they_are_too_small() {
    let shares = |parts: &[u64]| Format::of(Language::En).shares(parts).join(" ");
    assert_eq!(shares(&[2, 1]), "66.7% 33.3%");
    assert_eq!(shares(&[1, 1, 1]), "33.4% 33.3% 33.3%");
    assert_eq!(shares(&[15, 2]), "88.2% 11.8%");
    assert_eq!(shares(&[59, 1]), "98.3% 1.7%");
    assert_eq!(shares(&[999_999, 1]), "99.9% < 0.1%");
    assert_eq!(shares(&[u64::MAX, 1, 1]), "99.9% < 0.1% < 0.1%");
    assert_eq!((shares(&[7]), shares(&[]), shares(&[0])), ("100.0%".to_owned(), String::new(), "0.0%".to_owned()));
    assert_eq!(Format::of(Language::En).share(2, 3), "66.7%");
}

#[test]
fn values_are_not_taken_for_placeholders() {
    assert_eq!(fill("{a}, {b}.", &[("a", "{b}"), ("b", "}{")]), "{b}, }{.");
    assert_eq!(fill("no placeholder", &[]), "no placeholder");
}

#[test]
fn times_are_iso_8601_with_the_offset_of_utc() {
    assert_eq!(iso("2026-11-28T12:00:00.123Z"), "2026-11-28T12:00:00+00:00");
    assert_eq!(iso("2026-11-28T12:00:00+02:00"), "2026-11-28T10:00:00+00:00");
    assert_eq!(iso("soon\u{202e}"), "soon\\u{202e}");
    let steps = [1, 90, 300, 7_200, 86_400].map(duration);
    assert_eq!(steps, ["1\u{a0}s", "90\u{a0}s", "5\u{a0}min", "2\u{a0}h", "1\u{a0}d"]);
}

fn deleted_at(time: jiff::Timestamp) -> EvidenceRecord {
    serde_json::from_value(serde_json::json!({
        "attempts": 1, "children": [], "delivery": null, "endpoint": "https://tavusapi.com", "error": null,
        "first_attempt": null, "held": null, "id": "c1", "index": 0, "last_attempt": null, "mode": "hard",
        "outcome": "deleted", "presence": {"after": null, "before": null}, "request_id": null,
        "salt": "", "settled_at": time.to_string(), "target": 0, "vendor": "tavus",
    }))
    .unwrap()
}

#[test]
fn a_time_line_stays_short_and_loses_no_record() {
    // In no order, over seconds, hours and centuries.
    for spread in [1_i64, 40, 3_000, 500_000, 400_000_000] {
        let mut timeline = Timeline::default();
        for number in 0..1_000_i64 {
            let seconds = 1_700_000_000 + (number * 7_919 % 1_000) * spread / 50;
            timeline.add(&deleted_at(jiff::Timestamp::from_second(seconds).unwrap()), false);
            assert!(timeline.iter().count() <= 60);
        }
        assert_eq!(timeline.iter().map(|(_, step)| step.total()).sum::<u64>(), 1_000);
        let times = timeline.times().map(|(first, last)| (first.as_second(), last.as_second()));
        assert_eq!(times, Some((1_700_000_000, 1_700_000_000 + 999 * spread / 50)));
        let (first, last) = (timeline.iter().next().unwrap().0, timeline.iter().last().unwrap().0);
        assert!(first <= 1_700_000_000 && first % timeline.step() == 0, "{first}");
        assert!(
            last <= 1_700_000_000 + 999 * spread / 50 && last + timeline.step() > 1_700_000_000 + 998 * spread / 50
        );
    }
}
