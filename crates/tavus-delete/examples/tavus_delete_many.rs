//! Deletes conversations irrevocably, unless their calls are still running. Reads their ids, one a line, and shows progress.
//!
//! Set `TAVUS_API_KEY`, then: `cargo run -p tavus-delete --example tavus_delete_many < ids.txt`

use std::error::Error;
use std::sync::Arc;

use futures_util::stream;
use tavus_delete::{Client, DeleteAllOptions, Deleter, DeleterExt, ErasureMode, RejectActive};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tavus = Client::from_env()?;
    let deleter = Arc::new(RejectActive::new(tavus.with_erasure_mode(ErasureMode::Hard), tavus));
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
