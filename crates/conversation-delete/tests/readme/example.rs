use conversation_delete::{ErasureMode, Error, ErrorKind, tavus};

pub async fn erase(client: &tavus::Client, id: &str) -> Result<(), Error> {
    match client.delete_conversation(&id.parse()?, ErasureMode::Hard).await {
        Ok(deletion) => println!("{id}: {}", deletion.outcome()),
        Err(error) if error.kind() == ErrorKind::NotFound => println!("{id}: this key sees no such record"),
        Err(error) if error.may_have_taken_effect() => println!("{id}: unknown, delete it again: {error}"),
        Err(error) => return Err(error),
    }
    Ok(())
}
