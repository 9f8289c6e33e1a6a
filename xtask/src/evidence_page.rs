//! Opens the report of a sample job in a browser: takes pictures of it for people, and compares its text with the counts.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// Names of Chromium, the most usual first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS: [&str; 4] = ["--headless", "--no-sandbox", "--disable-background-networking", "--hide-scrollbars"];

/// The narrowest window of a headless browser is wider than a phone, so a frame is the phone.
const PHONE: &str = "<!doctype html><title>phone</title><style>body{margin:0}iframe{border:0;width:360px;height:2400px}\
                     </style><iframe src=\"report.html\"></iframe>\n";

const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

/// The outcomes as the manifest and the English page name them.
const OUTCOMES: [(&str, &str); 8] = [
    ("deleted", "Deleted"),
    ("gone", "Gone"),
    ("acknowledged", "Acknowledged"),
    ("unresolved", "Unresolved"),
    ("not_found", "Not found"),
    ("failed", "Failed"),
    ("not_attempted", "Not attempted"),
    ("held", "Held"),
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell()?;
    let is_installed = |browser: &&str| cmd!(shell, "{browser} --version").quiet().ignore_stderr().read().is_ok();
    let browser = BROWSERS.into_iter().find(is_installed).ok_or_else(|| format!("install one of {BROWSERS:?}"))?;
    let pictures = PathBuf::from(workspace.metadata(Dependencies::LeftOut)?.target_directory).join("evidence-page");
    for language in LANGUAGES {
        let page = Page { shell: &shell, browser, folder: pictures.join(language) };
        page.write(&sample(&shell, language)?)?;
        page.take_pictures()?;
        if language == "en" {
            compare(&page.text()?, &sample(&shell, "counts")?)?;
        }
    }
    println!("the text agrees with the counts; pictures: {}", pictures.display());
    Ok(())
}

/// The report of the sample job in a language, or its counts.
fn sample(shell: &Shell, what: &str) -> Result<String> {
    let command =
        cmd!(shell, "cargo run --quiet --locked -p conversation-delete-evidence --example sample_report -- {what}");
    Ok(command.quiet().read()?)
}

/// A page in a folder of its own, which also holds its pictures and the browser's profile.
struct Page<'a> {
    shell: &'a Shell,
    browser: &'a str,
    folder: PathBuf,
}

impl Page<'_> {
    fn write(&self, html: &str) -> Result<()> {
        self.shell.write_file(self.folder.join("report.html"), html)?;
        Ok(self.shell.write_file(self.folder.join("phone.html"), PHONE)?)
    }

    fn take_pictures(&self) -> Result<()> {
        let dark = "--blink-settings=preferredColorScheme=0";
        self.picture("desktop-light.png", "report.html", &["--window-size=1100,2400"])?;
        self.picture("desktop-dark.png", "report.html", &["--window-size=1100,2400", dark])?;
        self.picture("phone.png", "phone.html", &["--window-size=500,2400"])?;
        self.picture("print.pdf", "report.html", &["--no-pdf-header-footer"])
    }

    fn picture(&self, name: &str, page: &str, flags: &[&str]) -> Result<()> {
        let file = self.folder.join(name);
        let output = if name.ends_with(".pdf") { "print-to-pdf" } else { "screenshot" };
        self.open(page, &[&[format!("--{output}={}", file.display()).as_str()], flags].concat())?;
        let is_written = file.metadata().is_ok_and(|metadata| metadata.len() > 0);
        if is_written { Ok(()) } else { Err(format!("the browser wrote no {}", file.display()).into()) }
    }

    /// The text that the browser shows, each run of white space as one space.
    fn text(&self) -> Result<String> {
        let html = self.open("report.html", &["--dump-dom"])?;
        let (_, body) = html.split_once("<body>").ok_or("the browser shows no body")?;
        let parts = body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        Ok(parts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" "))
    }

    fn open(&self, page: &str, flags: &[&str]) -> Result<String> {
        let profile = format!("--user-data-dir={}", self.folder.join("profile").display());
        let (browser, url) = (self.browser, format!("file://{}", self.folder.join(page).display()));
        let command = cmd!(self.shell, "{browser} {FLAGS...} {profile} {flags...} {url}");
        Ok(command.quiet().ignore_stderr().read()?)
    }
}

/// Each outcome is followed by its count.
fn compare(text: &str, counts: &str) -> Result<()> {
    let counts: serde_json::Value = serde_json::from_str(counts)?;
    for (outcome, name) in OUTCOMES {
        let expected =
            match counts[outcome].as_u64().ok_or_else(|| format!("the sample has no count of `{outcome}`"))? {
                count @ 0..1_000 => format!("{name} {count} "),
                count => format!("{name} {},{:03} ", count / 1_000, count % 1_000),
            };
        if !text.contains(&expected) {
            return Err(format!("the page does not show `{expected}`").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    const COUNTS: &str = r#"{"deleted": 1107, "gone": 1, "acknowledged": 2, "unresolved": 3, "not_found": 4, "failed": 5,
        "not_attempted": 6, "held": 7}"#;

    const TEXT: &str = "Deleted 1,107 91.9% Gone 1 1.0% Acknowledged 2 . Unresolved 3 . Not found 4 . Failed 5 . \
                        Not attempted 6 . Held 7 .";

    #[test]
    fn a_page_with_another_count_is_refused() {
        compare(TEXT, COUNTS).unwrap();
        let error = compare(&TEXT.replace("1,107", "1,108"), COUNTS).unwrap_err().to_string();
        assert!(error.contains("`Deleted 1,107 `"), "{error}");
        assert!(compare(TEXT, "{}").is_err());
    }
}
