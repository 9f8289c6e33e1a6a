//! What is fixed of the format of a bundle.

/// The version of the format of a bundle.
pub(crate) const SCHEMA: u64 = 1;

/// The names of the files of a bundle.
pub(crate) mod file {
    pub(crate) const RECORDS: &str = "records.jsonl";
    pub(crate) const MANIFEST: &str = "manifest.json";
    pub(crate) const CHECKPOINT: &str = "checkpoint";
    pub(crate) const REPORT: &str = "report.html";
    pub(crate) const README: &str = "README.txt";
    pub(crate) const ALL: [&str; 5] = [README, RECORDS, REPORT, MANIFEST, CHECKPOINT];
}

/// The most records of a bundle: verification keeps a few bytes of each in memory.
pub(crate) const MOST_RECORDS: u64 = 1 << 24;
