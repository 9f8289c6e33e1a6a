//! The arguments about records that are not there.

use clap::Args;

/// Whether a record that is not there counts as done.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Safety")]
pub(crate) struct AbsentArgs {
    /// Count a record that does not exist as done
    ///
    /// If all of several ids are absent and none was ever seen, the exit code is still 5, because a wrong workspace
    /// looks the same.
    #[arg(long)]
    absent_ok: bool,
    /// Also if all of several ids are absent
    ///
    /// For records that a retention period has removed, for example. Includes --absent-ok.
    #[arg(long, hide_short_help = true)]
    all_absent_ok: bool,
}

impl AbsentArgs {
    pub(crate) const fn is_ok(self) -> bool {
        self.absent_ok || self.all_absent_ok
    }

    /// Whether several ids may all be absent without being taken for a sign of a wrong target.
    pub(crate) const fn is_ok_for_all(self) -> bool {
        self.all_absent_ok
    }
}
