//! What every chore gives.

use std::error::Error;

/// What a chore gives: nothing, or an error that says what to do.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;
