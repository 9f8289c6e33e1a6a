//! Charts as inline SVG. They hold shapes only: labels are text of the page, so that they keep their size on every screen.

use conversation_delete_job::RecordOutcome;
use maud::{Markup, html};

use super::timeline::{Step, Timeline};

/// The outcomes of records, in the order in which the report shows them. An entry that is refused is not a record.
pub(super) const OUTCOMES: [RecordOutcome; 8] = [
    RecordOutcome::Deleted,
    RecordOutcome::Gone,
    RecordOutcome::Acknowledged,
    RecordOutcome::Unresolved,
    RecordOutcome::NotFound,
    RecordOutcome::Failed,
    RecordOutcome::NotAttempted,
    RecordOutcome::Held,
];

const BAR_WIDTH: u64 = 1_000;

/// The class of what a check still saw after its delete, whatever its outcome is.
pub(super) const STILL_PRESENT: &str = "c-still-present";

/// The least width of a part that occurs, so that one failure among a million is seen.
const LEAST_WIDTH: u64 = 8;

/// One bar, divided into parts: the class of each, and its number of records.
pub(super) fn outcome_bar(title: &str, description: &str, parts: &[(&'static str, u64)]) -> Markup {
    html! {
        svg.bar role="img" aria-labelledby="bar-title bar-description" viewBox="0 0 1000 40" preserveAspectRatio="none" {
            title id="bar-title" { (title) }
            desc id="bar-description" { (description) }
            @for (class, x, width) in widths(parts) {
                rect class=(class) x=(x) y="1" width=(width.saturating_sub(2)) height="38" {}
            }
        }
    }
}

/// The start and the width of each part. Together they are at most as wide as the bar.
fn widths(parts: &[(&'static str, u64)]) -> Vec<(&'static str, u64, u64)> {
    let total: u128 = parts.iter().map(|(_, count)| u128::from(*count)).sum::<u128>().max(1);
    let free = BAR_WIDTH - LEAST_WIDTH * parts.len() as u64;
    let width = |count: u64| LEAST_WIDTH + (u128::from(count) * u128::from(free) / total) as u64;
    let starts = parts.iter().scan(0, |next, (_, count)| Some(std::mem::replace(next, *next + width(*count))));
    parts.iter().zip(starts).map(|((class, count), start)| (*class, start, width(*count))).collect()
}

/// The small square beside an outcome in a table.
pub(super) fn swatch(class: &str) -> Markup {
    html! {
        svg.swatch aria-hidden="true" viewBox="0 0 12 12" { rect class=(class) x="1" y="1" width="10" height="10" {} }
    }
}

pub(super) const fn class(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Deleted => "c-deleted",
        RecordOutcome::Acknowledged => "c-acknowledged",
        RecordOutcome::Gone => "c-gone",
        RecordOutcome::Unresolved => "c-unresolved",
        RecordOutcome::NotFound => "c-not-found",
        RecordOutcome::Failed | RecordOutcome::Refused => "c-failed",
        RecordOutcome::Held => "c-held",
        RecordOutcome::NotAttempted => "c-not-attempted",
    }
}

/// The least number of places for bars, so that a short job is not one broad block.
const LEAST_PLACES: usize = 24;

const CHART_HEIGHT: f64 = 100.0;

/// Bars of a time line, from the bottom: deleted or gone, acknowledged, the rest.
pub(super) fn time_line(title: &str, description: &str, timeline: &Timeline) -> Markup {
    let steps: Vec<Step> = timeline.iter().map(|(_, step)| step).collect();
    let peak = peak(timeline).max(1);
    let view = format!("0 0 {} {CHART_HEIGHT}", steps.len().max(LEAST_PLACES) * 10);
    html! {
        svg.timeline role="img" aria-labelledby="timeline-title timeline-description" viewBox=(view) preserveAspectRatio="none" {
            title id="timeline-title" { (title) }
            desc id="timeline-description" { (description) }
            @for (place, step) in steps.into_iter().enumerate() { (time_bar(place, step, peak)) }
        }
    }
}

pub(super) fn peak(timeline: &Timeline) -> u64 {
    timeline.iter().map(|(_, step)| step.total()).max().unwrap_or(0)
}

fn time_bar(place: usize, step: Step, peak: u64) -> Markup {
    let parts = [("c-deleted", step.done), ("c-acknowledged", step.acknowledged), ("c-failed", step.other)];
    let mut bottom = CHART_HEIGHT;
    let bars = parts.into_iter().filter(|(_, count)| *count > 0).map(|(class, count)| {
        // What occurs is seen, however rare it is.
        let height = (count as f64 / peak as f64 * CHART_HEIGHT).max(2.0).min(bottom);
        bottom -= height;
        (class, bottom, height)
    });
    html! {
        @for (class, y, height) in bars {
            rect class=(class) x=(place * 10 + 1) y=(format!("{y:.1}")) width="8" height=(format!("{height:.1}")) {}
        }
    }
}
