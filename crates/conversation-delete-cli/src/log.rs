//! What `--verbose` shows.

mod json;

use std::io;

use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{log_line, stream};
use json::JsonLines;

/// Sends the events of our own crates to stderr. Those of others stay out: nobody here vouches for what is in them.
pub(crate) fn to_stderr() {
    let own = Targets::new().with_target("delete_core", Level::DEBUG);
    let lines = match log_line::is_json() {
        true => JsonLines.boxed(),
        false => tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Line).boxed(),
    };
    // It fails only where a logger is set already, and none is.
    let _ = tracing_subscriber::registry().with(lines).with(own).try_init();
}

/// Takes an event, which is written as a whole, and waits for nobody.
struct Line;

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        stream::push_log(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
