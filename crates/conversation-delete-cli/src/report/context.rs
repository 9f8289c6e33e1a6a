//! How a report is written.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use delete_core::{ErasureMode, Vendor};

/// How the results are written to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// NDJSON, an object a line, for programs.
    Json,
}

/// What all records of a run have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) vendor: Vendor,
    pub(crate) erasure: Option<ErasureMode>,
    pub(crate) format: Format,
    /// Whether the lines of records that are as expected are left out of text.
    pub(crate) only_problems: bool,
}

/// The most ids whose lines are all shown on a terminal.
const MAX_SHOWN: u64 = 100;

impl Context {
    pub(crate) fn new(vendor: Vendor, erasure: Option<ErasureMode>, format: Format) -> Self {
        Self { vendor, erasure, format, only_problems: false }
    }

    /// The same for a report on `ids` ids: on a terminal only problems are shown of many.
    #[must_use]
    pub(crate) fn for_ids(self, ids: u64) -> Self {
        Self { only_problems: ids > MAX_SHOWN && io::stdout().is_terminal(), ..self }
    }

    pub(super) fn mode(&self) -> Option<&'static str> {
        self.erasure.map(|mode| mode.as_str())
    }
}
