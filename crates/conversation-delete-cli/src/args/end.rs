//! The arguments of the command `end`.

use clap::Args;

use super::ProfileArgs;
use super::input::IdArgs;
use super::requests::TravelArgs;
use crate::report::Format;

#[derive(Args, Debug)]
pub(crate) struct EndArgs {
    #[command(flatten)]
    pub(crate) input: IdArgs,
    /// Do not ask
    ///
    /// Required if stdin is not a terminal.
    #[arg(long, help_heading = "Safety")]
    pub(crate) yes: bool,
    /// Send nothing if there are more ids
    #[arg(long, help_heading = "Safety", value_name = "N", default_value_t = 1_000_000)]
    pub(crate) max: u64,
    /// Print the results as text or json
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}
