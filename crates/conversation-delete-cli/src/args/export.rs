//! The arguments of `export`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use super::candidates;
use crate::report::{Delimiter, Zone};

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The job file, or a folder of shards
    #[arg(add = ArgValueCompleter::new(candidates::jobs))]
    pub(crate) job: PathBuf,
    /// The format
    ///
    /// Without it, the end of the name of --out decides: .csv, or .json, .ndjson or .jsonl.
    #[arg(long, value_enum)]
    pub(crate) output: Option<ExportFormat>,
    /// Write to this new file instead of stdout
    ///
    /// It is readable by its owner alone, must not exist, and gets its name when all of it is written.
    #[arg(long, value_hint = ValueHint::FilePath, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) csv: CsvArgs,
}

impl ExportArgs {
    /// As `--output` says, or else the name of `--out`.
    pub(crate) fn format(&self) -> Option<ExportFormat> {
        self.output.or_else(|| ExportFormat::of(self.out.as_deref()?))
    }
}

/// How a table is written.
#[derive(Args, Debug)]
#[command(next_help_heading = "CSV")]
pub(crate) struct CsvArgs {
    /// Zone of the times. Default: UTC
    ///
    /// `local`, `UTC` or a name such as `Europe/Berlin`, which is looked up in the system's time zone database, or in the
    /// one within this program if the system has none. Each time has its offset from UTC.
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse)]
    pub(crate) timezone: Option<Zone>,
    /// What separates the columns [default: comma]
    #[arg(long, value_enum)]
    pub(crate) delimiter: Option<Delimiter>,
    /// Write CSV that Excel opens directly
    ///
    /// A byte order mark, and times that Excel reads: without offset, to the second; the header names their zone. Where the
    /// decimal separator is a comma, as in German, add `--delimiter semicolon`.
    #[arg(long)]
    pub(crate) excel: bool,
    /// Keep text that a spreadsheet calculates
    ///
    /// Without it, `'` is put before text that begins with `=`, `+`, `-`, `@` or a control character.
    #[arg(long)]
    pub(crate) allow_formulas: bool,
}

impl CsvArgs {
    pub(crate) fn is_any(&self) -> bool {
        self.timezone.is_some() || self.delimiter.is_some() || self.excel || self.allow_formulas
    }
}

/// How the records of a job are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// NDJSON: an object for each record.
    Json,
    /// A header, and a row for each record.
    Csv,
}

impl ExportFormat {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" | "ndjson" | "jsonl" => Some(Self::Json),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_decides_the_format() {
        for (name, format) in [
            ("x.csv", Some(ExportFormat::Csv)),
            ("X.CSV", Some(ExportFormat::Csv)),
            ("a.b/x.json", Some(ExportFormat::Json)),
            ("x.ndjson", Some(ExportFormat::Json)),
            ("x.jsonl", Some(ExportFormat::Json)),
            ("x.csv.gz", None),
            ("csv", None),
            (".csv", None),
        ] {
            assert_eq!(ExportFormat::of(Path::new(name)), format, "{name}");
        }
    }
}
