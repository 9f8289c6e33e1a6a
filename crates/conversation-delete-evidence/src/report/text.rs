//! The fixed texts of the report. One struct is the table: a text that a language lacks does not compile.
//!
//! `{name}` in a text is replaced when the page is written; every language uses the same names.

mod background;
mod de;
mod en;
mod es;
mod fr;

use conversation_delete_job::RecordOutcome;

use crate::language::Language;

pub(super) use background::Background;

/// The forms of a text that counts something, as the plural rules of CLDR choose them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plural {
    /// For one; in French also for zero.
    pub(super) one: &'static str,
    /// For all other numbers.
    pub(super) other: &'static str,
    /// For whole millions, which take a preposition in French and Spanish.
    pub(super) millions: &'static str,
}

impl Plural {
    const fn new(one: &'static str, other: &'static str) -> Self {
        Self { one, other, millions: other }
    }

    const fn with_millions(one: &'static str, other: &'static str, millions: &'static str) -> Self {
        Self { one, other, millions }
    }
}

/// A word of the report and what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
}

const fn term(name: &'static str, meaning: &'static str) -> Term {
    Term { name, meaning }
}

/// Visits the texts of a field, so that a test can compare the languages.
#[cfg(test)]
trait Visit {
    fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str));
}

#[cfg(test)]
mod visit {
    use super::{Plural, Term, Visit};

    impl Visit for &'static str {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            visitor(name.to_owned(), self);
        }
    }

    impl Visit for Plural {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            for (form, text) in [("one", self.one), ("other", self.other), ("millions", self.millions)] {
                visitor(format!("{name}.{form}"), text);
            }
        }
    }

    impl Visit for Term {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            visitor(format!("{name}.name"), self.name);
            visitor(format!("{name}.meaning"), self.meaning);
        }
    }

    impl<T: Visit, const N: usize> Visit for [T; N] {
        fn visit(&self, name: &str, visitor: &mut dyn FnMut(String, &'static str)) {
            for (index, item) in self.iter().enumerate() {
                item.visit(&format!("{name}[{index}]"), visitor);
            }
        }
    }
}

