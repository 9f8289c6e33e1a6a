//! Checks that interactions are gone: looks each up, again after 1, 2 and 4 s if Corti still shows it.
//!
//! Set `CORTI_ENVIRONMENT`, `CORTI_TENANT_NAME`, `CORTI_CLIENT_ID` and `CORTI_CLIENT_SECRET`, then:
//! `cargo run -p corti-delete --example corti_verify -- f47ac10b-58cc-4372-a567-0e02b2c3d479`

use std::error::Error;

use corti_delete::{Client, Deleter, Presence, RecordReader, RecordReaderExt, VerifyPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let corti = Client::from_env()?;
    // In the wrong tenant every interaction would be absent.
    println!("checking {}", corti.check_credential().await?.target);
    let ids = std::env::args().skip(1).map(|id| corti.parse_id(&id)).collect::<Result<Vec<_>, _>>()?;
    let presences = corti.confirm_absence(&ids, VerifyPolicy::default()).await;
    for (id, presence) in ids.iter().zip(presences) {
        match presence {
            Presence::Unknown(error) => println!("{id}: unknown: {error}"),
            presence => println!("{id}: {presence}"),
        }
    }
    Ok(())
}
