//! The time line, and the runs of the job.

use jiff::Timestamp;
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
        @if let Some(times) = report.digest.timeline.times() { (chart(report, times)) } @else { p { (texts.timeline_none) } }
        @if report.about.runs.is_empty() { p { (texts.no_runs) } } @else { (runs(report)) }
    }
}

fn chart(report: &Report<'_>, (first, last): (Timestamp, Timestamp)) -> Markup {
    let Report { digest, format, .. } = report;
    let (texts, timeline) = (format.texts, &digest.timeline);
    let caption = fill(texts.timeline_caption, &[("step", &duration(timeline.step()))]);
    let [from, to] = [first, last].map(|time| iso_seconds(time.as_second()));
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

/// How the lanes of a run ended, each way once: the job file separates them by commas.
fn ending(run: &RunHead, texts: &Texts) -> Markup {
    let Some(ending) = &run.ending else { return html! { (texts.ending_running) } };
    let mut ways: Vec<&str> = ending.split(',').map(str::trim).collect();
    ways.sort_unstable();
    ways.dedup();
    html! { @for way in ways { p { (way_of_ending(way, texts)) } } }
}

fn way_of_ending(way: &str, texts: &Texts) -> Markup {
    let text = match way {
        "finished" => texts.ending_finished,
        "interrupted" => texts.ending_interrupted,
        "deadline_reached" => texts.ending_deadline_reached,
        "outage_timed_out" => texts.ending_outage_timed_out,
        "credential_refused" => texts.ending_credential_refused,
        "wrong_target" => texts.ending_wrong_target,
        "unrecoverable" => texts.ending_unrecoverable,
        "nothing_found" => texts.ending_nothing_found,
        "not_begun" => texts.ending_not_begun,
        "killed" => texts.ending_killed,
        "outcomes_missing" => texts.ending_outcomes_missing,
        other => return code(other),
    };
    html! { (text) }
}
