//! Stops a run on a signal or at its deadline, and reports its progress.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use conversation_delete_job::{Ending, JobError, StopHandle};
use futures_util::FutureExt;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval_at, sleep};

use crate::log_line::Level;
use crate::notice::notice_as;
use crate::report::{ProgressReporter, count};
use crate::{metrics, signals};

/// How long a vendor may be unavailable while somebody waits for the result, or for the next vendor. A job that was planned
/// on its own waits as long as it takes.
pub(crate) const MAX_OUTAGE: Duration = Duration::from_secs(120);

/// How often the progress is reported without a terminal.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// A variable of the tests that replaces it, in milliseconds.
const REPORT_EVERY_VARIABLE: &str = "CONVERSATION_DELETE_TEST_REPORT_EVERY";

fn report_every() -> Duration {
    let millis = std::env::var(REPORT_EVERY_VARIABLE).ok().and_then(|text| text.parse().ok());
    millis.filter(|millis| *millis > 0).map_or(REPORT_EVERY, Duration::from_millis)
}

/// Heeds signals, the clock and the deadline while a job goes on.
pub(crate) struct Supervisor<'a> {
    progress: &'a ProgressReporter,
    pub(crate) stop: StopHandle,
    deadline: Option<Instant>,
    /// Whether the deadline stopped it.
    pub(crate) is_late: bool,
    was_interrupted: bool,
}

impl<'a> Supervisor<'a> {
    pub(crate) fn new(progress: &'a ProgressReporter, deadline: Option<Instant>) -> Self {
        let stop = StopHandle::default();
        metrics::watch(&stop);
        Self { progress, stop, deadline, is_late: false, was_interrupted: false }
    }

    fn report_interruption(&self) {
        let message = match self.stop.in_flight() {
            0 => "interrupted: sending no more; nothing is in flight".to_owned(),
            requests => {
                let requests = count(requests as u64, "request");
                format!(
                    "interrupted: sending no more, waiting for {requests} in flight (interrupt again to stop waiting)"
                )
            }
        };
        notice_as(Level::Warn, &message);
    }

    /// The endings.
    pub(crate) async fn supervise(
        &mut self,
        running: impl Future<Output = Result<Vec<Ending>, JobError>>,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ending>, JobError> {
        let mut running = pin!(running);
        let every = report_every();
        let mut ticks = interval_at(tokio::time::Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let left = self.deadline.map_or(Duration::ZERO, |deadline| deadline.saturating_duration_since(Instant::now()));
        let mut deadline = pin!(sleep(left));
        loop {
            tokio::select! {
                biased;
                Some(()) = signals.recv() => {
                    if std::mem::replace(&mut self.was_interrupted, true) {
                        let message = "interrupted again: not waiting; the next run finds out what was in flight";
                        notice_as(Level::Warn, message);
                        self.stop.abort();
                    } else {
                        signals::stop_token().stop();
                        self.stop.drain();
                        // Calls that only wait for their next attempt end at once, and are not in flight.
                        let endings = running.as_mut().now_or_never();
                        self.report_interruption();
                        if let Some(endings) = endings {
                            return endings;
                        }
                    }
                }
                () = &mut deadline, if self.deadline.is_some() && !self.is_late => {
                    self.is_late = true;
                    self.stop.drain();
                }
                endings = &mut running => return endings,
                _ = ticks.tick() => self.progress.print(),
            }
        }
    }
}
