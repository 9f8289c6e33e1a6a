//! Where signals come from.

use std::io;

/// Hands every signal that asks the process to stop to `hear`, on a thread of its own, with whether it is an interrupt.
#[cfg(unix)]
pub(super) fn start(hear: impl Fn(bool) + Send + 'static) -> io::Result<()> {
    use std::sync::Arc;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    // Caught and not acted upon: a write above the file size limit is an error then, and does not end the process.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    let mut wanted = vec![SIGINT, SIGTERM];
    if !is_hangup_ignored() {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted)?;
    let run = move || signals.forever().for_each(|signal| hear(signal == SIGINT));
    std::thread::Builder::new().name("signals".to_owned()).spawn(run)?;
    Ok(())
}

/// Whether the process was begun with `nohup`, which a handler would undo.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => is_hangup_in_mask(&status),
        Err(_) => survives_a_hangup(),
    }
}

/// Whether the first bit of the ignored signals is set, in the form of Linux.
#[cfg(unix)]
fn is_hangup_in_mask(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Whether a child, which ignores the same signals, survives one. Other systems than Linux do not report it otherwise
/// without unsafe code.
#[cfg(unix)]
fn survives_a_hangup() -> bool {
    use std::process::{Command, Stdio};

    let mut child = Command::new("/bin/sh");
    child.args(["-c", "kill -HUP $$"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    child.status().is_ok_and(|status| status.success())
}

/// Hands every Ctrl-C to `hear`, on a thread of its own.
#[cfg(not(unix))]
pub(super) fn start(hear: impl Fn(bool) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listen = move || {
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                hear(true);
            }
        });
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen)?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_seen_in_the_mask_of_ignored_signals() {
        assert!(is_hangup_in_mask("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n"));
        assert!(!is_hangup_in_mask("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!is_hangup_in_mask(""));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn both_ways_to_see_nohup_agree() {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        assert_eq!(survives_a_hangup(), is_hangup_in_mask(&status));
    }
}
