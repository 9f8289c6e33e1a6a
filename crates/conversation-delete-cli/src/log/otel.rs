//! Sends the spans of calls and attempts to an OpenTelemetry collector.

use std::env;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::{Builder, Runtime};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::log_line::Level;
use crate::notice::notice_as;

/// How long the end of a run waits for the collector.
const LAST_EXPORT: Duration = Duration::from_secs(5);

const NAME: &str = "conversation-delete";

/// Where spans go. Any of these turns the export on.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// The exporter, and the threads on which it sends, so that no delete waits for it.
struct Export {
    provider: SdkTracerProvider,
    _runtime: Runtime,
}

static EXPORT: OnceLock<Export> = OnceLock::new();

/// The layer that exports spans, if an endpoint is set. The SDK reads its other variables itself.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> Option<impl Layer<S>> {
    if !is_wanted() {
        return None;
    }
    let export = match start() {
        Ok(export) => EXPORT.get_or_init(|| export),
        Err(reason) => {
            notice_as(Level::Warn, &format!("warning: no spans are exported: {reason}"));
            return None;
        }
    };
    let layer = tracing_opentelemetry::layer().with_tracer(export.provider.tracer(NAME));
    Some(layer.with_location(false).with_threads(false).with_tracked_inactivity(false))
}

/// Sends what is left, for as long as that takes, within a limit.
pub(crate) fn finish() {
    let Some(export) = EXPORT.get() else { return };
    if let Err(error) = export.provider.shutdown_with_timeout(LAST_EXPORT) {
        notice_as(Level::Warn, &format!("warning: not all spans were exported: {error}"));
    }
}

fn is_wanted() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|set| set.eq_ignore_ascii_case(value));
    let is_set = |name: &&str| env::var_os(name).is_some_and(|endpoint| !endpoint.is_empty());
    ENDPOINTS.iter().any(is_set) && !is("OTEL_SDK_DISABLED", "true") && !is("OTEL_TRACES_EXPORTER", "none")
}

fn start() -> Result<Export, String> {
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("otel").enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let entered = runtime.enter();
    let exporter = SpanExporter::builder().with_tonic().build().map_err(|error| error.to_string())?;
    drop(entered);
    let mut resource = Resource::builder();
    if env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name(NAME);
    }
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    Ok(Export { provider, _runtime: runtime })
}
