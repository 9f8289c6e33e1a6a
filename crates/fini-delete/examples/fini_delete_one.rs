//! Deletes one conversation through the bulk route, which shows whether it was there.
//!
//! Set `FINI_API_KEY`, then:
//! `cargo run -p fini-delete --example fini_delete_one -- f47ac10b-58cc-4372-a567-0e02b2c3d479`

use std::error::Error;

use fini_delete::{Client, Deleter, ErrorKind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let id = std::env::args().nth(1).ok_or("name the id of a conversation")?;
    let fini = Client::from_env()?;
    match fini.delete(&fini.parse_id(&id)?).await {
        Ok(deletion) => println!("{id}: {} after {} request(s)", deletion.outcome(), deletion.attempts().len()),
        Err(error) if error.kind() == ErrorKind::NotFound => println!("{id}: not found: {error}"),
        Err(error) if error.may_have_taken_effect() => println!("{id}: unknown, run this again: {error}"),
        Err(error) => println!("{id}: not deleted: {error}"),
    }
    Ok(())
}
