//! Checks that conversations are gone: looks each up, again after 1, 2 and 4 s if ElevenLabs still shows it.
//!
//! Set `ELEVENLABS_API_KEY` and, for a workspace outside `global`, `ELEVENLABS_RESIDENCY`, then:
//! `cargo run -p elevenlabs-delete --example elevenlabs_verify -- conv_01 conv_02`

use std::error::Error;

use elevenlabs_delete::{Client, ConversationId, Presence, RecordReader, RecordReaderExt, VerifyPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let elevenlabs = Client::from_env()?;
    // With the key of another workspace every conversation would be absent.
    println!("checking {}", elevenlabs.check_credential().await?.target);
    let mut ids = Vec::new();
    for id in std::env::args().skip(1) {
        ids.push(ConversationId::new(&id)?.into());
    }
    let presences = elevenlabs.confirm_absence(&ids, VerifyPolicy::default()).await;
    for (id, presence) in ids.iter().zip(presences) {
        match presence {
            Presence::Unknown(error) => println!("{id}: unknown: {error}"),
            presence => println!("{id}: {presence}"),
        }
    }
    Ok(())
}
