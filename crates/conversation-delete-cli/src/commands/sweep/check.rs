//! What can be wrong with the arguments, found before anything is sent.

use std::io::{self, IsTerminal};

use super::evidence;
use crate::args::SweepArgs;

pub(super) fn check(args: &SweepArgs) -> Result<(), String> {
    if let Some(again) = (1..args.vendors.len()).find(|number| args.vendors[..*number].contains(&args.vendors[*number]))
    {
        return Err(format!("{} is named twice", args.vendors[again].vendor()));
    }
    args.method.check(&args.vendors)?;
    if args.hold.stdin_count() > 0 {
        return Err("a sweep reads its holds for each vendor, and stdin can be read once: name a file".to_owned());
    }
    if args.vendors.len() > 1 && args.evidence.evidence.as_deref().is_some_and(evidence::is_file) {
        return Err("several vendors have several bundles: give --evidence a folder".to_owned());
    }
    if args.evidence.evidence.as_deref().is_some_and(|path| evidence::is_file(path) && path.symlink_metadata().is_ok())
    {
        return Err("the file of --evidence exists, and nothing is written over a file".to_owned());
    }
    if !args.yes && !args.dry_run && !io::stdin().is_terminal() {
        return Err(
            "stdin is not a terminal, so no question can be asked: add --yes (or --dry-run to look first)".to_owned()
        );
    }
    Ok(())
}
