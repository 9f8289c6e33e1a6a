//! The plain text of the help as Markdown.

/// A text in a cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

pub(super) fn code(text: &str) -> String {
    format!("`{text}`")
}

/// A text whose options and variables are code.
pub(super) fn prose(text: &str) -> String {
    // Every second part is code already.
    let parts = text.split('`').enumerate().map(|(number, part)| match number % 2 {
        0 => words(part),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`").replace('<', "\\<")
}

/// The words of a text, of which options with their values, variables, paths and defaults are code.
fn words(text: &str) -> String {
    let mut marked = String::new();
    let mut words = text.split_inclusive([' ', '\n', '(']).peekable();
    let mut is_default = false;
    while let Some(word) = words.next() {
        let name = name(word);
        let value = words.peek().filter(|value| is_option(name) && word.trim_end() == name && is_value(value));
        if let Some(value) = value.copied() {
            words.next();
            marked.push_str(&format!("`{word}{}`{}", self::name(value), &value[self::name(value).len()..]));
        } else if is_default || is_option(name) || is_variable(name) || is_path(name) {
            marked.push_str(&format!("`{name}`{}", &word[name.len()..]));
        } else {
            marked.push_str(word);
        }
        is_default = word == "Default: ";
    }
    marked
}

/// A word without the punctuation and the space after it.
fn name(word: &str) -> &str {
    word.trim_end_matches([',', '.', ')', ';', ':', '(', ' ', '\n'])
}

fn is_option(name: &str) -> bool {
    name.strip_prefix("--").is_some_and(|name| !name.is_empty())
}

/// A placeholder such as `NAME`, or one of the values that the texts name.
fn is_value(word: &str) -> bool {
    let name = name(word);
    let is_placeholder = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    is_placeholder || ["json", "text", "0.0.0.0"].contains(&name)
}

fn is_variable(name: &str) -> bool {
    let is_upper_case = name.contains('_') && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase());
    is_upper_case || name.starts_with('$')
}

fn is_path(name: &str) -> bool {
    let is_below = ["/__fake", "~/", "INDEX.", "conversation-delete/"].iter().any(|start| name.starts_with(start));
    is_below || name == "FILE.zip"
}

/// The paragraphs, lists and examples of a command's long help.
pub(super) fn description(text: &str) -> String {
    let mut page = String::new();
    for paragraph in text.trim_end().split("\n\n") {
        let lines: Vec<&str> = paragraph.lines().collect();
        let start = lines.iter().position(|line| line.starts_with("  ")).unwrap_or(lines.len());
        let (plain, indented) = lines.split_at(start);
        if !plain.is_empty() {
            page.push_str(&format!("\n{}\n", prose(&plain.join("\n"))));
        }
        if !indented.is_empty() {
            page.push_str(&format!("\n{}", block(indented)));
        }
    }
    page
}

/// Indented lines: terms with what they mean, or code.
fn block(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| &line[2..]).collect();
    let is_list = lines.iter().all(|line| line.starts_with(' ') || line.contains("  "))
        && !lines[0].starts_with("conversation-delete");
    if !is_list {
        let language = if lines.iter().any(|line| line.starts_with('[')) { "toml" } else { "sh" };
        return format!("```{language}\n{}\n```\n", lines.join("\n"));
    }
    let mut list = String::new();
    for line in lines {
        match line.split_once("  ").filter(|(term, _)| !term.is_empty()) {
            Some((term, meaning)) => list.push_str(&format!("* `{term}`: {}\n", prose(meaning.trim()))),
            None => list.push_str(&format!("  {}\n", prose(line.trim()))),
        }
    }
    list
}
