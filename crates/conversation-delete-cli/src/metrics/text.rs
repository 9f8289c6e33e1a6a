//! The text format of Prometheus.

use std::fmt::Display;
use std::time::{SystemTime, UNIX_EPOCH};

use conversation_delete_job::StopHandle;

use super::state::State;

pub(super) const LAST_SUCCESS: &str = "conversation_delete_last_success_timestamp_seconds";

/// All families, each with its help and its type.
pub(super) fn render(state: &State, started: SystemTime) -> String {
    let mut text = Text::default();
    text.family("conversation_delete_build_info", "gauge", "The version of the program.");
    text.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.family("conversation_delete_records_total", "counter", "Records by vendor and outcome.");
    for ((vendor, outcome), number) in &state.records {
        text.sample(&[("vendor", vendor), ("outcome", outcome)], number);
    }
    text.family("conversation_delete_open_records", "gauge", "Records without an outcome.");
    for (vendor, number) in &state.open {
        text.sample(&[("vendor", vendor)], number);
    }
    text.family("conversation_delete_lookups_total", "counter", "Lookups of records before and after their deletes.");
    for ((vendor, moment), number) in &state.lookups {
        text.sample(&[("vendor", vendor), ("moment", moment)], number);
    }
    let help = "Requests by vendor, method and HTTP status, which is empty without a response.";
    text.family("conversation_delete_requests_total", "counter", help);
    for (request, number) in &state.requests {
        let code = request.status.map(|status| status.to_string()).unwrap_or_default();
        text.sample(&[("vendor", &request.vendor), ("method", &request.method), ("code", &code)], number);
    }
    let help = "Seconds of waiting by vendor and reason: throttled, paced or unavailable.";
    text.family("conversation_delete_wait_seconds_total", "counter", help);
    for ((vendor, reason), wait) in &state.waits {
        text.sample(&[("vendor", vendor), ("reason", reason)], wait.as_secs_f64());
    }
    text.family("conversation_delete_requests_in_flight", "gauge", "Calls that wait for a response.");
    text.sample(&[], state.stops.iter().map(StopHandle::in_flight).sum::<usize>());
    text.family("conversation_delete_start_time_seconds", "gauge", "When the run began, in seconds since 1970.");
    text.sample(&[], seconds(started));
    if let Some((time, exit_code)) = state.ended {
        text.family("conversation_delete_end_time_seconds", "gauge", "When the run ended, in seconds since 1970.");
        text.sample(&[], seconds(time));
        text.family("conversation_delete_exit_code", "gauge", "The exit code of the run; absent while it goes on.");
        text.sample(&[], exit_code);
    }
    if let Some(time) = &state.last_success {
        let help = "When a run that writes this file last ended with exit code 0, in seconds since 1970.";
        text.family(LAST_SUCCESS, "gauge", help);
        text.sample(&[], time);
    }
    text.lines
}

/// Seconds since 1970, with milliseconds.
pub(super) fn seconds(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:03}", since.as_secs(), since.subsec_millis())
}

#[derive(Default)]
struct Text {
    lines: String,
    /// The name of the family that samples belong to.
    family: &'static str,
}

impl Text {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        self.lines += &format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.lines += &format!("{}{labels} {value}\n", self.family);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_escaped() {
        let mut text = Text { family: "x", ..Text::default() };
        text.sample(&[("a", "1\\2\"3\n4")], 5);
        assert_eq!(text.lines, "x{a=\"1\\\\2\\\"3\\n4\"} 5\n");
    }
}
