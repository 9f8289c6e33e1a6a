//! What a series of signals asks for.

use std::time::{Duration, Instant};

/// A repetition within this time is the same wish: `timeout`, `npm`, `make` and a terminal in a container send a signal to
/// the process and to its whole group.
const SAME_WISH: Duration = Duration::from_secs(1);

/// What a signal asks for, after those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Nothing,
    /// Send nothing more, and wait for what is in flight.
    Stop,
    /// Do not wait any longer.
    Abort,
    /// End the process now.
    End,
}

/// Any signal stops; only an interrupt that is repeated after a second goes further.
#[derive(Debug)]
pub(super) struct Escalation {
    is_stopping: bool,
    /// The last interrupt that counted.
    interrupted_at: Option<Instant>,
    repeats: u32,
}

impl Escalation {
    pub(super) const fn new() -> Self {
        Self { is_stopping: false, interrupted_at: None, repeats: 0 }
    }

    pub(super) fn hear(&mut self, is_interrupt: bool, now: Instant) -> Wish {
        let is_first = !std::mem::replace(&mut self.is_stopping, true);
        if is_interrupt {
            let last = self.interrupted_at.get_or_insert(now);
            if now.saturating_duration_since(*last) >= SAME_WISH {
                *last = now;
                self.repeats += 1;
                return if self.repeats == 1 { Wish::Abort } else { Wish::End };
            }
        }
        if is_first { Wish::Stop } else { Wish::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signals as their name and milliseconds, and what each asks for.
    #[track_caller]
    fn asks(signals: &[(&str, u64, Wish)]) {
        let start = Instant::now();
        let mut escalation = Escalation::new();
        for (name, at, expected) in signals {
            let wish = escalation.hear(*name == "INT", start + Duration::from_millis(*at));
            assert_eq!(wish, *expected, "{name} at {at} of {signals:?}");
        }
    }

    #[test]
    fn only_an_interrupt_that_is_repeated_after_a_second_goes_further() {
        use Wish::{Abort, End, Nothing, Stop};
        asks(&[("TERM", 0, Stop), ("TERM", 1, Nothing), ("TERM", 5_000, Nothing), ("TERM", 60_000, Nothing)]);
        asks(&[("HUP", 0, Stop), ("TERM", 3_000, Nothing), ("HUP", 9_000, Nothing)]);
        asks(&[("INT", 0, Stop), ("INT", 1, Nothing), ("INT", 999, Nothing), ("INT", 1_000, Abort)]);
        asks(&[("INT", 0, Stop), ("INT", 1_500, Abort), ("INT", 1_600, Nothing), ("INT", 2_500, End)]);
        asks(&[("TERM", 0, Stop), ("INT", 1, Nothing), ("TERM", 2_000, Nothing), ("INT", 2_000, Abort)]);
        asks(&[("TERM", 0, Stop), ("INT", 5_000, Nothing), ("INT", 6_000, Abort)]);
    }
}
