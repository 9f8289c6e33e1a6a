use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

/// Logs each call and each attempt when it ends.
pub fn log_requests() {
    tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_span_events(FmtSpan::CLOSE).init();
}
