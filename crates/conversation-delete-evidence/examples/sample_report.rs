//! Prints the report of a sample job in which everything occurs, in a language; or with `counts` its counts.
//!
//! ```sh
//! cargo run -p conversation-delete-evidence --example sample_report -- de > report.html
//! ```

#[path = "../tests/sample/mod.rs"]
mod sample;

use conversation_delete_evidence::{Language, report};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let what = std::env::args().nth(1).unwrap_or_default();
    let sample = sample::with_everything(1_204);
    if what == "counts" {
        println!("{}", serde_json::to_string(&sample.about.outcomes)?);
        return Ok(());
    }
    let language = Language::parse(&what).ok_or("give a language: en, de, fr or es; or `counts`")?;
    print!("{}", report::render(&sample.about, &sample.digest, language));
    Ok(())
}
