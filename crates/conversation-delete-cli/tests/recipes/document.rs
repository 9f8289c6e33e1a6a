//! The recipes of a Markdown page: one for each `##`, with its shell blocks in order.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A page that the tests run.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) recipes: Vec<Recipe>,
    pub(crate) excerpts: Vec<Excerpt>,
}

/// What is below one heading of the second level.
#[derive(Debug, Default)]
pub(crate) struct Recipe {
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
    /// The files of the repository that it shows, which its commands find in the current folder.
    pub(crate) files: Vec<String>,
}

/// A block of shell commands.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) script: String,
    /// What it prints to stdout and stderr, with `…` for what differs from run to run. `None` if the page does not show it.
    pub(crate) output: Option<String>,
}

/// A block that is a part of a file of the repository.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) file: String,
}

impl Document {
    /// Reads a page.
    ///
    /// # Errors
    /// If a block is neither `sh`, nor `text` after it, nor names the file of which it is a part: nothing would check it.
    pub(crate) fn parse(markdown: &str) -> Result<Self, String> {
        let mut document = Self::default();
        let mut events = Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter();
        while let Some((event, range)) = events.next() {
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                    let title = text_until(&mut events, |end| matches!(end, TagEnd::Heading(_)));
                    document.recipes.push(Recipe { title, ..Recipe::default() });
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let text = text_until(&mut events, |end| matches!(end, TagEnd::CodeBlock));
                    let line = markdown[..range.start].lines().count() + 1;
                    document.add_block(&kind, text, line)?;
                }
                _ => (),
            }
        }
        Ok(document)
    }

    fn add_block(&mut self, kind: &CodeBlockKind<'_>, text: String, line: usize) -> Result<(), String> {
        let info: Vec<&str> = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().collect(),
            CodeBlockKind::Indented => Vec::new(),
        };
        match (&*info, self.recipes.last_mut()) {
            (["sh"], Some(recipe)) => recipe.steps.push(Step { line, script: text, output: None }),
            (["text"], Some(recipe)) => {
                let step = recipe.steps.last_mut().filter(|step| step.output.is_none());
                step.ok_or_else(|| format!("line {line}: this output follows no shell block"))?.output = Some(text);
            }
            ([_, file], Some(recipe)) if file.contains('/') => {
                recipe.files.push((*file).to_owned());
                self.excerpts.push(Excerpt { line, text, file: (*file).to_owned() });
            }
            _ => return Err(format!("line {line}: nothing checks a block of `{}`", info.join(" "))),
        }
        Ok(())
    }
}

fn text_until<'a>(
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    is_end: impl Fn(&TagEnd) -> bool,
) -> String {
    let inside = events.map(|(event, _)| event).take_while(|event| !matches!(event, Event::End(end) if is_end(end)));
    inside.filter_map(text_of).map(CowStr::into_string).collect()
}

fn text_of(event: Event<'_>) -> Option<CowStr<'_>> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        _ => None,
    }
}
