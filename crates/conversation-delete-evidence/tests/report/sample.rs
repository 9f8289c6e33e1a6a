//! A job with every outcome, every kind of failure and every result of a check, at all vendors.

#![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

use conversation_delete_evidence::report::Digest;
use conversation_delete_evidence::{EvidenceRecord, ManifestHead, Totals};
use serde_json::{Value, json};

pub(crate) struct Sample {
    pub(crate) about: ManifestHead,
    pub(crate) digest: Digest,
}

const VENDORS: [(&str, &str, Option<&str>); 5] = [
    ("tavus", "https://tavusapi.com", Some("hard")),
    ("corti", "https://api.eu.corti.app/v2", None),
    ("fini", "https://api-prod.usefini.com", None),
    ("elevenlabs", "https://api.eu.residency.elevenlabs.io", None),
    ("tavus", "https://tavusapi.com", Some("soft")),
];

/// Failures in words of the job file: kind, delivery, HTTP status.
const FAILURES: [(&str, &str, Option<u16>); 19] = [
    ("invalid_input", "not_sent", None),
    ("configuration", "not_sent", None),
    ("wrong_target", "not_sent", None),
    ("clock_skew", "not_sent", None),
    ("still_active", "not_sent", None),
    ("unauthenticated", "answered", Some(401)),
    ("missing_scope", "answered", Some(401)),
    ("forbidden", "answered", Some(403)),
    ("payment_required", "answered", Some(402)),
    ("not_found", "answered", Some(404)),
    ("rejected", "answered", Some(422)),
    ("rate_limited", "answered", Some(429)),
    ("timeout", "maybe_delivered", None),
    ("connect", "not_sent", None),
    ("tls", "not_sent", None),
    ("connection", "maybe_delivered", None),
    ("server", "maybe_delivered", Some(503)),
    ("interrupted", "not_sent", None),
    ("unexpected_response", "answered", Some(200)),
];

/// A job of `count` records in which everything occurs that can.
pub(crate) fn with_everything(count: u64) -> Sample {
    sample((0..count).map(any_record))
}

/// A job of these records, whose totals are counted as in a bundle.
pub(crate) fn sample(records: impl Iterator<Item = EvidenceRecord>) -> Sample {
    let mut about: ManifestHead = serde_json::from_value(head()).unwrap();
    let (mut digest, mut totals) = (Digest::new(), Totals::new(VENDORS.len()));
    for record in records {
        assert!(totals.add(&record));
        digest.add(&record);
    }
    about.outcomes = totals.all.outcomes;
    about.verification = totals.all.verification;
    about.holds = totals.holds;
    (about.holds.planned, about.holds.unmatched) = (totals.holds.records_planned + 1, 1);
    about.holds.later = totals.holds.records_later;
    for (target, counted) in about.targets.iter_mut().zip(&totals.targets) {
        target.outcomes = counted.outcomes;
        target.verification = counted.verification;
        target.planned = counted.outcomes.total();
    }
    about.targets.retain(|target| target.planned > 0);
    about.records.count = about.outcomes.total();
    Sample { about, digest }
}

fn any_record(index: u64) -> EvidenceRecord {
    let target = (index * 7 / 5 % 5) as usize;
    let failure = FAILURES.get((index / 3) as usize).filter(|_| index % 3 == 0);
    if let Some((kind, delivery, status)) = failure {
        return change(record(index, target, "failed"), |record| {
            record["error"] = json!(kind);
            record["delivery"] = json!(delivery);
            record["last_attempt"]["status"] = json!(status);
        });
    }
    match index % 97 {
        0..=1 => record(index, target, "acknowledged"),
        2 => record(index, 2, "unresolved"),
        3 => record(index, target, "not_found"),
        4 => record(index, target, "gone"),
        5 => held(index, target, if index % 2 == 0 { "plan" } else { "later" }),
        6 if index > 1_000 => record(index, target, "not_attempted"),
        7 => checked(index, target, "unknown", "lookup"),
        8 if index < 400 => checked(index, target, "present", "lookup"),
        9..=70 => checked(index, target, "absent", if target == 1 { "list" } else { "lookup" }),
        _ => record(index, target, "deleted"),
    }
}

