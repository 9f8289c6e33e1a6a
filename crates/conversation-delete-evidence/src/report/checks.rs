//! Holds, and what checks before and after the deletes showed.

use delete_core::ErasureMode;
use maud::{Markup, html};

use super::context::Report;
use super::digest::{Held, Listed, StateCounts};
use super::format::{Format, fill, fill_html, time};
use super::table::{Kind, columns, table};
use super::text::Texts;
use crate::record::Holder;

pub(super) fn holds(report: &Report<'_>) -> Markup {
    let Report { about, digest, format } = report;
    let texts = format.texts;
    let holds = &about.holds;
    let is_any_held = digest.held.count + digest.held_too_late.count > 0;
    html! {
        p { (texts.holds_intro) }
        @if !is_any_held { p { (texts.holds_none) } }
        @if holds.records_too_late > 0 { p { (format.plural(&texts.holds_too_late, holds.records_too_late, &[])) } }
        (held(texts.holds_too_late_caption, &digest.held_too_late, *format))
        (held(texts.holds_caption, &digest.held, *format))
        @if holds.unmatched > 0 { p { (format.plural(&texts.holds_unmatched, holds.unmatched, &[])) } }
    }
}

fn held(caption: &str, records: &Listed<Held>, format: Format) -> Markup {
    let texts = format.texts;
    let columns = columns([
        (texts.position, Kind::Number),
        (texts.id, Kind::Text),
        (texts.held_by, Kind::Text),
        (texts.outcome, Kind::Text),
        (texts.last_attempt, Kind::Text),
    ]);
    let rows = records.first.iter().map(|held| {
        vec![
            html! { (format.number(held.index + 1)) },
            html! { code.id dir="ltr" { (held.id) } },
            held_by(held, texts),
            html! { (texts.outcome(held.outcome).name) },
            held.attempted_at.as_deref().map_or_else(|| html! { "–" }, time),
        ]
    });
    let rest = records.count - records.first.len() as u64;
    html! {
        @if records.count > 0 { (table(caption, &columns, rows)) }
        @if rest > 0 { p { (format.plural(&texts.problems_rest, rest, &[])) } }
    }
}

fn held_by(held: &Held, texts: &Texts) -> Markup {
    match (held.by, &held.time) {
        (Some(Holder::Plan), _) => html! { (texts.held_by_plan) },
        (_, Some(at)) => fill_html(texts.held_later, &[("time", time(at))]),
        (_, None) => html! { (texts.unknown) },
    }
}

pub(super) fn verification(report: &Report<'_>) -> Markup {
    let Report { about, digest, format } = report;
    let texts = format.texts;
    let checks = &digest.checks;
    let (verified, total) = (about.verification.verified, format.number(about.outcomes.total()));
    html! {
        @if checks.afterwards().total() == 0 {
            p { (texts.not_checked) }
        } @else {
            p { (format.plural(&texts.verification_proven, verified, &[("total", &total)])) }
        }
        (checks_table(report))
        @if let Some((from, to)) = &checks.times {
            p { (fill_html(texts.verification_times, &[("from", time(from)), ("to", time(to))])) }
        }
        p { (texts.verification_limits) }
        @if about.targets.iter().any(|target| target.mode == Some(ErasureMode::Soft)) { p { (texts.verification_soft) } }
    }
}

fn checks_table(report: &Report<'_>) -> Markup {
    let Report { digest, format, .. } = report;
    let texts = format.texts;
    let columns = columns([
        (texts.checked_how, Kind::Text),
        (texts.present, Kind::Number),
        (texts.absent, Kind::Number),
        (texts.unknown, Kind::Number),
    ]);
    let ways = [texts.by_lookup, texts.by_list];
    let before = ways.into_iter().zip(digest.checks.before).map(|(how, counts)| (texts.before_deletion, how, counts));
    let after = ways.into_iter().zip(digest.checks.after).map(|(how, counts)| (texts.after_deletion, how, counts));
    let rows = before.chain(after).map(|(when, how, counts)| {
        let StateCounts { present, absent, unknown } = counts;
        let mut row = vec![html! { (fill(when, &[("how", how)])) }];
        row.extend([present, absent, unknown].map(|count| html! { (format.number(count)) }));
        row
    });
    table(texts.verification_caption, &columns, rows)
}
