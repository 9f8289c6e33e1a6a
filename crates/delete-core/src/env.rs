//! Environment variables, read at the time of the call. Messages name the variable and never show its value.

use std::env::{self, VarError};

use crate::error::{Error, ErrorExt};
use crate::options::ClientOptions;
use crate::{BaseUrl, Vendor};

/// Returns the value of a variable; `None` if it is not set. An empty value is an error, because it is usually a mistake.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the value is empty or not Unicode.
pub fn optional_var(name: &str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Err(Error::configuration(format!("the variable {name} is empty"))),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::configuration(format!("the variable {name} is not Unicode"))),
    }
}

/// Returns the value of a variable that must be set.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is not set, empty or not Unicode.
pub fn required_var(name: &str) -> Result<String, Error> {
    optional_var(name)?.ok_or_else(|| not_set(name))
}

fn not_set(name: &str) -> Error {
    Error::configuration(format!("the variable {name} is not set"))
}

/// Reads the variables of one vendor's client. Its errors are of the kind
/// [`Configuration`](crate::ErrorKind::Configuration) and name the vendor and the variable.
#[derive(Clone, Copy, Debug)]
pub struct EnvReader(Vendor);

impl EnvReader {
    /// Creates a reader for a client of `vendor`.
    pub const fn new(vendor: Vendor) -> Self {
        Self(vendor)
    }

    /// Returns what `parse` makes of a variable; `None` if the variable is not set.
    ///
    /// # Errors
    /// If the value is empty or not Unicode, or `parse` refuses it.
    pub fn optional<T>(self, name: &str, parse: impl FnOnce(String) -> Result<T, Error>) -> Result<Option<T>, Error> {
        let parse = |value| parse(value).context(name);
        optional_var(name).and_then(|value| value.map(parse).transpose()).for_vendor(self.0)
    }

    /// Returns what `parse` makes of a variable that must be set.
    ///
    /// # Errors
    /// As for [`optional`](Self::optional), and if the variable is not set.
    pub fn required<T>(self, name: &str, parse: impl FnOnce(String) -> Result<T, Error>) -> Result<T, Error> {
        self.optional(name, parse)?.ok_or_else(|| not_set(name).for_vendor(self.0))
    }

    /// Returns the base URL in a variable; `None` if it is not set.
    ///
    /// # Errors
    /// As for [`optional`](Self::optional), and if it is not a URL that requests can be sent to.
    pub fn base_url(self, name: &str) -> Result<Option<String>, Error> {
        self.optional(name, |url| BaseUrl::parse(&url).map(|_| url))
    }

    /// Returns the default options, with the base URL in a variable if it is set.
    ///
    /// # Errors
    /// As for [`base_url`](Self::base_url).
    pub fn client_options(self, base_url_name: &str) -> Result<ClientOptions, Error> {
        Ok(ClientOptions { base_url: self.base_url(base_url_name)?, ..ClientOptions::default() })
    }
}
