use std::io::Cursor;

use conversation_delete_job::{JobErrorKind, RecordOutcome, check_plan};

use super::*;
use crate::record::Holder;
use crate::sample::{SECRETS, Sample, files, options, signed};
use crate::verify;

fn records(bundle: &[u8]) -> Vec<EvidenceRecord> {
    let lines = files(bundle).into_iter().find(|(name, _)| name == file::RECORDS).unwrap().1;
    let lines = String::from_utf8(lines).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_says_what_became_of_its_record() {
    let bundle = Sample::new().bundle(&options());
    let lines = files(&bundle).into_iter().find(|(name, _)| name == file::RECORDS).unwrap().1;
    let first = String::from_utf8(lines).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(
        first,
        concat!(
            r#"{"attempts":1,"children":[],"delivery":null,"endpoint":"https://tavus.example/v2","error":null,"#,
            r#""first_attempt":{"status":204,"time":"2026-11-28T12:00:00Z"},"held":null,"id":"c0","index":0,"#,
            r#""last_attempt":{"status":204,"time":"2026-11-28T12:00:01Z"},"mode":"hard","outcome":"deleted","#,
            r#""presence":{"after":{"reason":null,"source":"lookup","state":"absent","status":null,"#,
            r#""time":"2026-11-28T12:10:00Z"},"before":{"reason":null,"source":"list","state":"present","#,
            r#""status":"ended","time":"2026-11-28T11:00:00Z"}},"request_id":"request-1","#,
            r#""salt":"a6cc0686ba3332d6c842ba342df06073","settled_at":"2026-11-28T12:00:01Z","target":0,"vendor":"tavus"}"#
        )
    );
    let records = records(&bundle);
    let held = |number: usize| records[number].held.as_ref().map(|held| (held.by, held.time.as_deref()));
    assert_eq!(held(6), Some((Holder::Plan, None)));
    assert_eq!(held(7), Some((Holder::Later, Some("2026-11-28T11:59:00Z"))));
    assert_eq!(records[4].presence.after.as_ref().unwrap().reason, Some(delete_core::ErrorKind::Timeout));
    assert_eq!(records[8].outcome, RecordOutcome::NotAttempted);
    assert_eq!(records[9].children.iter().map(|child| child.id.as_str()).collect::<Vec<_>>(), ["t1", "t2"]);
}

#[test]
fn nothing_that_a_vendor_said_and_no_text_of_a_refused_entry_is_in_a_bundle() {
    let bundle = Sample::new().bundle(&signed());
    for (name, contents) in files(&bundle) {
        let text = String::from_utf8(contents).unwrap();
        for secret in SECRETS.iter().chain(["x y"].iter()) {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
    }
    let refused = verify(Cursor::new(&bundle), None).unwrap().manifest.about.refused;
    let reasons: Vec<_> = refused.reasons.iter().map(|reason| (reason.reason.as_str(), reason.count)).collect();
    assert_eq!(reasons, [("it is not an id", 1), ("there is white space around the id", 1)]);
}

/// Makes the plan that is in the file the one that was made.
fn adopt_plan(sample: &Sample) {
    let changed = check_plan(sample.path()).unwrap_err().to_string();
    let (_, hash) = changed.split_once("its hash is ").unwrap();
    sample.connect().execute("UPDATE job SET plan_hash = ?1", [&hash[..64]]).unwrap();
}

/// Every character that JSON escapes or that RFC 8785 speaks of, and some that other programs mistake.
#[test]
fn hostile_ids_verify_and_are_canonical() {
    let sample = Sample::of_size(2);
    let hostile = "\u{20ac}$\u{f}\nA'B\"\\\\\"/<b>&\u{7f}\u{80}\u{2028}\u{202e}\u{fb33}\u{1f600}\0,\r\n{}";
    sample.connect().execute("UPDATE record SET id = ?1 WHERE record = 1", [hostile]).unwrap();
    adopt_plan(&sample);
    let bundle = sample.bundle(&signed());
    verify(Cursor::new(&bundle), None).unwrap();
    assert_eq!(records(&bundle)[0].id, hostile);
    let lines = files(&bundle).into_iter().find(|(name, _)| name == file::RECORDS).unwrap().1;
    // The example of section 3.2.2 of RFC 8785, and what its section 3.2.2.2 requires of the rest.
    let expected = "\"id\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/<b>&\u{7f}\u{80}\u{2028}\u{202e}\u{fb33}\u{1f600}\\u0000,\\r\\n{}\"";
    assert!(String::from_utf8(lines).unwrap().contains(expected));
}

#[test]
fn a_job_that_is_not_planned_to_its_end_is_refused() {
    let sample = Sample::of_size(1);
    sample.connect().execute("DROP TABLE record", []).unwrap();
    let error = export(sample.path(), &options(), Cursor::new(Vec::new())).unwrap_err();
    assert!(matches!(&error, ExportError::Job(error) if error.kind() == JobErrorKind::Storage), "{error:?}");
}

#[test]
fn a_job_whose_plan_was_changed_is_refused() {
    for change in [
        "UPDATE record SET id = 'c999' WHERE record = 1",
        "DELETE FROM record WHERE record = 2",
        "INSERT INTO record (target, id, outcome) VALUES (1, 'c999', 'deleted')",
        "UPDATE job SET plan_hash = '<b>x</b>'",
        "UPDATE target SET base_url = 'https://elsewhere.example'",
    ] {
        let sample = Sample::of_size(3);
        sample.connect().execute(change, []).unwrap();
        let bundle = export(sample.path(), &options(), Cursor::new(Vec::new())).map(drop);
        for refused in [bundle, export_report(sample.path(), &options()).map(drop)] {
            let is_changed = matches!(&refused, Err(ExportError::Job(error)) if error.kind() == JobErrorKind::Changed);
            assert!(is_changed, "{change}: {refused:?}");
        }
    }
}

#[test]
fn a_job_that_changes_while_it_is_read_is_refused() {
    let sample = Sample::of_size(3);
    let job = Job::read(sample.path().into()).unwrap();
    let add = "INSERT INTO run (program, process, started_at) VALUES ('p', 1, '2026-11-28T12:00:00Z')";
    let changed = job.records(None, &SaltKey::fixed(), |record| {
        if record.index == 1 {
            sample.connect().execute(add, []).unwrap();
        }
        Ok(())
    });
    assert!(matches!(changed, Err(ExportError::Changed)), "{changed:?}");
}

#[test]
fn the_report_alone_is_that_of_an_unsigned_bundle() {
    let sample = Sample::new();
    let report = export_report(sample.path(), &signed()).unwrap();
    let bundle = files(&sample.bundle(&options()));
    assert_eq!(bundle.iter().find(|(name, _)| name == file::REPORT).unwrap().1, report.into_bytes());
}

#[test]
fn each_line_of_each_export_has_a_salt_of_its_own() {
    let sample = Sample::of_size(3);
    let random = ExportOptions { salts: None, ..options() };
    let salts: Vec<String> = [&random, &random, &options()]
        .into_iter()
        .flat_map(|options| records(&sample.bundle(options)))
        .map(|record| record.salt)
        .collect();
    assert!(salts.iter().all(|salt| salt.len() == 32), "{salts:?}");
    assert_eq!(salts.iter().collect::<std::collections::HashSet<_>>().len(), 9, "{salts:?}");
}

/// After a kill the first response is not known, whatever the last one was.
#[test]
fn the_status_of_the_first_attempt_is_that_of_the_only_request_or_not_known() {
    let sample = Sample::of_size(4);
    let change = "UPDATE record SET intent_at = settled_at, tried_at = settled_at, intent_run = 1, settled_run = 1;
        UPDATE record SET settled_run = 2 WHERE record = 2;
        UPDATE record SET intent_run = NULL WHERE record = 3;
        UPDATE record SET attempts = 2 WHERE record = 4;";
    sample.connect().execute_batch(change).unwrap();
    let statuses: Vec<_> = records(&sample.bundle(&options()))
        .into_iter()
        .map(|record| (record.first_attempt.unwrap().status, record.last_attempt.unwrap().status))
        .collect();
    assert_eq!(statuses, [(Some(204), Some(204)), (None, Some(204)), (None, Some(204)), (None, Some(204))]);
}
