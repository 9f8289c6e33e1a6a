//! Environment variables, read at the time of the call. The messages name the variable and never show a value.

use std::env::{self, VarError};

use crate::BaseUrl;
use crate::error::Error;

/// The value of a variable; `None` where it is not set. Set to nothing is an error, because it is a mistake more often
/// than a wish.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it is empty or not Unicode.
pub fn optional_var(name: &str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Err(Error::configuration(format!("the variable {name} is empty"))),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::configuration(format!("the variable {name} is not Unicode"))),
    }
}

/// The value of a variable that must be set.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it is not set, empty or not Unicode.
pub fn required_var(name: &str) -> Result<String, Error> {
    optional_var(name)?.ok_or_else(|| Error::configuration(format!("the variable {name} is not set")))
}

/// The value of a variable that holds a base URL; `None` where it is not set.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming the variable, when it is empty or no URL that
/// can be used.
pub fn optional_url_var(name: &str) -> Result<Option<String>, Error> {
    let Some(url) = optional_var(name)? else { return Ok(None) };
    BaseUrl::parse(&url).map_err(|error| error.context(name))?;
    Ok(Some(url))
}
