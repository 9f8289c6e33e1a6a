//! The fixed texts of the report. A struct is the table: a text that a language lacks does not compile.
//!
//! `{name}` in a text is replaced when the page is written; every language uses the same names.

mod background;
mod de;
mod en;
mod es;
mod fr;
mod table;
mod term;

use crate::language::Language;

pub(super) use background::Background;
pub(super) use table::Texts;
pub(super) use term::{Plural, Term};

impl Texts {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &en::TEXTS,
            Language::De => &de::TEXTS,
            Language::Fr => &fr::TEXTS,
            Language::Es => &es::TEXTS,
        }
    }
}
