//! What is made of the events and spans of our own crates: what `--verbose` shows, counts of requests, and spans for a
//! collector.

mod json;
#[cfg(feature = "otel")]
mod otel;
mod requests;

use std::io;

use tracing::Level;
use tracing_subscriber::Layer;
#[cfg(feature = "otel")]
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
#[cfg(not(feature = "otel"))]
use tracing_subscriber::layer::Identity;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{log_line, metrics, stream};
use json::JsonLines;
use requests::CountRequests;

/// Listens to the events of our own crates. Those of others stay out: nobody here vouches for what is in them.
pub(crate) fn install(is_verbose: bool) {
    let counts = metrics::are_wanted().then_some(CountRequests);
    let spans = spans();
    if !is_verbose && counts.is_none() && spans.is_none() {
        return;
    }
    let lines = is_verbose.then(|| match log_line::is_json() {
        true => JsonLines.boxed(),
        false => tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Line).boxed(),
    });
    let own = Targets::new().with_target("delete_core", Level::DEBUG);
    // It fails only where a logger is set already, and none is.
    let _ = tracing_subscriber::registry().with(spans).with(lines).with(counts).with(own).try_init();
}

/// The layer that exports spans, if that is built in and asked for.
#[cfg(feature = "otel")]
fn spans() -> Option<impl Layer<Registry>> {
    otel::layer()
}

#[cfg(not(feature = "otel"))]
fn spans() -> Option<Identity> {
    None
}

/// Sends what is left to send, within a few seconds.
pub(crate) fn finish() {
    #[cfg(feature = "otel")]
    otel::finish();
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
