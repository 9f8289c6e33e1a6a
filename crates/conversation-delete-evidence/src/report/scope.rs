//! What was to be deleted, where, and with which credential.

use delete_core::ErasureMode;
use maud::{Markup, html};

use super::context::{Report, code, vendor_name};
use super::format::{Format, fill_html, time};
use super::table::fields;
use crate::manifest::TargetHead;

pub(super) fn scope(report: &Report<'_>) -> Markup {
    let texts = report.format.texts;
    let many = report.about.targets.len() > 1;
    html! {
        p { (texts.scope_intro) }
        div.cards {
            @for (number, head) in (1_u64..).zip(&report.about.targets) {
                @let name = if many { format!("{} {number}", texts.target) } else { texts.target.to_owned() };
                @let caption = report.format.labelled(&name, &vendor_name(&head.vendor));
                (fields(&caption, [texts.field, texts.value], target(head, report.format)))
            }
        }
        (fields(texts.job_caption, [texts.field, texts.value], job(report)))
    }
}

fn target(target: &TargetHead, format: Format) -> Vec<(&'static str, Markup)> {
    let texts = format.texts;
    let mut rows = vec![(texts.endpoint, code(&target.base_url))];
    rows.extend(target.auth_url.as_ref().map(|url| (texts.auth_url, code(url))));
    rows.extend(target.place.as_ref().map(|place| (texts.workspace, code(place))));
    rows.push((texts.mode, html! { (mode(target.mode, format)) }));
    rows.push((texts.credential, code(&target.credential)));
    rows.extend(target.accepted_credentials.iter().map(|accepted| {
        let values = [("value", code(&accepted.credential)), ("time", time(&accepted.accepted_at))];
        (texts.accepted_credential, fill_html(texts.at_time, &values))
    }));
    if !target.options.is_empty() {
        rows.push((texts.options, options(&target.options, format)));
    }
    rows.push((texts.planned, html! { (format.number(target.planned)) }));
    rows
}

pub(super) fn mode(mode: Option<ErasureMode>, format: Format) -> &'static str {
    match mode {
        Some(ErasureMode::Hard) => format.texts.mode_hard,
        Some(ErasureMode::Soft) => format.texts.mode_soft,
        None => format.texts.mode_single,
    }
}

/// The words of the job file, separated by spaces or commas; an unknown word is shown as it is.
fn options(options: &str, format: Format) -> Markup {
    let texts = format.texts;
    html! {
        ul {
            @for word in options.split([' ', ',']).filter(|word| !word.is_empty()) {
                li {
                    @match word {
                        "children" => { (texts.option_children) }
                        "available-children" => { (texts.option_available_children) }
                        "allow-active" | "allow-live" => { (texts.option_allow_active) }
                        "one-by-one" => { (texts.option_one_by_one) }
                        "single" => { (texts.option_single) }
                        "delete-only" => { (texts.option_delete_only) }
                        other => { (code(other)) }
                    }
                }
            }
        }
    }
}

fn job(report: &Report<'_>) -> Vec<(&'static str, Markup)> {
    let Report { about, format, .. } = report;
    let texts = format.texts;
    let program = format!("{} {}", about.program.name, about.program.version);
    vec![
        (texts.planned_at, time(&about.job.planned_at)),
        (texts.selected, selection(report)),
        (texts.plan_hash, code(&about.job.plan_hash)),
        (texts.refused_entries, html! { (format.number(about.refused.count)) }),
        (texts.exported_at, time(&about.exported_at)),
        (texts.program, code(&program)),
    ]
}

fn selection(report: &Report<'_>) -> Markup {
    let (job, texts) = (&report.about.job, report.format.texts);
    let bounds = [(texts.selected_since, &job.since), (texts.selected_until, &job.until)];
    html! {
        @if job.since.is_none() && job.until.is_none() { (texts.selected_by_id) }
        @for (text, bound) in bounds {
            @if let Some(bound) = bound { p { (fill_html(text, &[("time", time(bound))])) } }
        }
    }
}
