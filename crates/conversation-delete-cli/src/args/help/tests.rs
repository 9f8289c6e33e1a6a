mod page;

use clap::{Command, CommandFactory};

use crate::args::Cli;

/// The widest terminal that no line of a text breaks on, and the one that short help is made for.
const MAX_COLUMNS: usize = 100;
const COLUMNS: usize = 80;
/// The rows of a terminal, and those that the commands with the most options may take.
const ROWS: usize = 24;
const MAX_ROWS: usize = 45;
const LARGE: [&str; 5] = ["delete", "plan", "run", "sweep", "verify"];

/// Every command that does something, with its names, in the order of the program's help.
fn commands() -> Vec<(String, Command)> {
    let mut root = Cli::command().term_width(COLUMNS);
    root.build();
    let mut all = Vec::new();
    add_commands(String::new(), &root, &mut all);
    all
}

fn add_commands(path: String, command: &Command, all: &mut Vec<(String, Command)>) {
    if path.is_empty() || !command.is_subcommand_required_set() {
        all.push((path.clone(), command.clone().term_width(COLUMNS)));
    }
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        add_commands(format!("{path} {}", command.get_name()).trim().to_owned(), command, all);
    }
}

fn shown(help: &impl ToString) -> String {
    help.to_string().trim_end().to_owned()
}

#[test]
fn short_help_fits_one_screen() {
    let mut too_long = Vec::new();
    for (path, mut command) in commands() {
        let help = shown(&command.render_help());
        let most = if LARGE.contains(&path.as_str()) { MAX_ROWS } else { ROWS };
        // Only the usage is not broken into lines.
        let rows: usize = help.lines().map(|line| line.chars().count().div_ceil(COLUMNS).max(1)).sum();
        if rows > most {
            too_long.push(format!("{path}: {rows} rows\n{help}"));
        }
    }
    assert!(too_long.is_empty(), "{}", too_long.join("\n\n"));
}

#[test]
fn no_line_of_a_text_is_broken_by_a_wide_terminal() {
    for (path, command) in commands() {
        let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        assert!(text.lines().all(|line| line.chars().count() <= MAX_COLUMNS), "{path}\n{text}");
    }
}

#[test]
fn long_help_has_examples_that_are_valid() {
    for (path, command) in commands() {
        let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let examples = examples(&text);
        assert!(examples.iter().any(|words| words.join(" ").contains(&path)), "{path} has no example: {text}");
        for words in examples {
            if let Err(error) = Cli::command().try_get_matches_from(&words) {
                panic!("{path}: {words:?}: {error}");
            }
        }
    }
}

#[test]
fn the_help_of_the_program_names_every_command() {
    let mut root = Cli::command();
    let help = root.render_help().to_string();
    for command in Cli::command().get_subcommands() {
        assert!(help.contains(&format!("\n  {} ", command.get_name())), "{}: {help}", command.get_name());
    }
}

/// The commands of this program in indented lines, as a shell would split them.
fn examples(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
    let parts = lines.flat_map(|line| line.split(['|', '&', '#'])).map(str::trim);
    parts.filter(|part| part.starts_with("conversation-delete ")).map(words).collect()
}

/// The words before a redirection. No example needs quotes around a space.
fn words(part: &str) -> Vec<String> {
    let words = part.split_whitespace().take_while(|word| !word.starts_with('>'));
    words.map(|word| word.trim_matches('\'').to_owned()).collect()
}
