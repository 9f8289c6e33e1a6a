//! The texts that are the same for every job.

use crate::report::text::term::{Term, texts};

texts! {
/// The background of the report in one language.
Background {
    reach_title: &'static str,
    reach_intro: &'static str,
    reach_source: &'static str,
    reach_corti: [&'static str; 6],
    reach_fini: [&'static str; 4],
    reach_elevenlabs: [&'static str; 5],
    reach_tavus: [&'static str; 6],

    verify_title: &'static str,
    verify_intro: &'static str,
    verify_program: &'static str,
    verify_readme: &'static str,
    verify_signature: &'static str,
    verify_no_signature: &'static str,
    verify_print: &'static str,
    verify_caption: &'static str,
    signer: &'static str,
    not_signed: &'static str,
    record_lines: &'static str,
    tree_root: &'static str,
    records_hash: &'static str,
    proves_title: &'static str,
    proves_not: [&'static str; 5],

    glossary_title: &'static str,
    glossary: [Term; 10],
}
}
