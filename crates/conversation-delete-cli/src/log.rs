//! What `--verbose` shows.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::stream;

/// Sends the events of our own crates to stderr. Those of others stay out: nobody here vouches for what is in them.
pub(crate) fn to_stderr() {
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Line);
    let own = Targets::new().with_target("delete_core", Level::DEBUG);
    // It fails only where a logger is set already, and none is.
    let _ = tracing_subscriber::registry().with(layer).with(own).try_init();
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
