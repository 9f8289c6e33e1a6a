//! Counts requests for the metrics.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::metrics::{self, Request};

/// Counts the events that end a request.
pub(super) struct CountRequests;

impl<S: Subscriber> Layer<S> for CountRequests {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if fields.has_ended {
            metrics::on_request(fields.request);
        }
    }
}

#[derive(Default)]
struct Fields {
    request: Request,
    /// Whether the event says how long a request took.
    has_ended: bool,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "vendor" => self.request.vendor = value.to_owned(),
            "method" => self.request.method = value.to_owned(),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "status" => self.request.status = Some(value),
            "duration_ms" => self.has_ended = true,
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
