//! Where the value of a setting comes from, and how it is read.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use delete_core::vendor_kit::{ErrorExt, optional_var};
use delete_core::{Error, ErrorKind};
use zeroize::Zeroizing;

use super::command;
use super::value::{self, as_text, check, shown};
use crate::stopping;

/// The variable of a token of Corti, which a command can print.
pub(crate) const ACCESS_TOKEN: &str = "CORTI_ACCESS_TOKEN";
pub(super) const CLIENT_SECRET: &str = "CORTI_CLIENT_SECRET";

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A text of the configuration file, which is not a secret.
    Text(String),
    /// An environment variable.
    Variable(String),
    /// The content of a file.
    File(PathBuf),
    /// What a command line prints.
    Command(String),
}

impl Source {
    /// Its kind, and where it is; of a command, whose arguments may be secret, at most the program.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "configuration".to_owned(),
            Self::Variable(name) => format!("variable {name}"),
            Self::File(path) => format!("file {}", shown(path)),
            Self::Command(line) => {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
                // Any other first word may be a part of a secret, such as a variable's value.
                match line.split_whitespace().next().filter(|word| word.chars().all(is_plain)) {
                    Some(program) => format!("command {program}"),
                    None => "command".to_owned(),
                }
            }
        }
    }
}

/// A setting by the name that messages call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) source: Source,
}

impl Setting {
    /// A setting in the environment, by its variable `NAME`: `NAME` itself, the file that `NAME_FILE` names, or the command
    /// that prints it.
    ///
    /// # Errors
    /// If more than one of them is set.
    pub(super) fn of_environment(name: &str) -> Result<Option<Self>, Error> {
        Self::among(name, |variable| env::var_os(variable).is_some())
    }

    fn among(name: &str, is_set: impl Fn(&str) -> bool) -> Result<Option<Self>, Error> {
        let (file, command) = (format!("{name}_FILE"), format!("{name}_COMMAND"));
        let all = [
            (name, Source::Variable(name.to_owned())),
            (&file, Source::File(env::var_os(&file).unwrap_or_default().into())),
            (&command, Source::Command(env::var(&command).unwrap_or_default())),
        ];
        let has_command = name == ACCESS_TOKEN;
        let mut set = all.into_iter().filter(|(name, _)| is_set(name) && (has_command || **name != command));
        match (set.next(), set.next()) {
            (Some((one, _)), Some((other, _))) => {
                Err(Error::configuration(format!("{one} and {other} are both set; unset one of them")))
            }
            (found, _) => Ok(found.map(|(name, source)| Self { name: name.to_owned(), source })),
        }
    }

    /// Reads the value. The message of an error names the setting, and never shows the value.
    ///
    /// # Errors
    /// If it cannot be read or used.
    pub(super) fn read(&self) -> Result<Zeroizing<String>, Error> {
        let read = match &self.source {
            Source::Text(text) => Ok(Zeroizing::new(text.clone())),
            Source::Variable(variable) => {
                hide(variable);
                let unset = || Error::configuration(format!("{}: the variable {variable} is not set", self.name));
                return optional_var(variable)?.map(Zeroizing::new).ok_or_else(unset);
            }
            Source::File(path) => read_file(path),
            Source::Command(line) => command::read(line),
        };
        read.map_err(|message| match (&self.source, stopping::since()) {
            (Source::Command(_), Some(_)) => Error::builder(ErrorKind::Interrupted, message).build(),
            _ => Error::configuration(message),
        })
        .map_err(|error| error.context(&self.name))
    }
}

static SECRET_VARIABLES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The variables from which settings were read: no other program gets them.
pub(crate) fn secret_variables() -> BTreeSet<String> {
    SECRET_VARIABLES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn hide(variable: &str) {
    SECRET_VARIABLES.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.to_owned());
}

/// The content of a file without one line end at its end.
fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    if path.as_os_str().is_empty() {
        return Err("the name of the file is empty".to_owned());
    }
    let named = format!("the file {}", shown(path));
    let bytes = value::read_file(path).map_err(|error| format!("{named} cannot be read: {error}"))?;
    let value = as_text(&bytes, &named)?;
    let value = value.strip_suffix('\n').map_or(value, |line| line.strip_suffix('\r').unwrap_or(line));
    check(value, &named)
}

#[cfg(test)]
mod tests;
