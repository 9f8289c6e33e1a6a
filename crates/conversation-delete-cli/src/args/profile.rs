//! The arguments about profiles.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use super::{TravelArgs, candidates, help};
use crate::report::Format;
use crate::settings::Choice;

/// Whose settings are used.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProfileArgs {
    /// Use a profile, not the environment
    ///
    /// The settings of these profiles of the configuration file, and no variable of their vendors. `plan` and `check` take
    /// several, separated by commas.
    #[arg(id = "profile", long, value_name = "NAME", value_delimiter = ',', hide_short_help = true, add = ArgValueCompleter::new(candidates::profiles))]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Where the configuration file is.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConfigArgs {
    /// The configuration file with the profiles
    ///
    /// Default: conversation-delete/config.toml in $XDG_CONFIG_HOME, or else in ~/.config.
    #[arg(id = "config", long, value_hint = ValueHint::FilePath, value_name = "FILE", hide_short_help = true)]
    pub(crate) path: Option<PathBuf>,
}

impl ProfileArgs {
    pub(crate) fn choice(&self) -> Choice<'_> {
        Choice { names: &self.names, config: self.config.path.as_deref() }
    }
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ProfilesArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ProfilesCommand>,
    #[command(flatten)]
    pub(crate) list: ProfilesListArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// Check the credentials of profiles
    #[command(after_long_help = help::PROFILES_CHECK)]
    Check(ProfilesCheckArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ProfilesListArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print them as text or json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct ProfilesCheckArgs {
    /// Only these profiles
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(candidates::profiles))]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) list: ProfilesListArgs,
    #[command(flatten)]
    pub(crate) travel: TravelArgs,
}

impl ProfilesArgs {
    pub(crate) fn output(&self) -> Format {
        match &self.command {
            Some(ProfilesCommand::Check(args)) => args.list.output,
            None => self.list.output,
        }
    }
}
