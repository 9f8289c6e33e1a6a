//! The ids that the arguments name, and what must be known of them before anything is sent.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::args::{IdArgs, file_name, is_stdin};
use crate::ids::{self, IdCollector, IdList, Place, ReadError, ReadOptions, Sink};
use crate::notice::notice;
use crate::report::count;

/// Reads the ids, and reports repetitions and what may not be an id. Of more than `max` ids, it reads one more than that:
/// enough to know that there are too many.
///
/// # Errors
/// When they cannot be read, or none were named. A file without any entry is an empty list.
pub(crate) fn read(args: &IdArgs, max: u64) -> Result<IdList, String> {
    let ids = collect(args, max)?;
    report(&ids, args);
    if args.ids.is_empty() && args.ids_from.is_none() {
        return Err("no id was given: name ids, or a file with --ids-from (see --help)".to_owned());
    }
    Ok(ids)
}

/// Reads the entries of a file, or of stdin if its name is `-`, one at a time.
///
/// # Errors
/// As [`ids::read`].
pub(crate) fn read_file(path: &Path, options: &ReadOptions<'_>, sink: &mut impl Sink) -> Result<(), ReadError> {
    if is_stdin(Some(path)) {
        ids::read(io::stdin().lock(), options, sink)
    } else {
        ids::read(File::open(path)?, options, sink)
    }
}

fn collect(args: &IdArgs, max: u64) -> Result<IdList, String> {
    let mut collector = IdCollector::new(args.vendor.vendor(), args.vendor.id_form());
    for (number, id) in (1..).zip(&args.ids) {
        collector.add(Place::Argument(number), id.as_encoded_bytes());
    }
    if let Some(path) = args.ids_from.as_deref() {
        let max_ids = max.saturating_sub(collector.len() as u64);
        match read_file(path, &ReadOptions { id_column: args.column.id_column.as_deref(), max_ids }, &mut collector) {
            // Whoever asked for ids compares their number with the maximum.
            Ok(()) | Err(ReadError::TooManyIds(_)) => {}
            Err(error) => {
                return Err(format!("the ids in {} cannot be read: {error}", file_name(path)));
            }
        }
    }
    let file = args.ids_from.as_deref().map_or(String::new(), file_name);
    Ok(collector.finish().with_file(file))
}

fn report(ids: &IdList, args: &IdArgs) {
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
