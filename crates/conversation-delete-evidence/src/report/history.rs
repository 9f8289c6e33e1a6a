//! The time line, and the runs of the job.

use maud::{Markup, html};

use super::chart::{peak, swatch, time_line};
use super::context::{Report, code};
use super::format::{duration, fill, iso_seconds, time};
use super::table::{Kind, columns, table};
use super::text::Texts;
use crate::manifest::RunHead;

pub(super) fn history(report: &Report<'_>) -> Markup {
    let texts = report.format.texts;
    html! {
        @if report.digest.timeline.iter().next().is_some() { (chart(report)) } @else { p { (texts.timeline_none) } }
        @if report.about.runs.is_empty() { p { (texts.no_runs) } } @else { (runs(report)) }
    }
}

fn chart(report: &Report<'_>) -> Markup {
    let Report { digest, format, .. } = report;
    let (texts, timeline) = (format.texts, &digest.timeline);
    let caption = fill(texts.timeline_caption, &[("step", &duration(timeline.step()))]);
    let from = timeline.iter().next().map(|(start, _)| iso_seconds(start)).unwrap_or_default();
    let to = timeline.iter().last().map(|(start, _)| iso_seconds(start + timeline.step())).unwrap_or_default();
    let count = format.number(timeline.iter().map(|(_, step)| step.total()).sum());
    let peak = format.number(peak(timeline));
    let values = [("n", &*count), ("from", &*from), ("to", &*to), ("peak", &*peak)];
    html! {
        figure {
            figcaption { (caption) }
            p.axis aria-hidden="true" { (peak) }
            (time_line(&caption, &fill(texts.timeline_description, &values), timeline))
            p.axis aria-hidden="true" { span { (from) } span { (to) } }
            p.key aria-hidden="true" {
                @for (class, name) in series(texts) { span { (swatch(class)) (name) } }
            }
        }
        details { summary { (texts.timeline_numbers) } (numbers(report, &caption)) }
    }
}

fn series(texts: &Texts) -> [(&'static str, &'static str); 3] {
    [("c-deleted", texts.series_done), ("c-acknowledged", texts.series_acknowledged), ("c-failed", texts.series_other)]
}

fn numbers(report: &Report<'_>, caption: &str) -> Markup {
    let Report { digest, format, .. } = report;
    let texts = format.texts;
    let columns = columns([
        (texts.from, Kind::Text),
        (texts.series_done, Kind::Number),
        (texts.series_acknowledged, Kind::Number),
        (texts.series_other, Kind::Number),
    ]);
    let rows = digest.timeline.iter().filter(|(_, step)| step.total() > 0).map(|(start, step)| {
        let counts = [step.done, step.acknowledged, step.other];
        let counts = counts.into_iter().map(|count| html! { (format.number(count)) });
        [time(&iso_seconds(start))].into_iter().chain(counts).collect()
    });
    table(caption, &columns, rows)
}

fn runs(report: &Report<'_>) -> Markup {
    let texts = report.format.texts;
    let columns = columns([
        (texts.run, Kind::Number),
        (texts.purpose, Kind::Text),
        (texts.started, Kind::Text),
        (texts.ended, Kind::Text),
        (texts.ending, Kind::Text),
        (texts.program, Kind::Text),
    ]);
    let rows = (1_u64..).zip(&report.about.runs).map(|(number, run)| {
        vec![
            html! { (report.format.number(number)) },
            purpose(run, texts),
            time(&run.started_at),
            html! { @match &run.ended_at { Some(ended) => { (time(ended)) } None => { (texts.unknown) } } },
            ending(run, texts),
            code(&run.program),
        ]
    });
    table(texts.runs_caption, &columns, rows)
}

/// A job of an older format does not name the purpose; its runs delete.
fn purpose(run: &RunHead, texts: &Texts) -> Markup {
    match run.purpose.as_deref() {
        None | Some("delete") => html! { (texts.purpose_delete) },
        Some("verify") => html! { (texts.purpose_verify) },
        Some("lookup") => html! { (texts.purpose_lookup) },
        Some(other) => code(other),
    }
}

fn ending(run: &RunHead, texts: &Texts) -> Markup {
    let text = match run.ending.as_deref() {
        None => texts.ending_running,
        Some("finished") => texts.ending_finished,
        Some("interrupted") => texts.ending_interrupted,
        Some("deadline_reached") => texts.ending_deadline_reached,
        Some("outage_timed_out") => texts.ending_outage_timed_out,
        Some("credential_refused") => texts.ending_credential_refused,
        Some("wrong_target") => texts.ending_wrong_target,
        Some("unrecoverable") => texts.ending_unrecoverable,
        Some("nothing_found") => texts.ending_nothing_found,
        Some("not_begun") => texts.ending_not_begun,
        Some("killed") => texts.ending_killed,
        Some("outcomes_missing") => texts.ending_outcomes_missing,
        Some(other) => return code(other),
    };
    html! { (text) }
}
