//! The arguments about what others learn of a run.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

/// Where metrics go.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct MetricsArgs {
    /// Write metrics for Prometheus to this file
    ///
    /// It is replaced every 15 seconds and at the end, so that a reader never sees a part of it. The textfile collector of
    /// node_exporter reads the files of its folder whose names end in .prom.
    #[arg(long, hide_short_help = true, value_hint = ValueHint::FilePath, value_name = "FILE.prom")]
    pub(crate) metrics_file: Option<PathBuf>,
}

/// Metrics, and what is run at the end.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct ObserveArgs {
    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,
    /// Run this command of the shell at the end
    ///
    /// It runs however the run ends, once there is a plan, but not in a dry run. Its stdin is the summary as JSON, with
    /// exit_code, job and vendors. What it prints goes to stderr. It has 60 seconds; if it fails, that is a warning, and
    /// the exit code stays. The vendors' credentials are not in its environment.
    #[arg(long, hide_short_help = true, value_name = "COMMAND")]
    pub(crate) on_finish: Option<String>,
}

/// Who learns what of a command.
#[derive(Debug, Default)]
pub(crate) struct Observed<'a> {
    pub(crate) metrics_file: Option<&'a Path>,
    pub(crate) on_finish: Option<&'a str>,
}

impl MetricsArgs {
    pub(super) fn observed(&self) -> Observed<'_> {
        Observed { metrics_file: self.metrics_file.as_deref(), on_finish: None }
    }
}

impl ObserveArgs {
    pub(super) fn observed(&self) -> Observed<'_> {
        Observed { on_finish: self.on_finish.as_deref(), ..self.metrics.observed() }
    }
}
