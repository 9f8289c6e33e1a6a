//! Deletes at Corti and Fini, as they are faked on loopback, through one trait.

use std::collections::HashMap;
use std::error::Error;

use conversation_delete::{ApiKey, ClientCredentials, Deleter, Outcome, corti, fini};
use conversation_delete_fake::{Fake, RecordState, Role, Vendor};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let fakes = [Fake::start(Vendor::Corti).await?, Fake::start(Vendor::Fini).await?];
    let clients: [Box<dyn Deleter>; 2] = [Box::new(corti_client(&fakes[0])?), Box::new(fini_client(&fakes[1])?)];
    for (fake, client) in fakes.iter().zip(clients) {
        let ids = fake.seed(2);
        let id = client.parse_id(&ids[0])?;
        let deletion = client.delete(&id).await?;
        println!("{}: {}", client.vendor(), deletion.outcome());
        assert!(matches!(deletion.outcome(), Outcome::Deleted | Outcome::Acknowledged));
        assert_eq!(fake.state_of(&ids[0]), Some(RecordState::Deleted));
        assert_eq!(fake.state_of(&ids[1]), Some(RecordState::Present));
    }
    Ok(())
}

fn corti_client(fake: &Fake) -> Result<corti::Client, Box<dyn Error>> {
    let settings: HashMap<_, _> = fake.env().into_iter().collect();
    let setting = |name: &str| settings.get(name).cloned().ok_or(format!("the fake has no {name}"));
    let credentials = ClientCredentials::new(setting("CORTI_CLIENT_ID")?, setting("CORTI_CLIENT_SECRET")?);
    let environment =
        corti::Environment::Custom { api_url: setting("CORTI_BASE_URL")?, auth_url: setting("CORTI_AUTH_URL")? };
    Ok(corti::Client::builder(environment, setting("CORTI_TENANT_NAME")?, credentials).build()?)
}

fn fini_client(fake: &Fake) -> Result<fini::Client, Box<dyn Error>> {
    Ok(fini::Client::builder(ApiKey::new(fake.key(Role::Full))?).base_url(fake.base_url()).build()?)
}
