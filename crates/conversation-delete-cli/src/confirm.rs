//! The question before the first request.

use std::io;

use crate::notice::{ask, notice_always};

/// Prints what is about to happen, and returns whether the person at the terminal typed `yes`.
pub(crate) fn is_confirmed(heading: &str, details: impl IntoIterator<Item = String>) -> bool {
    notice_always(heading);
    details.into_iter().for_each(|line| notice_always(&format!("  {line}")));
    ask("This cannot be undone here. Type `yes` to go on: ");
    let mut response = String::new();
    io::stdin().read_line(&mut response).is_ok() && response.trim() == "yes"
}
