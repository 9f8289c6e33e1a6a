//! Serves the four fakes until it is stopped: `cargo run -p conversation-delete-fake --example serve`.
//!
//! Prints the environment that points a client at them, one `NAME=value` a line, and then serves. With a number as
//! its argument it seeds that many records at each vendor first.

use std::io::{self, Write as _};

use conversation_delete_fake::Fakes;

#[tokio::main]
async fn main() -> io::Result<()> {
    let count = match std::env::args().nth(1).map(|text| text.parse()) {
        None => 0,
        Some(Ok(count)) => count,
        Some(Err(_)) => return Err(io::Error::other("usage: serve [NUMBER OF RECORDS AT EACH VENDOR]")),
    };
    let fakes = Fakes::start().await?;
    for fake in fakes.iter() {
        fake.seed(count);
    }
    io::stdout().write_all(fakes.env_lines().as_bytes())?;
    io::stdout().flush()?;
    tokio::signal::ctrl_c().await
}
