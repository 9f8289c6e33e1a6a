//! The first screen: what was asked, what happened, in one sentence and one picture.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::chart::{self, OUTCOMES};
use super::context::{Report, signer_name, vendor_name};
use super::digest::Class;
use super::format::{Format, fill, fill_html, safe, time};
use super::table::{Kind, columns, table};
use super::verdict::{self, Tone};
use crate::manifest::{IdForm, ManifestHead};

pub(super) fn top(report: &Report<'_>) -> Markup {
    let Report { about, digest, format } = report;
    let texts = format.texts;
    let (tone, lead) = verdict::lead(about, digest, *format);
    let parts = parts(report);
    html! {
        p.kicker { (texts.kicker) }
        h1 { (texts.title) }
        dl.summary {
            dt { (texts.asked_label) }
            dd { p { (asked(about, *format)) } p { (fill_html(texts.planned_on, &[("time", time(&about.job.planned_at))])) } }
            dt { (texts.result_label) }
            dd.verdict.(tone.class()) { (icon(tone)) p { (lead) } }
        }
        (outcome_bar(report, &parts))
        div.overview {
            (outcomes(report, &parts))
            dl {
                dt { (texts.checks_label) }
                dd { p { (checked(report)) } @for note in notes(about, *format) { p { (note) } } }
                dt { (texts.signature_label) }
                dd { (signature(about, *format)) }
            }
        }
    }
}

fn asked(about: &ManifestHead, format: Format) -> String {
    let vendors = format.join(&vendor_names(about));
    format.plural(&format.texts.asked, about.outcomes.total(), &[("vendors", &vendors)])
}

/// The names of the vendors, each once, in the order of the targets.
fn vendor_names(about: &ManifestHead) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let new = about.targets.iter().filter(|target| seen.insert(target.vendor.as_str()));
    new.map(|target| vendor_name(&target.vendor)).collect()
}

/// A shape and a colour for the tone; the sentence beside it says the same.
fn icon(tone: Tone) -> Markup {
    let path = match tone {
        Tone::Good => "M7 12.5 10.5 16 17 8.5",
        Tone::Doubt => "M12 6.5V13M12 16.5V17",
        Tone::Bad => "M8 8 16 16M16 8 8 16",
    };
    html! { svg.icon aria-hidden="true" viewBox="0 0 24 24" { circle cx="12" cy="12" r="11" {} path d=(path) {} } }
}

/// A part of the picture: its name, its class in the style, and its number of records.
type Part = (&'static str, &'static str, u64);

/// What is known of the records: first those that are still present, whatever the vendor responded, then the others by
/// outcome.
fn parts(report: &Report<'_>) -> Vec<Part> {
    let Report { about, digest, format } = report;
    let texts = format.texts;
    let present = (texts.problem_still_present.name, chart::STILL_PRESENT, digest.count(Class::StillPresent));
    let others = OUTCOMES.into_iter().map(|outcome| {
        let count = about.outcomes.get(outcome).saturating_sub(digest.still_present.get(outcome));
        (texts.outcome(outcome).name, chart::class(outcome), count)
    });
    [present].into_iter().chain(others).filter(|(_, _, count)| *count > 0).collect()
}

/// The records that the vendor accepted or confirmed to delete, whose absence no check proved.
fn unverified(about: &ManifestHead, format: Format) -> Option<(&'static str, u64)> {
    let count = about.verification.unverified;
    (count > 0).then_some((format.texts.outcomes_unverified, count))
}

fn outcome_bar(report: &Report<'_>, parts: &[Part]) -> Markup {
    let Report { about, format, .. } = report;
    let named = parts.iter().map(|(name, _, count)| (*name, *count));
    let words = named.chain(unverified(about, *format)).map(|(name, n)| format.labelled(name, &format.number(n)));
    let counts: Vec<_> = parts.iter().map(|(_, class, count)| (*class, *count)).collect();
    chart::outcome_bar(format.texts.outcomes_title, &words.collect::<Vec<_>>().join("; "), &counts)
}

/// The numbers of the bar.
fn outcomes(report: &Report<'_>, parts: &[Part]) -> Markup {
    let Report { about, format, .. } = report;
    let texts = format.texts;
    let total = about.outcomes.total();
    let columns = columns([(texts.outcome, Kind::Text), (texts.records, Kind::Number), (texts.share, Kind::Number)]);
    let counts: Vec<u64> = parts.iter().map(|(_, _, count)| *count).collect();
    let rows = parts.iter().zip(format.shares(&counts)).map(|((name, class, count), share)| {
        vec![html! { (chart::swatch(class)) (name) }, html! { (format.number(*count)) }, html! { (share) }]
    });
    let unverified = unverified(about, *format).map(|(name, count)| {
        vec![html! { (name) }, html! { (format.number(count)) }, html! { (format.share(count, total)) }]
    });
    html! { div.legend { (table(texts.outcomes_title, &columns, rows.chain(unverified))) } }
}

fn checked(report: &Report<'_>) -> String {
    let Report { about, digest, format } = report;
    let checks = digest.checks.afterwards();
    if checks.total() == 0 {
        return format.texts.not_checked.to_owned();
    }
    let [total, absent, present, unknown] =
        [about.outcomes.total(), checks.absent, checks.present, checks.unknown].map(|number| format.number(number));
    let values = [("total", &*total), ("absent", &*absent), ("present", &*present), ("unknown", &*unknown)];
    format.plural(&format.texts.checked, checks.total(), &values)
}

/// What a reader must know besides.
fn notes(about: &ManifestHead, format: Format) -> Vec<String> {
    let texts = format.texts;
    let mut notes = Vec::new();
    if about.outcomes_were_lost {
        notes.push(texts.outcomes_lost.to_owned());
    }
    if about.outcomes.held > 0 {
        notes.push(format.plural(&texts.held_note, about.outcomes.held, &[]));
    }
    if about.holds.records_too_late > 0 {
        notes.push(format.plural(&texts.holds_too_late, about.holds.records_too_late, &[]));
    }
    if about.refused.count > 0 {
        notes.push(format.plural(&texts.refused_note, about.refused.count, &[]));
    }
    if about.ids == IdForm::Pseudonym {
        notes.push(texts.pseudonyms.to_owned());
    }
    let own = about.targets.iter().map(|target| target.base_url.as_str()).filter(|url| is_on_own_machine(url));
    let own: Vec<String> = own.map(safe).collect::<BTreeSet<_>>().into_iter().collect();
    if !own.is_empty() {
        notes.push(fill(texts.test_endpoint, &[("urls", &own.join(", "))]));
    }
    notes
}

fn is_on_own_machine(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"].into_iter().any(|own| host.starts_with(own))
}

fn signature(about: &ManifestHead, format: Format) -> String {
    match signer_name(about) {
        Some(name) => fill(format.texts.signed, &[("name", &name)]),
        None => format.texts.unsigned.to_owned(),
    }
}
