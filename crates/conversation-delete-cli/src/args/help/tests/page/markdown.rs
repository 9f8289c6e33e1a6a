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
        0 => part.split_inclusive([' ', '\n', '(']).map(word).collect(),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`").replace('<', "\\<")
}

/// An option or a variable as code, without the punctuation and the space after it.
fn word(word: &str) -> String {
    let name = word.trim_end_matches([',', '.', ')', ';', ':', '(', ' ', '\n']);
    let is_option = name.strip_prefix("--").is_some_and(|name| !name.is_empty());
    let is_variable = name.contains('_') && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase());
    if is_option || is_variable || name.starts_with('$') {
        format!("`{name}`{}", &word[name.len()..])
    } else {
        word.to_owned()
    }
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