macro_rules! texts {
    ($(#[$about:meta])* $table:ident { $($(#[$doc:meta])* $name:ident: $kind:ty,)* }) => {
        $(#[$about])*
        pub(in crate::report) struct $table {
            $($(#[$doc])* pub(in crate::report) $name: $kind,)*
        }

        #[cfg(test)]
        impl $table {
            pub(in crate::report) fn visit(&self, visitor: &mut dyn FnMut(String, &'static str)) {
                $(crate::report::text::Visit::visit(&self.$name, stringify!($name), visitor);)*
            }
        }
    };
}

use texts;

texts! {
/// Every text of the report in one language, but the background.
Texts {
    kicker: &'static str,
    title: &'static str,
    contents: &'static str,
    /// Joins the last two items of a list.
    and: &'static str,
    unknown: &'static str,
    total: &'static str,

    asked_label: &'static str,
    asked: Plural,
    planned_on: &'static str,
    result_label: &'static str,
    lead_empty: &'static str,
    lead_all_held: &'static str,
    lead_unfinished: Plural,
    also_incomplete: Plural,
    lead_incomplete: Plural,
    lead_acknowledged: Plural,
    all_records: Plural,
    all_records_not_held: Plural,
    are_deleted: Plural,
    are_deleted_or_gone: Plural,
    are_soft_deleted: Plural,
    some_soft_deleted: Plural,
    held_note: Plural,
    refused_note: Plural,
    checks_label: &'static str,
    not_checked: &'static str,
    checked: Plural,
    signature_label: &'static str,
    signed: &'static str,
    unsigned: &'static str,
    test_endpoint: &'static str,
    outcomes_lost: &'static str,
    pseudonyms: &'static str,

    outcomes_title: &'static str,
    outcome_deleted: Term,
    outcome_acknowledged: Term,
    outcome_gone: Term,
    outcome_unresolved: Term,
    outcome_not_found: Term,
    outcome_failed: Term,
    outcome_refused: Term,
    outcome_held: Term,
    outcome_not_attempted: Term,

    scope_title: &'static str,
    scope_intro: &'static str,
    endpoint: &'static str,
    auth_url: &'static str,
    workspace: &'static str,
    mode: &'static str,
    mode_hard: &'static str,
    mode_soft: &'static str,
    mode_single: &'static str,
    credential: &'static str,
    accepted_credential: &'static str,
    at_time: &'static str,
    options: &'static str,
    option_children: &'static str,
    option_available_children: &'static str,
    option_allow_active: &'static str,
    option_one_by_one: &'static str,
    option_single: &'static str,
    option_delete_only: &'static str,
    planned: &'static str,
    job_caption: &'static str,
    plan_hash: &'static str,
    planned_at: &'static str,
    selected: &'static str,
    selected_since: &'static str,
    selected_until: &'static str,
    selected_by_id: &'static str,
    refused_entries: &'static str,
    exported_at: &'static str,
    program: &'static str,
    field: &'static str,
    value: &'static str,

    totals_title: &'static str,
    totals_caption: &'static str,
    outcome: &'static str,
    meaning: &'static str,
    records: &'static str,
    share: &'static str,
    by_target_caption: &'static str,
    children: &'static str,
    target: &'static str,

    timeline_title: &'static str,
    timeline_none: &'static str,
    timeline_caption: &'static str,
    timeline_numbers: &'static str,
    timeline_description: &'static str,
    from: &'static str,
    series_done: &'static str,
    series_acknowledged: &'static str,
    series_other: &'static str,
    runs_caption: &'static str,
    run: &'static str,
    purpose: &'static str,
    purpose_delete: &'static str,
    purpose_verify: &'static str,
    purpose_lookup: &'static str,
    started: &'static str,
    ended: &'static str,
    ending: &'static str,
    ending_finished: &'static str,
    ending_interrupted: &'static str,
    ending_deadline_reached: &'static str,
    ending_outage_timed_out: &'static str,
    ending_credential_refused: &'static str,
    ending_wrong_target: &'static str,
    ending_unrecoverable: &'static str,
    ending_nothing_found: &'static str,
    ending_not_begun: &'static str,
    ending_killed: &'static str,
    ending_outcomes_missing: &'static str,
    ending_running: &'static str,
    no_runs: &'static str,

    problems_title: &'static str,
    problems_none: &'static str,
    problems_intro: &'static str,
    problems_rest: Plural,
    problem_still_present: Term,
    problem_maybe_deleted: Term,
    problem_not_deleted: Term,
    problem_unverified: Term,
    position: &'static str,
    id: &'static str,
    reason: &'static str,
    last_attempt: &'static str,
    status: &'static str,
    afterwards: &'static str,

    kind_invalid_input: &'static str,
    kind_configuration: &'static str,
    kind_wrong_target: &'static str,
    kind_clock_skew: &'static str,
    kind_still_active: &'static str,
    kind_unauthenticated: &'static str,
    kind_missing_scope: &'static str,
    kind_forbidden: &'static str,
    kind_payment_required: &'static str,
    kind_not_found: &'static str,
    kind_rejected: &'static str,
    kind_rate_limited: &'static str,
    kind_timeout: &'static str,
    kind_connect: &'static str,
    kind_tls: &'static str,
    kind_connection: &'static str,
    kind_server: &'static str,
    kind_interrupted: &'static str,
    kind_unexpected_response: &'static str,
    kind_other: &'static str,

    holds_title: &'static str,
    holds_none: &'static str,
    holds_intro: &'static str,
    holds_caption: &'static str,
    held_by: &'static str,
    held_by_plan: &'static str,
    held_later: &'static str,
    holds_unmatched: Plural,

    verification_title: &'static str,
    verification_proven: Plural,
    verification_limits: &'static str,
    verification_soft: &'static str,
    verification_caption: &'static str,
    verification_times: &'static str,
    checked_how: &'static str,
    before_deletion: &'static str,
    after_deletion: &'static str,
    by_lookup: &'static str,
    by_list: &'static str,
    not_looked_up: &'static str,
    present: &'static str,
    absent: &'static str,

    footer: &'static str,
}
}

impl Texts {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &en::TEXTS,
            Language::De => &de::TEXTS,
            Language::Fr => &fr::TEXTS,
            Language::Es => &es::TEXTS,
        }
    }

    pub(super) const fn outcome(&self, outcome: RecordOutcome) -> &Term {
        match outcome {
            RecordOutcome::Deleted => &self.outcome_deleted,
            RecordOutcome::Acknowledged => &self.outcome_acknowledged,
            RecordOutcome::Gone => &self.outcome_gone,
            RecordOutcome::Unresolved => &self.outcome_unresolved,
            RecordOutcome::NotFound => &self.outcome_not_found,
            RecordOutcome::Failed => &self.outcome_failed,
            RecordOutcome::Refused => &self.outcome_refused,
            RecordOutcome::Held => &self.outcome_held,
            RecordOutcome::NotAttempted => &self.outcome_not_attempted,
        }
    }
}
