//! Deletes one interaction after its transcripts, recordings, documents and guided documents.
//!
//! Set `CORTI_ENVIRONMENT`, `CORTI_TENANT_NAME`, `CORTI_CLIENT_ID` and `CORTI_CLIENT_SECRET`, then:
//! `cargo run -p corti-delete --example corti_delete_cascade -- f47ac10b-58cc-4372-a567-0e02b2c3d479`

use std::error::Error;

use corti_delete::{CascadeOptions, Client, Deletion, RecordUuid};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let id: RecordUuid = std::env::args().nth(1).ok_or("name the id of an interaction")?.parse()?;
    let corti = Client::from_env()?;
    let cascade = corti.delete_cascade(id, CascadeOptions::default()).await;
    for (child, result) in &cascade.children {
        println!("{} {}: {}", child.kind(), child.id(), describe(result));
    }
    println!("interaction {id}: {}", describe(&cascade.interaction));
    Ok(())
}

fn describe(result: &Result<Deletion, corti_delete::Error>) -> String {
    match result {
        Ok(deletion) => deletion.outcome().to_string(),
        Err(error) => error.to_string(),
    }
}
