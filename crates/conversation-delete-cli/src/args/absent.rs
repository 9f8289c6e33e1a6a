//! The arguments about records that are not there.

use clap::Args;

/// Whether a record that is not there counts as done.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct AbsentArgs {
    /// Count a record that is not there as done, unless not one of several was ever there
    #[arg(long)]
    absent_ok: bool,
    /// The same also if not one of several was ever there, because a retention period removed them all, for example
    #[arg(long)]
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
