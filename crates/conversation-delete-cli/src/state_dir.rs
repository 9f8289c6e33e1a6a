//! The folder of jobs that `--job` did not name.

use std::env;
use std::ffi::OsString;
use std::fs::{DirBuilder, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use delete_core::timestamp;

use crate::args::VendorName;
use crate::job_file::shown;

/// The variable that names the folder.
pub(crate) const VARIABLE: &str = "CONVERSATION_DELETE_STATE_DIR";

/// Returns the folder: `$CONVERSATION_DELETE_STATE_DIR`, else `$XDG_STATE_HOME/conversation-delete`, else
/// `~/.local/state/conversation-delete`. `None` if no variable says where that is.
pub(crate) fn path() -> Option<PathBuf> {
    path_by(|name| env::var_os(name))
}

fn path_by(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let named = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The XDG specification has relative paths ignored.
    let absolute = |name: &str| named(name).filter(|path| path.is_absolute());
    named(VARIABLE)
        .or_else(|| absolute("XDG_STATE_HOME").map(|state| state.join("conversation-delete")))
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state/conversation-delete")))
}

/// Why there is no folder for a new job.
pub(crate) enum NoFolder {
    /// It cannot be made.
    Unwritable(io::Error),
    /// Somebody else could replace a job, or read its ids. It says what to do.
    Unsafe(String),
}

/// Returns the folder, made if it does not exist, for its owner alone.
///
/// # Errors
/// If no variable says where it is, it cannot be made, or others can write to it.
pub(crate) fn make() -> Result<PathBuf, NoFolder> {
    let unnamed = || io::Error::new(io::ErrorKind::NotFound, format!("neither {VARIABLE} nor HOME is set"));
    let path = path().ok_or_else(unnamed).and_then(std::path::absolute).map_err(NoFolder::Unwritable)?;
    // With a slash at its end, the name of a link would mean the folder behind it.
    let path: PathBuf = path.components().collect();
    check(&path)?;
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(&path) {
        Ok(()) => check(&path).map(|()| path),
        Err(error) => Err(NoFolder::Unwritable(io::Error::new(error.kind(), format!("{}: {error}", shown(&path))))),
    }
}

/// Makes sure that nobody else has a say in what is in the folder, if it exists.
fn check(path: &Path) -> Result<(), NoFolder> {
    let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
    let other = format!("or name another one by {VARIABLE}");
    let problem = if metadata.is_symlink() {
        format!("is a symbolic link, which may lead elsewhere next time: replace it by a folder, {other}")
    } else if is_of_another_user(&metadata) {
        format!("belongs to another user: change its owner, {other}")
    } else if may_others_write(&metadata) {
        format!("can be written to by other users: take that right from them (chmod go-w), {other}")
    } else {
        return Ok(());
    };
    Err(NoFolder::Unsafe(format!("the state directory {} {problem}", shown(path))))
}

#[cfg(unix)]
fn is_of_another_user(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() != rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn may_others_write(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o022 != 0
}

/// Rights are not in the mode of a file there.
#[cfg(not(unix))]
fn is_of_another_user(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn may_others_write(_: &Metadata) -> bool {
    false
}

/// What the names of the jobs of sweeps begin with.
pub(crate) const SWEEP: &str = "sweep-";

/// The time as a part of names.
pub(crate) fn now() -> String {
    let now: String = timestamp::format(SystemTime::now()).chars().take(19).filter(|c| !"-:".contains(*c)).collect();
    format!("{now}Z")
}

/// Returns names for a new job at this vendor, each tried if those before it are taken.
pub(crate) fn job_names(folder: &Path, vendor: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let stem = folder.join(format!("{vendor}-{}", now())).into_os_string();
    (1_u32..=1000).map(move |number| {
        let mut name = stem.clone();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        name.push(".job");
        name.into()
    })
}

/// Whether this is a job in the folder that `delete` or `sweep` named, so that nobody relies on its file.
pub(crate) fn is_private_job(job: &Path) -> bool {
    let folder = job.parent().and_then(|folder| folder.canonicalize().ok());
    let is_there = folder.is_some() && folder == path().and_then(|folder| folder.canonicalize().ok());
    is_there && job.file_name().and_then(|name| name.to_str()).is_some_and(is_job_name)
}

/// Whether `job_names` or a sweep gives such names.
fn is_job_name(name: &str) -> bool {
    let parts: Vec<&str> = name.strip_suffix(".job").unwrap_or_default().split('-').collect();
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |text: &str| {
        let parts = text.strip_suffix('Z').and_then(|time| time.split_once('T'));
        parts.is_some_and(|(date, time)| date.len() == 8 && time.len() == 6 && is_number(date) && is_number(time))
    };
    match &*parts {
        ["sweep", vendor, hash] => {
            VendorName::of(vendor).is_some() && hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        [vendor, time] => VendorName::of(vendor).is_some() && is_time(time),
        [vendor, time, number] => VendorName::of(vendor).is_some() && is_time(time) && is_number(number),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_at(variables: &[(&str, &str)], expected: Option<&str>) {
        let variable = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| value.into());
        assert_eq!(path_by(variable), expected.map(PathBuf::from), "{variables:?}");
    }

    #[test]
    fn the_first_variable_that_names_a_folder_decides() {
        let (own, xdg, home) = ((VARIABLE, "/own"), ("XDG_STATE_HOME", "/state"), ("HOME", "/h/a"));
        is_at(&[own, xdg, home], Some("/own"));
        is_at(&[(VARIABLE, "here"), xdg], Some("here"));
        is_at(&[(VARIABLE, ""), xdg, home], Some("/state/conversation-delete"));
        is_at(&[("XDG_STATE_HOME", "relative"), home], Some("/h/a/.local/state/conversation-delete"));
        is_at(&[("HOME", "")], None);
        is_at(&[], None);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let names: Vec<PathBuf> = job_names(Path::new("/jobs"), "tavus").take(2).collect();
        let stem = names[0].to_str().and_then(|name| name.strip_suffix("Z.job")).unwrap();
        assert!(stem.starts_with("/jobs/tavus-2") && stem.len() == "/jobs/tavus-20261129T013000".len(), "{stem}");
        assert_eq!(names[1], PathBuf::from(format!("{stem}Z-2.job")));
        assert!(names.iter().all(|name| is_job_name(name.file_name().unwrap().to_str().unwrap())));
        assert!(is_job_name("sweep-tavus-0123456789abcdef.job"));
        for other in [
            "sweep-tavus-1.job",
            "sweep-other-0123456789abcdef.job",
            "tavus.job",
            "tavus-20261129T013000Z",
            "other-20261129T013000Z.job",
            "tavus-2026-1-2.job",
            ".job",
        ] {
            assert!(!is_job_name(other), "{other}");
        }
    }
}