/// A record of this outcome at a target.
pub(crate) fn record(index: u64, target: usize, outcome: &str) -> EvidenceRecord {
    let (vendor, endpoint, mode) = VENDORS[target];
    let time = time_of(index);
    let was_sent = !matches!(outcome, "held" | "not_attempted");
    let attempt = was_sent.then(|| json!({"status": 204, "time": time}));
    serde_json::from_value(json!({
        "attempts": u64::from(was_sent), "children": [], "delivery": null, "endpoint": endpoint, "error": null,
        "first_attempt": attempt, "held": null, "id": format!("c{:08x}", index * 2_654_435_761 % 4_294_967_291),
        "index": index, "last_attempt": attempt, "mode": mode, "outcome": outcome,
        "presence": {"after": null, "before": null}, "request_id": null,
        "salt": "", "settled_at": was_sent.then_some(&time), "target": target, "vendor": vendor,
    }))
    .unwrap()
}

/// A deleted record that was seen before, with the result of the check after its delete.
fn checked(index: u64, target: usize, after: &str, source: &str) -> EvidenceRecord {
    change(record(index, target, "deleted"), |record| {
        let time = record["settled_at"].clone();
        let presence =
            |state, source| json!({"reason": null, "source": source, "state": state, "status": null, "time": time});
        record["presence"] = json!({"after": presence(after, source), "before": presence("present", "list")});
    })
}

fn held(index: u64, target: usize, by: &str) -> EvidenceRecord {
    change(record(index, target, "held"), |record| {
        record["held"] = json!({"by": by, "time": (by == "later").then(|| time_of(index))});
    })
}

/// The record with some members replaced.
pub(crate) fn change(record: EvidenceRecord, change: impl FnOnce(&mut Value)) -> EvidenceRecord {
    let mut value = serde_json::to_value(record).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// About eleven records in ten seconds, with a pause of half an hour after the first thousand.
fn time_of(index: u64) -> String {
    let seconds = index * 9 / 10 + index % 7 + if index >= 1_000 { 1_800 } else { 0 };
    format!("2026-11-28T{:02}:{:02}:{:02}Z", 12 + seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn head() -> Value {
    let zero = json!({"deleted": 0, "acknowledged": 0, "gone": 0, "unresolved": 0, "not_found": 0, "failed": 0, "held": 0,
        "not_attempted": 0});
    let unverified = json!({"verified": 0, "absent": 0, "still_present": 0, "unverified": 0});
    let targets = VENDORS.map(|(vendor, endpoint, mode)| {
        let is_corti = vendor == "corti";
        let accepted = json!([{"credential": "9d2c41aa0f3be871", "accepted_at": "2026-11-28T12:40:00Z"}]);
        json!({"vendor": vendor, "base_url": endpoint, "auth_url": is_corti.then_some("https://auth.eu.corti.app"),
            "place": is_corti.then_some("clinic-north"), "mode": mode, "options": if is_corti { "children" } else { "" },
            "credential": "1f0c5a7be2d94c36", "accepted_credentials": if is_corti { accepted } else { json!([]) },
            "planned": 0, "outcomes": zero, "verification": unverified})
    });
    let run = |purpose, start: &str, end: Option<&str>, ending: Option<&str>| {
        json!({"program": "conversation-delete 0.1.0", "purpose": purpose, "started_at": start, "ended_at": end,
            "ending": ending})
    };
    json!({
        "schema": 1, "program": {"name": "conversation-delete", "version": "0.1.0"},
        "exported_at": "2026-11-28T14:02:11Z", "language": "en", "ids": "vendor", "signer": null,
        "records": {"count": 0, "sha256": "4f1d".repeat(16), "root": "Xb1Yk0b7c3JZJ4pS0m4wq1C1mCq8S8Zl3hQe9v1mP2A="},
        "job": {"planned_by": "conversation-delete 0.1.0", "planned_at": "2026-11-28T11:58:40Z",
            "plan_hash": "c0de".repeat(16), "since": null, "until": "2026-08-30T00:00:00Z"},
        "runs": [run("delete", "2026-11-28T12:00:00Z", Some("2026-11-28T12:15:10Z"), Some("interrupted")),
            run("delete", "2026-11-28T12:44:58Z", Some("2026-11-28T12:49:30Z"), Some("killed, finished, finished"))],
        "targets": targets, "outcomes": zero, "verification": unverified,
        "refused": {"count": 2, "reasons": [{"vendor": "corti", "reason": "not_an_id", "count": 2}]},
        "holds": {"planned": 0, "later": 0, "unmatched": 0, "records_planned": 0, "records_later": 0,
            "records_too_late": 0},
        "outcomes_were_lost": false,
    })
}
