//! Deletes conversations, 50 in one request. Reads their ids, one a line, and shows progress.
//!
//! Set `FINI_API_KEY`, then: `cargo run -p fini-delete --example fini_delete_many < ids.txt`

use std::error::Error;

use fini_delete::{Client, DeleteAllOptions, Deleter, DeleterExt};
use futures_util::stream;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let deleter = Client::from_env()?;
    let mut ids = Vec::new();
    for line in std::io::stdin().lines() {
        ids.push(deleter.parse_id(line?.trim())?);
    }
    let (total, mut done, mut failed) = (ids.len(), 0, 0);
    let mut results = deleter.delete_all(stream::iter(ids), DeleteAllOptions::new().with_concurrency(4));
    while let Some((id, result)) = results.next().await {
        done += 1;
        failed += usize::from(!matches!(&result, Ok(deletion) if deletion.outcome().is_success()));
        match result {
            Ok(deletion) => println!("{done}/{total} {id}: {}", deletion.outcome()),
            Err(error) => println!("{done}/{total} {id}: {error}"),
        }
    }
    // After an error that every later request would get too, such as a refused key, the remaining ids are not tried.
    println!("{} succeeded, {failed} failed, {} not tried", done - failed, total - done);
    Ok(())
}
