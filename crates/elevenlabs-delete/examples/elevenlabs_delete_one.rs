//! Deletes one conversation, unless its call is still running or being processed.
//!
//! Set `ELEVENLABS_API_KEY` and, for a workspace outside `global`, `ELEVENLABS_RESIDENCY`, then:
//! `cargo run -p elevenlabs-delete --example elevenlabs_delete_one -- conv_01`

use std::error::Error;

use elevenlabs_delete::{Client, Deleter, ErrorKind, RejectActive};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let id = std::env::args().nth(1).ok_or("name the id of a conversation")?;
    let elevenlabs = Client::from_env()?;
    let deleter = RejectActive::new(elevenlabs.clone(), elevenlabs);
    match deleter.delete(&deleter.parse_id(&id)?).await {
        Ok(deletion) => println!("{id}: {} after {} request(s)", deletion.outcome(), deletion.attempts().len()),
        Err(error) if error.kind() == ErrorKind::NotFound => println!("{id}: not found: {error}"),
        Err(error) if error.may_have_taken_effect() => println!("{id}: unknown, run this again: {error}"),
        Err(error) => println!("{id}: not deleted: {error}"),
    }
    Ok(())
}
