//! Where the bundles of evidence of a sweep go.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use crate::args::SweepArgs;
use crate::error::CommandError;
use crate::job_file::shown;
use crate::state_dir;

/// Whether the name is that of a bundle, and not of a folder for bundles.
pub(super) fn is_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "zip") && !path.is_dir()
}

/// Makes the folder, for its owner alone, if it does not exist.
pub(super) fn make_folder(args: &SweepArgs) -> Result<(), CommandError> {
    let Some(folder) = args.evidence.evidence.as_deref().filter(|path| !is_file(path)) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let unusable = |error| CommandError::usage(format!("{}: no folder can be made there: {error}", shown(folder)));
    builder.create(folder).map_err(unusable)
}

/// The first free name for the bundle of a job: in the folder that of the job and the time, else the file that was named.
pub(super) fn path(args: &SweepArgs, job: &Path) -> Option<PathBuf> {
    let named = args.evidence.evidence.as_deref()?;
    let stem = match is_file(named) {
        true => named.with_extension(""),
        false => named.join(format!("{}-{}", job.file_stem()?.to_string_lossy(), state_dir::now())),
    };
    let name = |number: u32| {
        let mut name = stem.clone().into_os_string();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        name.push(".zip");
        PathBuf::from(name)
    };
    (1..).map(name).find(|path| path.symlink_metadata().is_err())
}
