//! Opens the report of a sample job in a browser: takes pictures of it for people, and compares its text with the counts.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::Result;
use crate::step::Checked;
use crate::workspace::{Dependencies, Workspace};

/// Names of Chromium, the most usual first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS: [&str; 6] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
];

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
    match check(workspace)? {
        Checked::Passed => println!("the text of the report agrees with its counts"),
        Checked::Skipped(reason) => println!("SKIPPED, {reason}"),
    }
    Ok(())
}

pub(crate) fn check(workspace: &Workspace) -> Result<Checked> {
    let shell = workspace.shell()?;
    let Some(browser) = BROWSERS.into_iter().find(|name| is_installed(&shell, name)) else {
        return Ok(Checked::Skipped(format!("none of {} is installed", BROWSERS.join(", "))));
    };
    let pictures = PathBuf::from(workspace.metadata(Dependencies::LeftOut)?.target_directory).join("evidence-page");
    for language in LANGUAGES {
        let page = Page { shell: &shell, browser, folder: pictures.join(language) };
        page.write(&sample(&shell, language)?)?;
        page.take_pictures()?;
        if language == "en" {
            compare(&page.text()?, &sample(&shell, "counts")?)?;
        }
    }
    println!("pictures: {}", pictures.display());
    Ok(Checked::Passed)
}

fn is_installed(shell: &Shell, browser: &str) -> bool {
    cmd!(shell, "{browser} --version").quiet().ignore_stdout().ignore_stderr().run().is_ok()
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
        self.shell.create_dir(&self.folder)?;
        self.shell.write_file(self.folder.join("report.html"), html)?;
        Ok(self.shell.write_file(self.folder.join("phone.html"), PHONE)?)
    }

    fn take_pictures(&self) -> Result<()> {
        self.screenshot("desktop-light.png", "report.html", "1100,2400", &[])?;
        self.screenshot("desktop-dark.png", "report.html", "1100,2400", &["--blink-settings=preferredColorScheme=0"])?;
        self.screenshot("phone.png", "phone.html", "500,2400", &[])?;
        let print = format!("--print-to-pdf={}", self.folder.join("print.pdf").display());
        self.open("report.html", &["--no-pdf-header-footer", &print]).map(drop)
    }

    fn screenshot(&self, picture: &str, page: &str, size: &str, flags: &[&str]) -> Result<()> {
        let file = self.folder.join(picture);
        let (size, output) = (format!("--window-size={size}"), format!("--screenshot={}", file.display()));
        self.open(page, &[&[size.as_str(), output.as_str()], flags].concat())?;
        is_written(&file)
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

fn is_written(file: &Path) -> Result<()> {
    match file.metadata().is_ok_and(|metadata| metadata.len() > 0) {
        true => Ok(()),
        false => Err(format!("the browser wrote no {}", file.display()).into()),
    }
}

/// Each outcome is followed by its count.
fn compare(text: &str, counts: &str) -> Result<()> {
    let counts: serde_json::Value = serde_json::from_str(counts)?;
    for (outcome, name) in OUTCOMES {
        let count = counts[outcome].as_u64().ok_or_else(|| format!("the sample has no count of `{outcome}`"))?;
        let expected = format!("{name} {} ", grouped(count));
        if !text.contains(&expected) {
            return Err(format!("the page does not show `{expected}`").into());
        }
    }
    Ok(())
}

/// A number below a million as English writes it.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
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
