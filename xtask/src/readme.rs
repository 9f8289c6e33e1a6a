//! The README's test command is the one that is run: nobody tests with another.

use xshell::{Shell, cmd};

use crate::{Result, markdown};

pub(crate) fn run_tests(shell: &Shell) -> Result<()> {
    let readme = shell.read_file("README.md")?;
    let command = test_command(&readme).ok_or("README.md names no test command (a line `cargo test …`)")?;
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    Ok(cmd!(shell, "cargo {words...}").run()?)
}

fn test_command(readme: &str) -> Option<&str> {
    markdown::code_lines(readme).into_iter().map(|line| line.text.trim()).find(|line| line.starts_with("cargo test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_command_that_tests_is_taken() {
        let readme = "Text with\ncargo test in it.\n\n```sh\ncargo run\n```\n\n```sh\ncargo test --workspace\n```\n";
        assert_eq!(test_command(readme), Some("cargo test --workspace"));
        assert_eq!(test_command("nothing"), None);
    }
}
