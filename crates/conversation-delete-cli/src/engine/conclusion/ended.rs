//! How each vendor's part of a run ended, and why.

use std::time::Duration;

use conversation_delete_job::{Ending, TargetNumber};

use crate::engine::lanes::VendorRun;
use crate::exit;
use crate::notice::notice;
use crate::report::{count, span, visible, write_error_line};
use crate::settings::Settings;

/// How a vendor's part of a run ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) number: TargetNumber,
    /// Its name for people.
    name: String,
    pub(crate) ending: Ending,
    /// Why it ended, if there is more to report.
    reason: Option<String>,
}

impl Ended {
    /// `is_late` where it was the deadline that interrupted it.
    pub(crate) fn of(vendor_run: &VendorRun, ending: Ending, is_late: bool) -> Self {
        let ending = match ending {
            Ending::Interrupted if is_late => Ending::DeadlineReached { wait: Duration::ZERO },
            ending => ending,
        };
        let reason = reason_of(&ending, &vendor_run.settings);
        Self { number: vendor_run.number(), name: vendor_run.settings.name(), ending, reason }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.ending == Ending::Finished
    }

    /// Writes why it ended as a line of JSON, before the summary.
    pub(crate) fn write_line(&self) {
        if let Some(reason) = &self.reason {
            let exit = exit::of_ending(&self.ending);
            write_error_line(exit, &format!("{}: {}", self.name, visible(reason)), "");
        }
    }

    fn report(&self) {
        if let Some(reason) = &self.reason {
            notice(&format!("error: {}: {}", self.name, visible(reason)));
        }
    }
}

/// Rounds up, so that a wait is never shown as none.
fn in_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
}

fn reason_of(ending: &Ending, settings: &Settings) -> Option<String> {
    let check = |message: &str| format!("{message}; check {}", settings.to_check());
    Some(match ending {
        Ending::DeadlineReached { wait: Duration::ZERO } => "stopped: --deadline reached".to_owned(),
        Ending::DeadlineReached { wait } => {
            format!("stopped: the next step has to wait {}, which is past --deadline", span(in_seconds(*wait)))
        }
        Ending::OutageTimedOut { wait, reason } => {
            check(&format!("the next request had to wait {}, which is too long: {reason}", span(in_seconds(*wait))))
        }
        Ending::CredentialRefused(message) => check(&format!("the credential was refused: {message}")),
        Ending::WrongTarget(message) => check(message),
        Ending::Unrecoverable(message) => check(&format!("every other call would fail too: {message}")),
        Ending::NothingFound { looked } => {
            let ids = count(*looked, "id");
            format!(
                "none of the first {ids} is known to have existed: it may be the wrong workspace or region; check tenant, \
                 region, base URL and key ({})",
                settings.to_check()
            )
        }
        _ => return None,
    })
}

fn severity(ending: &Ending) -> u8 {
    match ending {
        Ending::Finished => 0,
        Ending::Interrupted => 1,
        Ending::DeadlineReached { .. } => 2,
        Ending::OutageTimedOut { .. } => 3,
        Ending::NothingFound { .. } => 5,
        Ending::WrongTarget(_) => 6,
        Ending::CredentialRefused(_) => 7,
        _ => 4,
    }
}

pub(crate) fn worst(ended: &[Ended]) -> &Ending {
    ended.iter().map(|ended| &ended.ending).max_by_key(|ending| severity(ending)).unwrap_or(&Ending::Finished)
}

/// Reports why each part of a run was stopped that did not finish, and returns how they all ended.
pub(crate) fn report_endings(ended: &[Ended]) -> Vec<Ending> {
    ended.iter().for_each(Ended::report);
    ended.iter().map(|ended| ended.ending.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up() {
        for (milliseconds, seconds) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2)] {
            assert_eq!(in_seconds(Duration::from_millis(milliseconds)), Duration::from_secs(seconds));
        }
    }
}
