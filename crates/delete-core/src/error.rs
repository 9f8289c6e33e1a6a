//! The error of every call: what failed, what is known of the record, and what to do.

mod builder;
mod display;
mod ext;
#[cfg(feature = "serde")]
mod json;
mod kind;
#[cfg(test)]
mod tests;
mod value;

pub use builder::ErrorBuilder;
pub use ext::ErrorExt;
pub use kind::ErrorKind;
pub use value::Error;
