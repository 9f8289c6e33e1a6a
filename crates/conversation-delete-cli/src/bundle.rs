//! Bundles of evidence: their keys, and the file that they are written to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use conversation_delete_evidence::{
    ExportError, ExportOptions, KeyError, Language, Manifest, PseudonymKey, SignerKey, export,
};
use conversation_delete_job::{JobErrorKind, JobLocation, Status};

use crate::args::{BundleArgs, BundleFormArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{JobState, quoted, shown};
use crate::log_line::Level;
use crate::notice::{notice, notice_as};
use crate::unfinished::{self, Unfinished};

/// The bundle that a `delete` or a `run` is to write.
#[derive(Debug)]
pub(crate) struct Bundle {
    path: PathBuf,
    options: ExportOptions,
    /// The options of the keys and the language, for another command.
    repeated: String,
}

impl Bundle {
    /// Finds out before anything is sent whether the file can be made and the keys can be read.
    pub(crate) fn prepare(args: &BundleArgs) -> Result<Option<Self>, CommandError> {
        let BundleArgs { evidence: Some(path), form } = args else { return Ok(None) };
        let options = options(form.sign.as_deref(), form.pseudonymize.as_deref(), form.lang.unwrap_or_default())?;
        Unfinished::create(path).map_err(|error| unusable(path, &error))?;
        Ok(Some(Self { path: path.clone(), options, repeated: repeated_form(form) }))
    }

    /// Writes the bundle of a job that was run, if every id has its outcome. Otherwise a later run writes it.
    ///
    /// # Errors
    /// The exit code of what kept it from being written, which stderr has.
    pub(crate) fn write_after_run(&self, location: &JobLocation, status: &Status) -> Result<(), Exit> {
        let name = shown(&self.path);
        if JobState::of(status) != JobState::Finished {
            notice_as(
                Level::Warn,
                &format!("{name} was not written, because ids are left: run the job with --evidence"),
            );
            return Ok(());
        }
        let mut options = self.options.clone();
        options.exported_at = SystemTime::now();
        match write(&self.path, location.clone(), &options) {
            Ok(manifest) => {
                notice(&format!("evidence of {} is in {name}", described(&manifest)));
                Ok(())
            }
            Err(error) => {
                let kept = location.path().map(|job| {
                    format!(
                        "; the job is kept: try again with: conversation-delete evidence export {} --out FILE.zip{}",
                        quoted(job),
                        self.repeated
                    )
                });
                notice(&format!("error: no evidence was written: {error}{}", kept.unwrap_or_default()));
                Err(Exit::Stopped)
            }
        }
    }
}

/// The options that ask for the same evidence, for the command that resumes.
pub(crate) fn repeated(args: &BundleArgs) -> String {
    let path = args.evidence.as_deref().map(|path| format!(" --evidence {}", quoted(path)));
    path.map_or_else(String::new, |path| path + &repeated_form(&args.form))
}

/// They have the same names for `delete`, `run` and `evidence export`.
fn repeated_form(form: &BundleFormArgs) -> String {
    let key = |name: &str, path: &Option<PathBuf>| path.as_deref().map(|path| format!(" --{name} {}", quoted(path)));
    let keys = [key("sign", &form.sign), key("pseudonymize", &form.pseudonymize)];
    let language = form.lang.map(|language| format!(" --lang {}", language.as_str()));
    keys.into_iter().chain([language]).flatten().collect()
}

/// Whether a bundle was not to be written, or was.
pub(crate) fn write_after_run(bundle: Option<&Bundle>, location: &JobLocation, status: &Status) -> Result<(), Exit> {
    bundle.map_or(Ok(()), |bundle| bundle.write_after_run(location, status))
}

/// Writes a bundle to a new file, which gets its name when it is complete.
pub(crate) fn write(path: &Path, location: JobLocation, options: &ExportOptions) -> Result<Manifest, CommandError> {
    let unfinished = Unfinished::create(path).map_err(|error| unusable(path, &error))?;
    let manifest = export(location, options, unfinished.file()).map_err(not_exported)?;
    unfinished.finish().map_err(|error| unusable(path, &error))?;
    Ok(manifest)
}

pub(crate) fn unusable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::usage(format!("{}: {}", shown(path), unfinished::explain(error)))
}

pub(crate) fn not_exported(error: ExportError) -> CommandError {
    match error {
        ExportError::Job(error) if error.kind() == JobErrorKind::Changed => {
            CommandError { advice: ": no evidence was made", ..error.into() }
        }
        ExportError::Job(error) => CommandError { advice: "; no evidence was made", ..error.into() },
        ExportError::TooLarge => CommandError::usage(error),
        error => CommandError::new(Exit::Stopped, error),
    }
}

/// How a bundle is made now, with the keys in these files.
pub(crate) fn options(
    sign: Option<&Path>,
    pseudonymize: Option<&Path>,
    language: Language,
) -> Result<ExportOptions, CommandError> {
    let mut options = ExportOptions::new("conversation-delete", env!("CARGO_PKG_VERSION"), SystemTime::now());
    options.signer = sign.map(|path| read_key(path, SignerKey::parse)).transpose()?;
    options.pseudonyms = pseudonymize.map(|path| read_key(path, PseudonymKey::parse)).transpose()?;
    options.language = language;
    Ok(options)
}

/// Longer files are not keys.
const LONGEST_KEY: u64 = 64 * 1024;

/// Reads the key in a file. Its text is never shown.
pub(crate) fn read_key<K>(path: &Path, parse: impl Fn(&str) -> Result<K, KeyError>) -> Result<K, CommandError> {
    let refused = |what: String| CommandError::usage(format!("{}: {what}", shown(path)));
    let length = fs::metadata(path).map_err(|error| refused(format!("it cannot be read: {error}")))?.len();
    if length > LONGEST_KEY {
        return Err(refused("it is too long to be a key".to_owned()));
    }
    let text = zeroize::Zeroizing::new(fs::read(path).map_err(|error| refused(format!("it cannot be read: {error}")))?);
    let text = std::str::from_utf8(&text).map_err(|_| refused("it is not text".to_owned()))?;
    parse(text).map_err(|error| refused(error.to_string()))
}

/// How many records it has, and who signed it.
pub(crate) fn described(manifest: &Manifest) -> String {
    let records = crate::report::count(manifest.about.records.count, "record");
    match &manifest.about.signer {
        Some(key) => format!("{records}, signed by {}", key.split('+').next().unwrap_or_default()),
        None => format!("{records}, not signed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_not_before_the_outcomes_that_it_shows() {
        let outcome = SystemTime::now();
        assert!(options(None, None, Language::En).unwrap().exported_at >= outcome);
    }
}
