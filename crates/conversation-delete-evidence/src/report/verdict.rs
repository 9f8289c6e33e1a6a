//! The first sentence: what became of the job.

use delete_core::ErasureMode;

use super::digest::{Class, Digest};
use super::format::{Format, fill};
use crate::manifest::{ManifestHead, OutcomeCounts};

/// How the first screen presents the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Every record is as it should be, and was verified as absent after its delete, unless it is held.
    Good,
    /// Nothing failed, but something is not proven.
    Doubt,
    /// Something is not deleted, or may not be.
    Bad,
}

impl Tone {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubt => "doubt",
            Self::Bad => "bad",
        }
    }
}

/// What became of the job, in one or two sentences.
pub(super) fn lead(about: &ManifestHead, digest: &Digest, format: Format) -> (Tone, String) {
    let texts = format.texts;
    let total = about.outcomes.total();
    let total_text = format.number(total);
    let of_total = [("total", total_text.as_str())];
    let (incomplete, unfinished) = (digest.incomplete(), about.outcomes.not_attempted);
    let [present, acknowledged] = [Class::StillPresent, Class::Acknowledged].map(|class| digest.count(class));
    if total == 0 {
        (Tone::Doubt, texts.lead_empty.to_owned())
    } else if about.outcomes.held == total {
        (Tone::Doubt, texts.lead_all_held.to_owned())
    } else if unfinished > 0 {
        let mut text = format.plural(&texts.lead_unfinished, unfinished, &of_total);
        if present > 0 {
            text = format!("{text} {}", still_present(digest, &of_total, format));
        } else if incomplete > 0 {
            text = format!("{text} {}", format.plural(&texts.also_incomplete, incomplete, &[]));
        }
        (Tone::Bad, text)
    } else if present > 0 {
        (Tone::Bad, still_present(digest, &of_total, format))
    } else if incomplete > 0 {
        (Tone::Bad, format.plural(&texts.lead_incomplete, incomplete, &of_total))
    } else if acknowledged > 0 {
        (Tone::Doubt, format.plural(&texts.lead_acknowledged, acknowledged, &of_total))
    } else {
        (done_tone(about), done(about, format))
    }
}

/// How many records are known to be still present, and how many others are not deleted or may not be.
fn still_present(digest: &Digest, of_total: &[(&str, &str)], format: Format) -> String {
    let present = digest.count(Class::StillPresent);
    let statement = format.plural(&format.texts.lead_still_present, present, of_total);
    match digest.incomplete() - present {
        0 => statement,
        others => format!("{statement} {}", format.plural(&format.texts.also_incomplete, others, &[])),
    }
}

/// All that was not held is deleted or gone.
fn done(about: &ManifestHead, format: Format) -> String {
    let texts = format.texts;
    let records = about.outcomes.total() - about.outcomes.held;
    let soft = soft_deleted(about);
    let subject = if about.outcomes.held == 0 { &texts.all_records } else { &texts.all_records_not_held };
    let predicate = match about.outcomes.gone {
        0 if soft == records => &texts.are_soft_deleted,
        0 => &texts.are_deleted,
        _ => &texts.are_deleted_or_gone,
    };
    let [subject, predicate] = [subject, predicate].map(|plural| format.plural(plural, records, &[]));
    let is_only_soft = soft == records && about.outcomes.gone == 0;
    let mut statement = format!("{subject} {predicate}");
    if soft > 0 && !is_only_soft {
        statement = format!("{statement} {}", format.plural(&texts.some_soft_deleted, soft, &[]));
    }
    // Nobody expects a soft delete to make a record absent.
    if is_only_soft || about.verification.unverified == 0 {
        statement
    } else {
        unverified(about, records, &statement, format)
    }
}

/// What the vendor confirmed, and of how many records no check proved the absence.
fn unverified(about: &ManifestHead, records: u64, statement: &str, format: Format) -> String {
    let statement = fill(format.texts.according_to_vendor, &[("statement", statement)]);
    let [n, total] = [about.verification.unverified, records].map(|count| format.number(count));
    format!("{statement} {}", fill(format.texts.absence_unverified, &[("n", &n), ("total", &total)]))
}

fn done_tone(about: &ManifestHead) -> Tone {
    let is_proven = about.verification.unverified == 0 && !about.outcomes_were_lost;
    let is_doubtful = !is_proven || soft_deleted(about) > 0 || about.holds.records_too_late > 0;
    if is_doubtful { Tone::Doubt } else { Tone::Good }
}

/// Records that were deleted or are gone at targets with soft deletes.
fn soft_deleted(about: &ManifestHead) -> u64 {
    let soft = about.targets.iter().filter(|target| target.mode == Some(ErasureMode::Soft));
    soft.map(|target| deleted_or_gone(&target.outcomes)).sum()
}

fn deleted_or_gone(outcomes: &OutcomeCounts) -> u64 {
    outcomes.deleted + outcomes.gone
}
