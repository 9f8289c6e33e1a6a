//! The arguments about how records are deleted, which are part of a plan.

use clap::{Args, ValueEnum};
use conversation_delete_job::Verify;

use super::VendorName;

/// How records are deleted.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Method")]
pub(crate) struct MethodArgs {
    /// Tavus: delete records and assets irrevocably
    #[arg(long, conflicts_with = "soft")]
    pub(crate) hard: bool,
    /// Tavus: soft delete; what stays is unknown
    ///
    /// Tavus does not document what it keeps, for how long, or whether the record can be restored or be deleted with
    /// --hard later.
    #[arg(long)]
    pub(crate) soft: bool,
    /// Corti: delete transcripts, documents etc. too
    ///
    /// Deletes the transcripts, recordings, documents and guided documents of an interaction before it, and reports
    /// each of them. `all` is the default; `available` goes on without guided documents if their list responds with
    /// 403 or 404.
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "all", hide_possible_values = true)]
    pub(crate) children: Option<ChildrenChoice>,
    /// Also delete records that are still active
    ///
    /// Does not check whether a call is still running or a record is still being processed.
    #[arg(long, alias = "allow-live")]
    pub(crate) allow_active: bool,
    /// Fini: one request for each id (bulk route)
    ///
    /// So that each id has its own result. Without it, up to 50 ids are sent in one request.
    #[arg(long)]
    pub(crate) one_by_one: bool,
    /// Fini: one request for each id (single route)
    ///
    /// Its response is the same for a record that does not exist: the outcome is only `acknowledged`. With --verify, the list proves the deletion.
    #[arg(long, hide_short_help = true, conflicts_with = "one_by_one")]
    pub(crate) single: bool,
}

/// Which children of an interaction must be deleted before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChildrenChoice {
    /// All; a list that cannot be read keeps the interaction.
    All,
    /// Those of the kinds that the tenant has; guided documents are left out if their list responds with 403 or 404.
    Available,
}

impl MethodArgs {
    /// Checks that each option belongs to one of these vendors.
    ///
    /// # Errors
    /// The option that belongs to none of them, and why.
    pub(crate) fn check(&self, vendors: &[VendorName]) -> Result<(), &'static str> {
        let options = [
            (
                self.one_by_one,
                VendorName::Fini,
                "--one-by-one is for fini alone: no other vendor deletes many records by one request",
            ),
            (self.single, VendorName::Fini, "--single is for fini alone: no other vendor has two routes"),
            (
                self.children.is_some(),
                VendorName::Corti,
                "--children is for corti alone: no other vendor has records below a record",
            ),
            (
                self.hard || self.soft,
                VendorName::Tavus,
                "--hard and --soft are for tavus alone: no other vendor knows two ways to delete",
            ),
        ];
        let misplaced = options.into_iter().find(|(is_given, vendor, _)| *is_given && !vendors.contains(vendor));
        misplaced.map_or(Ok(()), |(.., reason)| Err(reason))
    }
}

/// Reads the value of `--verify`.
///
/// # Errors
/// When it is neither `lookup` nor `list`.
pub(super) fn parse_verify(text: &str) -> Result<Verify, &'static str> {
    match text {
        "lookup" => Ok(Verify::Lookup),
        "list" => Ok(Verify::List),
        _ => Err("give lookup or list"),
    }
}

/// Reads the value of `--verify` of a run, which can turn off what an earlier run was asked for.
///
/// # Errors
/// When it is not one of the three.
pub(super) fn parse_verify_of_run(text: &str) -> Result<Verify, &'static str> {
    Verify::parse(text).ok_or("give lookup, list or none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_belongs_to_one_vendor() {
        use VendorName::{Corti, Elevenlabs, Fini, Tavus};
        let none = MethodArgs::default();
        for (args, vendor) in [
            (MethodArgs { one_by_one: true, ..none }, Fini),
            (MethodArgs { single: true, ..none }, Fini),
            (MethodArgs { children: Some(ChildrenChoice::All), ..none }, Corti),
            (MethodArgs { hard: true, ..none }, Tavus),
            (MethodArgs { soft: true, ..none }, Tavus),
        ] {
            for other in [Corti, Elevenlabs, Fini, Tavus] {
                assert_eq!(args.check(&[other]).is_ok(), other == vendor, "{args:?} {other:?}");
                assert!(args.check(&[other, vendor]).is_ok());
            }
        }
    }
}
