//! The texts that are the same for every job: what a deletion does not reach, how to verify, and what words mean.

mod de;
mod en;
mod es;
mod fr;
mod table;

use crate::language::Language;

pub(in crate::report) use table::Background;

impl Background {
    pub(in crate::report) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &en::BACKGROUND,
            Language::De => &de::BACKGROUND,
            Language::Fr => &fr::BACKGROUND,
            Language::Es => &es::BACKGROUND,
        }
    }
}
