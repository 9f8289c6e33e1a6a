//! Environment variables, read at the time of the call. Messages name the variable and never show its value.

use std::env::{self, VarError};
use std::fmt;

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

fn not_set(name: &str) -> Error {
    Error::configuration(format!("the variable {name} is not set"))
}

/// Returns the value of a variable; `None` if it is not set.
type Lookup<'a> = &'a dyn Fn(&str) -> Result<Option<String>, Error>;

/// Reads the variables of one vendor's client. Its errors are of the kind
/// [`Configuration`](crate::ErrorKind::Configuration) and name the vendor and the variable.
#[derive(Clone, Copy)]
pub struct EnvReader<'a> {
    vendor: Vendor,
    lookup: Lookup<'a>,
}

impl fmt::Debug for EnvReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EnvReader").field(&self.vendor).finish()
    }
}

impl<'a> EnvReader<'a> {
    /// Creates a reader for a client of `vendor`. `lookup` returns the value of a variable, or `None` if it is not set:
    /// [`optional_var`] for the process environment.
    pub fn new(vendor: Vendor, lookup: &'a dyn Fn(&str) -> Result<Option<String>, Error>) -> Self {
        Self { vendor, lookup }
    }

    /// Returns what `parse` makes of a variable; `None` if the variable is not set.
    ///
    /// # Errors
    /// If the lookup fails, as for an empty value, or `parse` refuses the value.
    pub fn optional<T>(self, name: &str, parse: impl FnOnce(String) -> Result<T, Error>) -> Result<Option<T>, Error> {
        let parse = |value| parse(value).context(name);
        (self.lookup)(name).and_then(|value| value.map(parse).transpose()).for_vendor(self.vendor)
    }

    /// Returns what `parse` makes of a variable that must be set.
    ///
    /// # Errors
    /// As for [`optional`](Self::optional), and if the variable is not set.
    pub fn required<T>(self, name: &str, parse: impl FnOnce(String) -> Result<T, Error>) -> Result<T, Error> {
        self.optional(name, parse)?.ok_or_else(|| not_set(name).for_vendor(self.vendor))
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
