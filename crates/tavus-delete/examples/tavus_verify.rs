//! Checks that conversations are gone: looks each up, again after 1, 2 and 4 s if Tavus still shows it.
//!
//! Set `TAVUS_API_KEY`, then: `cargo run -p tavus-delete --example tavus_verify -- c123456 c123457`

use std::error::Error;

use tavus_delete::{Client, ConversationId, Presence, RecordReader, RecordReaderExt, VerifyPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tavus = Client::from_env()?;
    // With the key of another account every conversation would be absent.
    println!("checking {}", tavus.check_credential().await?.target);
    let mut ids = Vec::new();
    for id in std::env::args().skip(1) {
        ids.push(ConversationId::new(&id)?.into());
    }
    let presences = tavus.confirm_absence(&ids, VerifyPolicy::default()).await;
    for (id, presence) in ids.iter().zip(presences) {
        match presence {
            Presence::Unknown(error) => println!("{id}: unknown: {error}"),
            presence => println!("{id}: {presence}"),
        }
    }
    Ok(())
}
