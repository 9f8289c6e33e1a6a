//! `report.html`: what a bundle shows, for a person who has never seen the program.
//!
//! The page is one file without scripts and without anything from elsewhere. It prints on A4.

mod background;
mod chart;
mod checks;
mod context;
mod digest;
mod format;
mod history;
mod page;
mod problems;
mod scope;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod top;
mod totals;
mod verdict;

use self::context::Report;
use self::format::Format;
use crate::language::Language;
use crate::manifest::ManifestHead;

pub use digest::Digest;

/// Renders the report. Totals are those of `about`; problems, holds, checks and times are those of `digest`.
pub fn render(about: &ManifestHead, digest: &Digest, language: Language) -> String {
    page::page(&Report { about, digest, format: Format::of(language) }).into_string()
}
