//! Deletes conversations, and then proves that they are gone: lists them before and after.
//!
//! Set `FINI_API_KEY`, whose scopes are `read` and `write`, then:
//! `cargo run -p fini-delete --example fini_delete_and_verify -- f47ac10b-58cc-4372-a567-0e02b2c3d479`

use std::error::Error;

use fini_delete::{Client, Presence, RecordId, RecordReader, RecordReaderExt, RecordUuid, VerifyPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fini = Client::from_env()?;
    let ids = std::env::args().skip(1).map(|id| id.parse()).collect::<Result<Vec<RecordUuid>, _>>()?;
    let records: Vec<RecordId> = ids.iter().copied().map(RecordId::from).collect();
    // Fini's list lacks a conversation that is gone, but also one that was never there. So only a conversation that this
    // client saw before can be reported as absent.
    fini.lookup_many(&records).await;
    for deletion in fini.delete_conversations(&ids).await? {
        println!("{}: {}", deletion.id(), deletion.outcome());
    }
    for (id, presence) in records.iter().zip(fini.confirm_absence(&records, VerifyPolicy::default()).await) {
        match presence {
            Presence::Unknown(error) => println!("{id}: unknown: {error}"),
            presence => println!("{id}: {presence}"),
        }
    }
    Ok(())
}
