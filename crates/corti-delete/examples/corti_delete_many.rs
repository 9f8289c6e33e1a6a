//! Deletes the interactions whose ids standard input names, one a line, and shows the progress.
//!
//! Set `CORTI_ENVIRONMENT`, `CORTI_TENANT_NAME`, `CORTI_CLIENT_ID` and `CORTI_CLIENT_SECRET`, then:
//! `cargo run -p corti-delete --example corti_delete_many < ids.txt`

use std::error::Error;
use std::io::{self, BufRead};

use corti_delete::{Client, DeleteAllOptions, Deleter, DeleterExt};
use futures_util::stream;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let corti = Client::from_env()?;
    let mut ids = Vec::new();
    for line in io::stdin().lock().lines() {
        ids.push(corti.parse_id(line?.trim())?);
    }
    let (total, mut done, mut failed) = (ids.len(), 0, 0);
    let mut results = corti.delete_all(stream::iter(ids), DeleteAllOptions::new());
    while let Some((id, result)) = results.next().await {
        done += 1;
        failed += usize::from(!matches!(&result, Ok(deletion) if deletion.outcome().is_success()));
        match result {
            Ok(deletion) => println!("{done}/{total} {id}: {}", deletion.outcome()),
            Err(error) => println!("{done}/{total} {id}: {error}"),
        }
    }
    // After an error that every later request would get too, such as a refused secret, the remaining ids are not tried.
    println!("{} succeeded, {failed} failed, {} not tried", done - failed, total - done);
    Ok(())
}
