//! Options that the environment gives: `CONVERSATION_DELETE_MAX` is `--max`.

use std::collections::BTreeSet;
use std::env;

use clap::builder::BoolishValueParser;
use clap::{Arg, ArgAction, Command};

const PREFIX: &str = "CONVERSATION_DELETE_";

/// Options that must be said each time: each confirms something, or switches off a check. So do all `--allow-…`.
const SAID_EACH_TIME: [&str; 8] =
    ["yes", "hard", "soft", "all", "absent-ok", "all-absent-ok", "accept-credential", "trust-clock"];

/// The command, where each option of it and of its subcommands may come from a variable.
pub(crate) fn with_variables(command: Command) -> Command {
    command.mut_args(with_variable).mut_subcommands(with_variables)
}

/// The variables that are set for options that must be said each time, and those options.
pub(crate) fn unread() -> impl Iterator<Item = (String, String)> {
    set_variables().filter(|(_, option)| is_said_each_time(option))
}

/// The variables that are set and belong to no option of a command or its subcommands: somebody may have mistyped one.
pub(crate) fn unknown(command: &Command) -> impl Iterator<Item = String> {
    let mut known = BTreeSet::new();
    add_options(command, &mut known);
    let is_other = |option: &str| option == "state-dir" || option.starts_with("test-");
    set_variables().filter(move |(_, option)| !known.contains(option) && !is_other(option)).map(|(name, _)| name)
}

fn add_options(command: &Command, known: &mut BTreeSet<String>) {
    known.extend(
        command
            .get_arguments()
            .flat_map(|arg| arg.get_long_and_visible_aliases().unwrap_or_default())
            .map(str::to_owned),
    );
    command.get_subcommands().for_each(|command| add_options(command, known));
}

/// The variables that are set for options that a message names.
pub(crate) fn behind(message: &str) -> impl Iterator<Item = String> {
    let is_named = |option: &str| {
        let flag = format!("--{option}");
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
        message.match_indices(&flag).any(|(start, _)| ends(&message[start + flag.len()..]))
    };
    set_variables().filter(move |(_, option)| !is_said_each_time(option) && is_named(option)).map(|(name, _)| name)
}

/// Whether an option has a value, before the arguments are parsed.
pub(crate) fn is_given(option: &str, value: &str) -> bool {
    let flag = format!("--{option}");
    let args: Vec<_> = env::args_os().collect();
    let is_said = args.iter().any(|arg| *arg == *format!("{flag}={value}"))
        || args.windows(2).any(|pair| pair[0] == *flag && pair[1] == *value);
    is_said || env::var_os(variable(option)).is_some_and(|set| set == *value)
}

fn with_variable(arg: Arg) -> Arg {
    let Some(name) = arg.get_long().filter(|option| !is_said_each_time(option)).map(variable) else { return arg };
    let arg = arg.env(name).hide_env(true);
    match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(BoolishValueParser::new()),
        _ => arg,
    }
}

fn is_said_each_time(option: &str) -> bool {
    SAID_EACH_TIME.contains(&option) || option.starts_with("allow-")
}

fn variable(option: &str) -> String {
    format!("{PREFIX}{}", option.to_ascii_uppercase().replace('-', "_"))
}

/// Each variable that is set and may be an option's, with that option.
fn set_variables() -> impl Iterator<Item = (String, String)> {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| {
        let option = name.strip_prefix(PREFIX)?.to_ascii_lowercase().replace('_', "-");
        Some((name, option))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    /// Each option of a command and its subcommands, with its variable.
    fn options(command: &Command, into: &mut Vec<(String, Option<String>)>) {
        for arg in command.get_arguments() {
            let variable = arg.get_env().map(|name| name.to_str().unwrap().to_owned());
            match arg.get_long() {
                Some(long) => into.push((long.to_owned(), variable)),
                None => assert_eq!(variable, None, "{arg}"),
            }
        }
        command.get_subcommands().for_each(|command| options(command, into));
    }

    #[test]
    fn every_option_has_a_variable_but_those_that_must_be_said_each_time() {
        let mut all = Vec::new();
        options(&with_variables(Cli::command()), &mut all);
        let exceptions = [
            "yes",
            "hard",
            "soft",
            "all",
            "absent-ok",
            "all-absent-ok",
            "allow-active",
            "allow-unmatched-holds",
            "accept-credential",
            "trust-clock",
        ];
        for exception in exceptions {
            assert!(all.iter().any(|(option, _)| option == exception), "--{exception} exists");
        }
        for (option, variable) in all {
            let expected = format!("CONVERSATION_DELETE_{}", option.replace('-', "_").to_uppercase());
            let is_exception = exceptions.contains(&&*option) || option.starts_with("allow-");
            assert_eq!(variable, (!is_exception).then_some(expected), "--{option}");
        }
    }
}
