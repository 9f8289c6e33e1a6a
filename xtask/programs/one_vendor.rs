//! Deletes one conversation at Tavus, through a transport that answers as the vendor does.

use tavus_delete::delete_core::{http, testing::response};
use tavus_delete::{ApiKey, Client, ErasureMode, Outcome};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let answers = http::from_fn(|request| async move {
        println!("{} {}", request.method(), request.uri().path_and_query().unwrap());
        Ok(response(204, ""))
    });
    let tavus = Client::builder(ApiKey::new("key")?).transport(answers).build()?;
    let deletion = tavus.delete_conversation(&"c123456".parse()?, ErasureMode::Hard).await?;
    println!("{}", deletion.outcome());
    assert_eq!(deletion.outcome(), Outcome::Deleted);
    Ok(())
}
