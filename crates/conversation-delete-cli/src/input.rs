//! The ids that the arguments name, and what must be said of them before anything is sent.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use crate::cli::IdArgs;
use crate::ids::{self, IdCollector, IdList, Place};
use crate::progress::notice;
use crate::report::{count, visible};

/// Whether the ids come from stdin.
pub(crate) fn is_stdin(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

/// Reads the ids, and tells of doubles and of what may be no id.
///
/// # Errors
/// When they cannot be read, or none were named. A file without any id is an empty list.
pub(crate) fn read(args: &IdArgs) -> Result<IdList, String> {
    let ids = collect(args)?;
    tell_of(&ids, args);
    if args.ids.is_empty() && args.ids_from.is_none() {
        return Err("no id was given: name ids, or a file with --ids-from (see --help)".to_owned());
    }
    Ok(ids)
}

fn collect(args: &IdArgs) -> Result<IdList, String> {
    let mut collector = IdCollector::new(args.vendor.vendor(), args.vendor.id_form());
    for (number, id) in (1..).zip(&args.ids) {
        collector.add(Place::Argument(number), id.as_encoded_bytes());
    }
    if let Some(path) = args.ids_from.as_deref() {
        let read = if is_stdin(Some(path)) {
            ids::read(io::stdin().lock(), &mut collector)
        } else {
            File::open(path).map_err(Into::into).and_then(|file| ids::read(BufReader::new(file), &mut collector))
        };
        read.map_err(|error| format!("the ids in {} cannot be read: {error}", visible(&path.to_string_lossy())))?;
    }
    Ok(collector.finish())
}

fn tell_of(ids: &IdList, args: &IdArgs) {
    if ids.merged() > 0 {
        let merged = count(ids.merged(), "id");
        notice(&format!("{merged} given again and merged: each id is sent once and reported once"));
    }
    for suspect in ids.suspects() {
        notice(&format!(
            "warning: `{suspect}` may be a missing id or the name of a column; {} takes it for an id",
            args.vendor.vendor()
        ));
    }
}
