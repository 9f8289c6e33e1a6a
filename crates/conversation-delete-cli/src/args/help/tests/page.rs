//! The commands in `docs/cli.md`: their part of the page is made from the arguments, as the manual pages are.

mod markdown;

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use super::{LARGE, commands};
use markdown::{cell, code, description, prose};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
const BEGIN: &str = "<!-- The commands: made from the arguments by a test of conversation-delete-cli. -->\n";
const END: &str = "<!-- The end of the commands. -->\n";

#[test]
fn the_page_is_up_to_date() {
    if !Path::new(DOCS).is_dir() {
        return; // A package of this crate is without the pages of the repository.
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let fresh = format!("{head}{BEGIN}{}{END}{tail}", reference());
    if env::var_os("UPDATE_DOCS").is_some() {
        return fs::write(PAGE, fresh).unwrap();
    }
    assert!(
        page == fresh,
        "docs/cli.md is stale: run UPDATE_DOCS=1 cargo test -p conversation-delete-cli page_is_up_to_date"
    );
}

#[test]
fn the_page_explains_every_command_and_option() {
    let reference = reference();
    for (path, command) in commands().into_iter().skip(1) {
        let section = reference.split("\n### ").find(|part| part.starts_with(&format!("{path}\n"))).unwrap();
        for arg in command.get_arguments().filter(|arg| is_own(arg)) {
            let name = cell(&arg.get_long().map_or_else(|| names(arg), |long| format!("--{long}")));
            let is_shared = section.lines().any(|line| line.starts_with("Also ") && line.contains(&code(&name)));
            let table = if is_shared { &reference } else { section };
            let row = table.lines().find(|line| line.starts_with("| `") && line.contains(&name));
            assert!(row.is_some_and(|row| row.len() > name.len() + 15), "{path} {name}: {row:?}");
        }
        assert!(section.contains("\n```sh\nconversation-delete "), "{path} has no example");
    }
    assert!(LARGE.iter().all(|name| reference.contains(&format!("\n### {name}\n"))));
}

/// The table of commands, and a section for each.
fn reference() -> String {
    let commands = commands();
    let mut page = "\n| command | does |\n|---|---|\n".to_owned();
    for (path, command) in &commands[1..] {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(page, "| [`{path}`](#{}) | {} |", path.replace(' ', "-"), cell(&about)).unwrap();
    }
    let shared = shared_rows(&commands);
    write_common(&mut page, &commands, &shared);
    for (path, command) in &commands[1..] {
        write_section(&mut page, path, command, &shared);
    }
    page.push('\n');
    page
}

/// The options that mean the same in three commands or more, in their order, unless others of them share another meaning.
fn shared_rows(commands: &[(String, Command)]) -> Vec<String> {
    let options = commands[1..].iter().flat_map(|(_, command)| command.get_arguments());
    let rows: Vec<String> = options.filter(|arg| is_own(arg) && !arg.is_positional()).map(row).collect();
    let mut shared: Vec<String> = Vec::new();
    for row in &rows {
        if !shared.contains(row) && rows.iter().filter(|other| *other == row).count() > 2 {
            shared.push(row.clone());
        }
    }
    let option = |row: &String| row.split(" | ").next().map(str::to_owned);
    let options: Vec<_> = shared.iter().map(option).collect();
    shared.retain(|row| options.iter().filter(|name| **name == option(row)).count() == 1);
    shared
}

/// The options of several commands, and those of every command.
fn write_common(page: &mut String, commands: &[(String, Command)], shared: &[String]) {
    page.push_str("\n### Common options\n\nOf several commands, each of which names them:\n\n");
    write!(page, "| option | meaning |\n|---|---|\n{}", shared.concat()).unwrap();
    page.push_str("\nOf every command:\n\n| option | meaning |\n|---|---|\n");
    page.extend(commands[0].1.get_arguments().filter(|arg| !is_own(arg)).map(row));
}

fn row(arg: &Arg) -> String {
    format!("| {} | {} |\n", cell(&code(&names(arg))), meaning(arg))
}

fn write_section(page: &mut String, path: &str, command: &Command, shared: &[String]) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(page, "\n### {path}\n\n{}.", prose(&about)).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage: Vec<&str> = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect();
    writeln!(page, "\n```text\n{}\n```", usage.join("\n")).unwrap();
    write_arguments(page, command, shared);
    let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    page.push_str(&description(&text));
}

/// The positional arguments, and then the options by heading.
fn write_arguments(page: &mut String, command: &Command, shared: &[String]) {
    let (common, own): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(|arg| is_own(arg)).partition(|arg| shared.contains(&row(arg)));
    let mut headings: Vec<Option<&str>> = Vec::new();
    for arg in &own {
        if !headings.contains(&arg.get_help_heading()) {
            headings.push(arg.get_help_heading());
        }
    }
    headings.sort_by_key(Option::is_some);
    if !own.is_empty() {
        page.push_str("\n| argument | meaning |\n|---|---|\n");
    }
    for heading in headings {
        if let Some(heading) = heading {
            writeln!(page, "| **{heading}** | |").unwrap();
        }
        page.extend(own.iter().filter(|arg| arg.get_help_heading() == heading).map(|arg| row(arg)));
    }
    if !common.is_empty() {
        let names: Vec<String> = common.iter().filter_map(|arg| Some(format!("`--{}`", arg.get_long()?))).collect();
        writeln!(page, "\nAlso {}: see [common options](#common-options).", names.join(", ")).unwrap();
    }
}

/// Not one that every command has.
fn is_own(arg: &Arg) -> bool {
    let everywhere = ["help", "version", "verbose", "quiet", "log_format"];
    !everywhere.contains(&arg.get_id().as_str())
}

/// The option with its short form and its value, or the name of a positional argument.
fn names(arg: &Arg) -> String {
    let values =
        arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let takes_value = arg.get_action().takes_values();
    match arg.get_long() {
        None => values,
        Some(long) if !takes_value => {
            arg.get_short().map_or_else(|| format!("--{long}"), |short| format!("-{short}, --{long}"))
        }
        Some(long) if arg.get_num_args().is_some_and(|range| range.min_values() == 0) => format!("--{long}[={values}]"),
        Some(long) => format!("--{long} {values}"),
    }
}

/// The help of an argument, with its values, default and other names.
fn meaning(arg: &Arg) -> String {
    let short = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let long = arg.get_long_help().map_or_else(|| short.clone(), ToString::to_string);
    let mut sentences: Vec<String> = long.split("\n\n").map(|part| cell(&prose(part))).collect();
    if !arg.is_hide_possible_values_set() && arg.get_action().takes_values() {
        let values = arg.get_possible_values();
        let value = |value: &PossibleValue| {
            let help = value.get_help().filter(|_| values.len() < 4);
            let help = help.map(|help| format!(" ({})", help.to_string().trim_end_matches('.')));
            format!("`{}`{}", value.get_name(), help.unwrap_or_default())
        };
        sentences.extend((!values.is_empty()).then(|| values.iter().map(value).collect::<Vec<_>>().join(", ")));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let is_said = defaults.is_empty() || !arg.get_action().takes_values();
    sentences.extend((!is_said).then(|| format!("Default: {}", defaults.join(" "))));
    let aliases = arg.get_visible_aliases().unwrap_or_default();
    sentences.extend(aliases.iter().map(|alias| format!("Also `--{alias}`")));
    sentences.iter().map(|sentence| sentence.trim_end_matches('.').to_owned()).collect::<Vec<_>>().join(". ")
}
