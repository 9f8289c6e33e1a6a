//! Deletes one conversation, irrevocably, unless its call is still running.
//!
//! Set `TAVUS_API_KEY`, then: `cargo run -p tavus-delete --example tavus_delete_one -- c123456`

use std::error::Error;

use tavus_delete::{Client, Deleter, ErasureMode, ErrorKind, RejectActive};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let id = std::env::args().nth(1).ok_or("name the id of a conversation")?;
    let tavus = Client::from_env()?;
    let deleter = RejectActive::new(tavus.with_erasure_mode(ErasureMode::Hard), tavus);
    match deleter.delete(&deleter.parse_id(&id)?).await {
        Ok(deletion) => println!("{id}: {} after {} request(s)", deletion.outcome(), deletion.attempts().len()),
        Err(error) if error.kind() == ErrorKind::NotFound => println!("{id}: not found: {error}"),
        Err(error) if error.may_have_taken_effect() => println!("{id}: unknown, run this again: {error}"),
        Err(error) => println!("{id}: not deleted: {error}"),
    }
    Ok(())
}
