//! What is the same for every job: what a deletion does not reach, how to verify the bundle, and what words mean.

use maud::{Markup, html};

use super::context::{Report, code, signer_name, vendor_name};
use super::format::fill;
use super::table::fields;
use super::text::Background;

pub(super) fn reach(report: &Report<'_>, background: &Background) -> Markup {
    let parts = ["corti", "fini", "elevenlabs", "tavus"].map(|vendor| (vendor, background.reach(vendor)));
    let appears = |vendor: &str| report.about.targets.iter().any(|target| target.vendor == vendor);
    html! {
        p { (background.reach_intro) }
        @for (vendor, items) in parts.into_iter().filter(|(vendor, _)| appears(vendor)) {
            h3 { (vendor_name(vendor)) }
            ul { @for item in items { li { (item) } } }
        }
        p.fine { (background.reach_source) }
    }
}

pub(super) fn verify(report: &Report<'_>, background: &Background) -> Markup {
    let signer = signer_name(report.about);
    html! {
        p { (background.verify_intro) }
        ol {
            li { (background.verify_program) pre tabindex="0" { code { (command(signer.is_some())) } } }
            li { (background.verify_readme) }
            li {
                @match &signer {
                    Some(name) => { (fill(background.verify_signature, &[("name", name)])) }
                    None => { (background.verify_no_signature) }
                }
            }
            li { (background.verify_print) }
        }
        (binding(report, background))
        h3 { (background.proves_title) }
        ul { @for item in background.proves_not { li { (item) } } }
    }
}

const fn command(is_signed: bool) -> &'static str {
    match is_signed {
        true => "conversation-delete evidence verify FILE.zip --public-key KEY",
        false => "conversation-delete evidence verify FILE.zip",
    }
}

fn binding(report: &Report<'_>, background: &Background) -> Markup {
    let Report { about, format, .. } = report;
    let signer = match &about.signer {
        Some(key) => code(key),
        None => html! { (background.not_signed) },
    };
    let records = &about.records;
    let rows = [
        (background.signer, signer),
        (background.record_lines, html! { (format.number(records.count)) }),
        (background.tree_root, code(&records.root)),
        (background.records_hash, code(&records.sha256)),
    ];
    fields(background.verify_caption, [format.texts.field, format.texts.value], rows)
}

pub(super) fn glossary(background: &Background) -> Markup {
    html! {
        dl.glossary { @for term in &background.glossary { dt { (term.name) } dd { (term.meaning) } } }
    }
}

impl Background {
    fn reach(&self, vendor: &str) -> &[&'static str] {
        match vendor {
            "corti" => &self.reach_corti,
            "fini" => &self.reach_fini,
            "elevenlabs" => &self.reach_elevenlabs,
            "tavus" => &self.reach_tavus,
            _ => &[],
        }
    }
}
