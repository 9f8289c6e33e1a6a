use proptest::prelude::*;

use conversation_delete_job::Planner;
use delete_core::{ErasureMode, Error, Vendor};

use super::*;
use crate::ids::tests::IdList;
use crate::ids::{IdForm, ReadOptions, read};

fn line(record: &Record, mode: Option<&str>) -> String {
    let mut out = Vec::new();
    json::record(&mut out, "tavus", mode, record).unwrap();
    without_envelope(&String::from_utf8(out).unwrap())
}

/// The line with `…` for what differs from run to run.
fn without_envelope(line: &str) -> String {
    let (start, rest) = line.split_once("\"time\":\"").unwrap();
    let (time, rest) = rest.split_once("\",\"run\":\"").unwrap();
    let (run, rest) = rest.split_once('"').unwrap();
    assert!(delete_core::timestamp::parse(time).is_some() && time.ends_with('Z'), "{time}");
    assert_eq!(run, uuid::Uuid::parse_str(run).unwrap().to_string());
    format!("{start}…{rest}")
}

#[test]
fn json_lines_have_the_promised_names_in_the_promised_order() {
    let deleted =
        Record { outcome: Outcome::Deleted, attempts: 2, status: Some(204), ..Record::not_attempted("c1".to_owned()) };
    assert_eq!(
        line(&deleted, Some("hard")),
        "{\"type\":\"record\",\"schema\":1,…,\"vendor\":\"tavus\",\"id\":\"c1\",\"outcome\":\"deleted\",\"mode\":\"hard\",\
         \"attempts\":2,\"status\":204,\"request_id\":null,\"error\":null,\"presence\":null,\"settled_at\":null,\
         \"looked_at\":null,\"source\":null,\"line_number\":null}\n"
    );
    let mut planner = Planner::in_memory("test").unwrap();
    planner.refuse("tavus", "ids.txt", Some(3), "a\n\u{1b}", "no").unwrap();
    let job = planner.location();
    planner.finish().unwrap();
    let refused = records(&job).unwrap().next().unwrap().unwrap();
    assert_eq!(
        line(&refused, Some("hard")),
        "{\"type\":\"record\",\"schema\":1,…,\"vendor\":\"tavus\",\"id\":\"a\\n\\u001b\",\"outcome\":\"refused\",\"mode\":null,\
         \"attempts\":0,\"status\":null,\"request_id\":null,\
         \"error\":{\"kind\":\"invalid_input\",\"delivery\":\"not_sent\",\"message\":\"line 3: no\"},\
         \"presence\":null,\"settled_at\":null,\"looked_at\":null,\"source\":\"ids.txt\",\"line_number\":3}\n"
    );
}

#[test]
fn json_holds_nothing_that_a_terminal_acts_on_and_reads_back_as_it_was() {
    let id = "a\u{9b}31m\u{7f}\u{202e}\u{e0041}\u{feff}é\u{200b}\u{1b}\"\\z";
    let line = line(&Record::not_attempted(id.to_owned()), None);
    assert!(line.contains(r#""a\u009b31m\u007f\u202e\udb40\udc41\ufeffé\u200b\u001b\"\\z""#), "{line}");
    let value: serde_json::Value = serde_json::from_str(&line.replacen("…,", "", 1)).unwrap();
    assert_eq!(value["id"], id);
}

#[test]
fn the_summary_names_every_outcome() {
    let mut tally = Tally::default();
    tally.add(Outcome::Gone);
    tally.add(Outcome::Gone);
    tally.add(Outcome::NotAttempted);
    let mut out = Vec::new();
    json::summary(&mut out, &Summary::from(tally)).unwrap();
    assert_eq!(
        without_envelope(&String::from_utf8(out).unwrap()),
        "{\"type\":\"summary\",\"schema\":1,…,\"deleted\":0,\"acknowledged\":0,\"gone\":2,\"unresolved\":0,\"not_found\":0,\
         \"failed\":0,\"refused\":0,\"held\":0,\"not_attempted\":1,\"verified\":0,\"still_present\":0,\
         \"unverified\":0,\"absent\":null,\"present\":null,\"unknown\":null,\"ending\":null,\"job\":null,\"holds\":null}\n"
    );
}

#[test]
fn text_names_a_soft_delete_and_escapes_what_a_terminal_would_act_on() {
    let context = Context::new(Vendor::new("tavus", "Tavus"), Some(ErasureMode::Soft), Format::Text);
    let mut out = Vec::new();
    let deleted = Record { outcome: Outcome::Deleted, ..Record::not_attempted("c1\u{1b}[2J\u{202e}".to_owned()) };
    text::record(&mut out, &context, &deleted).unwrap();
    let mut tally = Tally::default();
    tally.add(Outcome::Deleted);
    text::summary(&mut out, &context, &tally.into()).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "deleted (soft)  c1\\u{1b}[2J\\u{202e}\n\nTavus, soft delete: 1 id\n  deleted (soft)          1\n"
    );
}

#[test]
fn the_message_of_an_error_is_on_one_line() {
    let error = Error::configuration("a\nb");
    assert!(!record::error_chain(&error).contains('\n'));
}

/// The ids that the program reads in its own report.
fn read_back(report: &[u8]) -> Vec<String> {
    let mut list = IdList::new(IdForm::Opaque);
    read(report, &ReadOptions { id_column: None, max_ids: 1_000 }, &mut list).unwrap();
    assert_eq!(list.refused_len(), 0);
    list.ids()
}

proptest! {
    #[test]
    fn a_report_reads_back_as_the_ids_of_its_records_whatever_became_of_them(
        outcomes in proptest::collection::vec((0..Outcome::ALL.len(), any::<bool>()), 0..20),
    ) {
        let (mut out, mut expected, mut tally) = (Vec::new(), Vec::new(), Tally::default());
        for (number, (outcome, has_child)) in outcomes.into_iter().enumerate() {
            let outcome = Outcome::ALL[outcome];
            let child = ChildRecord { kind: "document".into(), record: Record::not_attempted(format!("child{number}")) };
            let children = if has_child { vec![child] } else { Vec::new() };
            let record = Record { outcome, children, ..Record::not_attempted(format!("c{number}")) };
            json::record(&mut out, "tavus", None, &record).unwrap();
            tally.add(outcome);
            expected.extend((outcome != Outcome::Refused).then_some(record.id));
        }
        json::summary(&mut out, &Summary::from(tally)).unwrap();
        prop_assert_eq!(read_back(&out), expected);
    }
}
