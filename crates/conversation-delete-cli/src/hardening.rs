//! What keeps secrets out of files and terminals, whatever happens to the process.

use crate::notice::notice;

/// Makes no core dump possible: it would hold the credentials. A system that has no such switch goes on without.
pub(crate) fn keep_secrets_in_memory() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // It can only be lowered, so it fails nowhere; and a core dump is the worst that could come of it.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Also keeps other processes of the same user from reading this one's memory.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

pub(crate) const INTERNAL_ERROR: &str = "internal error";

/// What is known, and what to do, after an internal error.
pub(crate) const AFTER_ERROR: &str = "; what was reported until here is true, and a job can be run again";

/// A panic is a fault of the program. Its message may quote what was at hand, so that only its location is shown.
pub(crate) fn report_panics_without_their_values() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map_or_else(String::new, |location| format!(" at {location}"));
        notice(&format!("error: {INTERNAL_ERROR}{location}{AFTER_ERROR}"));
    }));
}
