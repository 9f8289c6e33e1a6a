//! How many records have each outcome, in all and at each target.

use maud::{Markup, html};

use super::chart::{OUTCOMES, class, swatch};
use super::context::{Report, vendor_name};
use super::digest::Class;
use super::format::fill;
use super::table::{Column, Kind, columns, table};

pub(super) fn totals(report: &Report<'_>) -> Markup {
    let Report { about, digest, format } = report;
    let children = digest.children;
    html! {
        (all(report))
        @if about.targets.len() > 1 {
            div.wide tabindex="0" role="group" aria-label=(format.texts.by_target_caption) { (by_target(report)) }
        }
        @if digest.count(Class::StillPresent) > 0 {
            @let present = &format.texts.problem_still_present;
            p { (format.labelled(present.name, &format.number(digest.count(Class::StillPresent)))) ". " (present.meaning) }
        }
        @if children.done + children.rest > 0 {
            @let [done, rest] = [children.done, children.rest].map(|count| format.number(count));
            p { (fill(format.texts.children, &[("done", &done), ("rest", &rest)])) }
        }
    }
}

fn all(report: &Report<'_>) -> Markup {
    let Report { about, format, .. } = report;
    let texts = format.texts;
    let columns = columns([(texts.outcome, Kind::Text), (texts.records, Kind::Number), (texts.meaning, Kind::Text)]);
    let rows = OUTCOMES.into_iter().map(|outcome| {
        let term = texts.outcome(outcome);
        vec![
            html! { (swatch(class(outcome))) (term.name) },
            html! { (format.number(about.outcomes.get(outcome))) },
            html! { (term.meaning) },
        ]
    });
    let total = vec![html! { (texts.total) }, html! { (format.number(about.outcomes.total())) }, html! {}];
    html! { (table(texts.totals_caption, &columns, rows.chain([total]))) }
}

/// One column for each target; outcomes that no record has are left out.
fn by_target(report: &Report<'_>) -> Markup {
    let Report { about, format, .. } = report;
    let texts = format.texts;
    let names = (1_u64..).zip(&about.targets).map(|(number, target)| {
        let mode = target.mode.map(|mode| format!(" ({})", mode.as_str())).unwrap_or_default();
        format!("{number}. {}{mode}", vendor_name(&target.vendor))
    });
    let numbers = names.map(|name| Column(name.into(), Kind::Number));
    let columns: Vec<Column> = [Column(texts.outcome.into(), Kind::Text)].into_iter().chain(numbers).collect();
    let outcomes = OUTCOMES.into_iter().filter(|outcome| about.outcomes.get(*outcome) > 0);
    let rows = outcomes.map(|outcome| {
        let counts = about.targets.iter().map(|target| html! { (format.number(target.outcomes.get(outcome))) });
        [html! { (swatch(class(outcome))) (texts.outcome(outcome).name) }].into_iter().chain(counts).collect()
    });
    let totals = about.targets.iter().map(|target| html! { (format.number(target.outcomes.total())) });
    let total: Vec<Markup> = [html! { (texts.total) }].into_iter().chain(totals).collect();
    table(texts.by_target_caption, &columns, rows.chain([total]))
}
