//! The page in Chromium: the text that it shows, and pictures for people in `target/tmp/report`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use conversation_delete_evidence::Language;
use conversation_delete_evidence::report::render;

use crate::dom::Page;
use crate::sample::with_everything;

/// Names of Chromium, the most usual first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS: [&str; 4] = ["--headless", "--no-sandbox", "--disable-background-networking", "--hide-scrollbars"];

/// The narrowest window of a headless browser is wider than a phone, so a frame is the phone.
const PHONE: &str = "<!doctype html><title>phone</title><style>body{margin:0}iframe{border:0;width:360px;height:2400px}\
                     </style><iframe src=\"report.html\"></iframe>\n";

struct Picture {
    flag: &'static str,
    file: &'static str,
    page: &'static str,
    look: &'static [&'static str],
}

const WIDE: &str = "--window-size=1100,2400";
const DARK: &str = "--blink-settings=preferredColorScheme=0";

const PICTURES: [Picture; 4] = [
    Picture { flag: "--screenshot", file: "desktop-light.png", page: "report.html", look: &[WIDE] },
    Picture { flag: "--screenshot", file: "desktop-dark.png", page: "report.html", look: &[WIDE, DARK] },
    Picture { flag: "--screenshot", file: "phone.png", page: "phone.html", look: &["--window-size=500,2400"] },
    Picture { flag: "--print-to-pdf", file: "print.pdf", page: "report.html", look: &["--no-pdf-header-footer"] },
];

#[test]
fn a_browser_shows_the_page() {
    if std::env::var_os("BROWSER_TESTS").is_none() {
        println!("SKIPPED: set BROWSER_TESTS=1");
        return;
    }
    let is_installed = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let name = BROWSERS.into_iter().find(is_installed).unwrap_or_else(|| panic!("install one of {BROWSERS:?}"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap(); // Pictures of an earlier run.
    }
    let sample = with_everything(1_204);
    for language in Language::ALL {
        let browser = Browser { name, folder: folder.join(language.as_str()) };
        let html = render(&sample.about, &sample.digest, language);
        fs::create_dir_all(&browser.folder).unwrap();
        fs::write(browser.folder.join("report.html"), &html).unwrap();
        fs::write(browser.folder.join("phone.html"), PHONE).unwrap();
        // Other tests compare the text of the page with the counts.
        assert_eq!(browser.text(), Page::parse(&html).text().trim_end(), "{language:?}");
        PICTURES.iter().for_each(|picture| browser.take(picture));
    }
    println!("pictures: {}", folder.display());
}

struct Browser {
    name: &'static str,
    /// Of one page, its pictures and the browser's profile.
    folder: PathBuf,
}

impl Browser {
    fn text(&self) -> String {
        Page::parse(&self.open("report.html", &["--dump-dom"])).text().trim_end().to_owned()
    }

    fn take(&self, Picture { flag, file, page, look }: &Picture) {
        let file = self.folder.join(file);
        self.open(page, &[&[&*format!("{flag}={}", file.display())], *look].concat());
        assert!(file.metadata().is_ok_and(|metadata| metadata.len() > 0), "the browser wrote no {}", file.display());
    }

    /// What the browser prints.
    fn open(&self, page: &str, flags: &[&str]) -> String {
        let profile = format!("--user-data-dir={}", self.folder.join("profile").display());
        let url = format!("file://{}", self.folder.join(page).display());
        let output = Command::new(self.name).args(FLAGS).arg(profile).args(flags).arg(url).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}
