//! Prints the report of a sample job in which everything occurs, or with `good` one in which nothing failed.
//!
//! ```sh
//! cargo run -p conversation-delete-evidence --example sample_report -- de > report.html
//! ```

#[path = "../tests/sample/mod.rs"]
mod sample;

use conversation_delete_evidence::{Language, report};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let language = arguments.next().and_then(|code| Language::parse(&code)).unwrap_or_default();
    let sample = match arguments.next().as_deref() {
        Some("good") => sample::all("deleted", 1_000),
        _ => sample::with_everything(1_204),
    };
    print!("{}", report::render(&sample.about, &sample.digest, language));
}
