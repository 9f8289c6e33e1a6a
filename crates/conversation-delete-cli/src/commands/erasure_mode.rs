//! The choice between Tavus' two ways to delete, which nobody makes by default.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::args::{MethodArgs, VendorName};
use crate::job_file::quoted;
use crate::log_line;
use crate::notice::notice;

/// What the two ways do, as far as it is documented.
const EXPLANATION: [&str; 5] = [
    "Tavus deletes in two ways, and each command must say which one is meant:",
    "  --hard  deletes the record and its assets. This is irrevocable",
    "  --soft  is not an erasure: Tavus does not document what it keeps, for how long, whether the record can be restored,",
    "          or whether it can be deleted with --hard later",
    "Choose one of:",
];

/// Explains the choice to a person if it is missing, with the command line for each way.
pub(super) fn explain_if_missing(vendors: &[VendorName], method: &MethodArgs) {
    if !vendors.contains(&VendorName::Tavus) || method.hard || method.soft || log_line::is_json() {
        return;
    }
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    EXPLANATION.into_iter().for_each(notice);
    for mode in ["--hard", "--soft"] {
        notice(&format!("  conversation-delete {}", with_mode(&args, mode)));
    }
}

/// The arguments, with `mode` after the vendor.
fn with_mode(args: &[OsString], mode: &str) -> String {
    let after_vendor = args.iter().position(|arg| arg == "tavus").map(|vendor| vendor + 1);
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let (before, after) = args.split_at(after_vendor.unwrap_or(end).min(end));
    let all =
        before.iter().map(OsString::as_os_str).chain([OsStr::new(mode)]).chain(after.iter().map(OsString::as_os_str));
    all.map(|arg| quoted(Path::new(arg))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_follows_the_vendor_and_precedes_ids_with_hyphens() {
        let with_hard = |args: &[&str]| with_mode(&args.iter().map(OsString::from).collect::<Vec<_>>(), "--hard");
        assert_eq!(with_hard(&["delete", "tavus", "c1", "--max", "5"]), "delete tavus --hard c1 --max 5");
        assert_eq!(
            with_hard(&["delete", "tavus", "--ids-from", "my ids.csv"]),
            "delete tavus --hard --ids-from 'my ids.csv'"
        );
        assert_eq!(with_hard(&["plan", "--profile", "eu", "--", "-c1"]), "plan --profile eu --hard -- -c1");
    }
}
