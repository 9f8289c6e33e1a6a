//! Deletes one interaction, unless one of its transcripts is still being produced.
//!
//! Set `CORTI_ENVIRONMENT`, `CORTI_TENANT_NAME`, `CORTI_CLIENT_ID` and `CORTI_CLIENT_SECRET`, then:
//! `cargo run -p corti-delete --example corti_delete_one -- f47ac10b-58cc-4372-a567-0e02b2c3d479`

use std::error::Error;

use corti_delete::{Client, Deleter, ErrorKind, RejectActive};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let id = std::env::args().nth(1).ok_or("name the id of an interaction")?;
    let corti = Client::from_env()?;
    let deleter = RejectActive::new(corti.clone(), corti);
    match deleter.delete(&deleter.parse_id(&id)?).await {
        Ok(deletion) => println!("{id}: {} after {} request(s)", deletion.outcome(), deletion.attempts().len()),
        Err(error) if error.kind() == ErrorKind::NotFound => println!("{id}: not found: {error}"),
        Err(error) if error.may_have_taken_effect() => println!("{id}: unknown, run this again: {error}"),
        Err(error) => println!("{id}: not deleted: {error}"),
    }
    Ok(())
}
