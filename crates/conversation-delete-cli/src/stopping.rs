//! Since when the process shall end.

use std::sync::OnceLock;
use std::time::Instant;

static SINCE: OnceLock<Instant> = OnceLock::new();

/// When a signal first asked the process to end.
pub(crate) fn since() -> Option<Instant> {
    SINCE.get().copied()
}

/// A signal asks the process to end.
pub(crate) fn begin(now: Instant) {
    SINCE.get_or_init(|| now);
}
