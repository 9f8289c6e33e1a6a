//! Every record that is not plainly deleted, with its reason in words, the most serious first.

use conversation_delete_job::PresenceState;
use delete_core::ErrorKind;
use maud::{Markup, html};

use super::context::{Report, vendor_name};
use super::digest::{Class, MAX_LISTED, Problem};
use super::format::{fill, time};
use super::table::{self, Column, Kind, table};
use super::text::{Term, Texts};

pub(super) fn problems(report: &Report<'_>) -> Markup {
    let Report { digest, format, .. } = report;
    let texts = format.texts;
    let mut room = MAX_LISTED;
    let classes = Class::ALL.into_iter().filter(|class| digest.count(*class) > 0).map(|class| {
        let shown = digest.problems[class as usize].first.len().min(room);
        room -= shown;
        (class, shown)
    });
    html! {
        @if digest.problems.iter().all(|problems| problems.count == 0) {
            p { (texts.problems_none) }
        } @else {
            p { (fill(texts.problems_intro, &[("limit", &format.number(MAX_LISTED as u64))])) }
        }
        @for (class, shown) in classes { (problems_of(report, class, shown)) }
    }
}

fn problems_of(report: &Report<'_>, class: Class, shown: usize) -> Markup {
    let Report { digest, format, .. } = report;
    let problems = &digest.problems[class as usize];
    let term = format.texts.class(class);
    let rest = problems.count - shown as u64;
    html! {
        h3 { (format.labelled(term.name, &format.number(problems.count))) }
        p { (term.meaning) }
        @if shown > 0 { (listed(report, class, &problems.first[..shown])) }
        @if rest > 0 { p { (format.plural(&format.texts.problems_rest, rest, &[])) } }
    }
}

fn listed(report: &Report<'_>, class: Class, problems: &[Problem]) -> Markup {
    let Report { about, format, .. } = report;
    let texts = format.texts;
    let has_reasons = problems.iter().any(|problem| problem.error.is_some());
    let has_targets = about.targets.len() > 1;
    let mut columns = Vec::from(table::columns([(texts.position, Kind::Number), (texts.id, Kind::Text)]));
    columns.extend(has_targets.then_some(Column(texts.target.into(), Kind::Text)));
    columns.extend(has_reasons.then_some(Column(texts.reason.into(), Kind::Sentence)));
    columns.extend(table::columns([
        (texts.last_attempt, Kind::Text),
        (texts.status, Kind::Number),
        (texts.afterwards, Kind::Text),
    ]));
    let rows = problems.iter().map(|problem| {
        // A line of `records.jsonl` is counted from 1, as editors do.
        let mut row = vec![html! { (format.number(problem.index + 1)) }, html! { code.id dir="ltr" { (problem.id) } }];
        row.extend(has_targets.then(|| target(report, problem)));
        row.extend(has_reasons.then(|| reason(problem, texts)));
        row.push(problem.attempted_at.as_deref().map_or_else(|| html! { "–" }, time));
        row.push(html! { (problem.status.map_or_else(|| "–".to_owned(), |status| status.to_string())) });
        row.push(html! { (texts.presence(problem.after)) });
        row
    });
    table(texts.class(class).name, &columns, rows)
}

fn reason(problem: &Problem, texts: &Texts) -> Markup {
    html! {
        @if problem.has_failed_lookup { (texts.lookup_failed) " " }
        @if let Some(kind) = problem.error { (texts.kind(kind)) }
    }
}

fn target(report: &Report<'_>, problem: &Problem) -> Markup {
    let target = usize::try_from(problem.target).ok().and_then(|index| report.about.targets.get(index));
    html! { (problem.target + 1) ". " @if let Some(target) = target { (vendor_name(&target.vendor)) } }
}

impl Texts {
    fn class(&self, class: Class) -> &Term {
        match class {
            Class::StillPresent => &self.problem_still_present,
            Class::MaybeDeleted => &self.problem_maybe_deleted,
            Class::NotDeleted => &self.problem_not_deleted,
            Class::Unresolved => &self.outcome_unresolved,
            Class::NotFound => &self.outcome_not_found,
            Class::NotAttempted => &self.outcome_not_attempted,
            Class::Acknowledged => &self.outcome_acknowledged,
            Class::Unverified => &self.problem_unverified,
        }
    }

    fn presence(&self, state: Option<PresenceState>) -> &'static str {
        match state {
            Some(PresenceState::Present) => self.present,
            Some(PresenceState::Absent) => self.absent,
            Some(PresenceState::Unknown) => self.unknown,
            None => self.not_looked_up,
        }
    }

    fn kind(&self, kind: ErrorKind) -> &'static str {
        match kind {
            ErrorKind::InvalidInput => self.kind_invalid_input,
            ErrorKind::Configuration => self.kind_configuration,
            ErrorKind::WrongTarget => self.kind_wrong_target,
            ErrorKind::ClockSkew => self.kind_clock_skew,
            ErrorKind::StillActive => self.kind_still_active,
            ErrorKind::Unauthenticated => self.kind_unauthenticated,
            ErrorKind::MissingScope => self.kind_missing_scope,
            ErrorKind::Forbidden => self.kind_forbidden,
            ErrorKind::PaymentRequired => self.kind_payment_required,
            ErrorKind::NotFound => self.kind_not_found,
            ErrorKind::Rejected => self.kind_rejected,
            ErrorKind::RateLimited => self.kind_rate_limited,
            ErrorKind::Timeout => self.kind_timeout,
            ErrorKind::Connect => self.kind_connect,
            ErrorKind::Tls => self.kind_tls,
            ErrorKind::Connection => self.kind_connection,
            ErrorKind::Server => self.kind_server,
            ErrorKind::Interrupted => self.kind_interrupted,
            ErrorKind::UnexpectedResponse => self.kind_unexpected_response,
            _ => self.kind_other,
        }
    }
}
