//! Prints the report of a sample job in which everything occurs, in a language.
//!
//! ```sh
//! cargo run -p conversation-delete-evidence --example sample_report -- de > report.html
//! ```

#[path = "../tests/report/sample.rs"]
mod sample;

use conversation_delete_evidence::{Language, report};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let code = std::env::args().nth(1).unwrap_or_default();
    let language = Language::parse(&code).ok_or("give a language: en, de, fr or es")?;
    let sample = sample::with_everything(1_204);
    print!("{}", report::render(&sample.about, &sample.digest, language));
    Ok(())
}
