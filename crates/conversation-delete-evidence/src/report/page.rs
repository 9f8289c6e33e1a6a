//! The page as a whole.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::context::Report;
use super::format::{fill_html, iso, safe, time};
use super::text::Background;
use super::{background, checks, history, problems, scope, top, totals};

const STYLE: &str = include_str!("style.css");

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A part of the page: its anchor, its title and what it shows.
struct Section {
    anchor: &'static str,
    title: &'static str,
    content: Markup,
}

pub(super) fn page(report: &Report<'_>) -> Markup {
    let texts = report.format.texts;
    let sections = sections(report);
    html! {
        (DOCTYPE)
        html lang=(report.format.language.as_str()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (texts.title) ", " (iso(&report.about.exported_at)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (top::top(report)) }
                nav aria-label=(texts.contents) {
                    ul { @for section in &sections { li { a href={ "#" (section.anchor) } { (section.title) } } } }
                }
                main {
                    @for section in &sections {
                        section id=(section.anchor) aria-labelledby={ (section.anchor) "-title" } {
                            h2 id={ (section.anchor) "-title" } { (section.title) }
                            (section.content)
                        }
                    }
                }
                footer { p { (footer(report)) } }
            }
        }
    }
}

fn sections(report: &Report<'_>) -> [Section; 9] {
    let texts = report.format.texts;
    let background = Background::of(report.format.language);
    [
        ("scope", texts.scope_title, scope::scope(report)),
        ("totals", texts.totals_title, totals::totals(report)),
        ("history", texts.timeline_title, history::history(report)),
        ("problems", texts.problems_title, problems::problems(report)),
        ("holds", texts.holds_title, checks::holds(report)),
        ("verification", texts.verification_title, checks::verification(report)),
        ("reach", background.reach_title, background::reach(report, background)),
        ("verify", background.verify_title, background::verify(report, background)),
        ("glossary", background.glossary_title, background::glossary(background)),
    ]
    .map(|(anchor, title, content)| Section { anchor, title, content })
}

fn footer(report: &Report<'_>) -> Markup {
    let program = &report.about.program;
    let program = safe(&format!("{} {}", program.name, program.version));
    fill_html(
        report.format.texts.footer,
        &[("program", html! { (program) }), ("time", time(&report.about.exported_at))],
    )
}
