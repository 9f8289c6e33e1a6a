//! The page: that it is true, and in its modules that it is valid, self-contained and accessible.

#![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

mod browser;
mod dom;
mod form;
mod sample;

use conversation_delete_evidence::report::render;
use conversation_delete_evidence::{EvidenceRecord, IdForm, Language};
use serde_json::json;

use dom::Page;
use sample::{Sample, change, record, with_everything};

/// A job of `count` records at one target, all of one outcome.
fn all(outcome: &str, count: u64) -> Sample {
    sample::sample((0..count).map(|index| record(index, 0, outcome)))
}

/// The same, each of whose records was seen before its delete and is absent after it.
fn verified(outcome: &str, count: u64) -> Sample {
    sample::sample((0..count).map(|index| absent(index, outcome)))
}

fn absent(index: u64, outcome: &str) -> EvidenceRecord {
    let presence = |state: &str| {
        json!({"reason": null, "source": "lookup", "state": state, "status": null,
        "time": "2026-11-28T12:00:09Z"})
    };
    change(record(index, 0, outcome), |record| {
        record["presence"] = json!({"after": presence("absent"), "before": presence("present")});
    })
}

/// The row of the legend.
const UNVERIFIED: &str = "Of these, absence not verified";

fn page(sample: &Sample) -> Page {
    Page::parse(&render(&sample.about, &sample.digest, Language::En))
}

fn lead(sample: &Sample) -> String {
    page(sample).texts("dd", "verdict").concat()
}

#[test]
fn the_counts_are_those_of_the_manifest() {
    let sample = with_everything(1_204);
    let outcomes = sample.about.outcomes;
    let page = page(&sample);
    let expected = [
        ("Deleted", outcomes.deleted),
        ("Gone", outcomes.gone),
        ("Acknowledged", outcomes.acknowledged),
        ("Unresolved", outcomes.unresolved),
        ("Not found", outcomes.not_found),
        ("Failed", outcomes.failed),
        ("Not attempted", outcomes.not_attempted),
        ("Held", outcomes.held),
    ];
    assert!(expected.iter().all(|(_, count)| (1..10_000).contains(count)), "{expected:?}");
    let written = |count: u64| dom::grouped(count);
    let still_present = sample.about.verification.still_present;
    assert_eq!(page.rows_of("Still present")[0][0], written(still_present));
    for (name, count) in expected {
        // Once on the first screen, once with its meaning; then one number for each target. The first screen shows apart
        // what is still present.
        let rows = page.rows_of(name);
        let present = if name == "Deleted" { still_present } else { 0 };
        assert_eq!((&*rows[0][0], &*rows[1][0]), (&*written(count - present), &*written(count)), "{name}");
        let by_target: u64 = rows[2].iter().map(|cell| cell.replace(',', "").parse::<u64>().unwrap()).sum();
        assert_eq!(by_target, count, "{name}");
    }
    assert_eq!(page.rows_of("Total")[0][0], written(outcomes.total()));
    assert!(page.text().contains(&format!("Delete {} conversation records", written(outcomes.total()))));
    assert!(page.text().contains(&format!("For {} of", written(sample.about.verification.verified))));
}

#[test]
fn the_first_sentence_says_what_became_of_the_job() {
    let cases = [
        (verified("deleted", 1), "The record is deleted."),
        (verified("deleted", 12), "All 12 records are deleted."),
        (verified("gone", 12), "All 12 records are deleted or gone."),
        (all("held", 2), "Nothing was deleted: every record is held."),
        (all("deleted", 0), "Nothing was deleted: this job has no records."),
        (all("not_attempted", 2), "This job is not finished: 2 of 2 records have no outcome."),
        (all("acknowledged", 2), "2 of 2 records are not confirmed as deleted: the vendor accepted the requests"),
    ];
    for (sample, start) in cases {
        assert!(lead(&sample).starts_with(start), "{}", lead(&sample));
    }
    for outcome in ["failed", "not_found", "unresolved"] {
        let lead = lead(&all(outcome, 3));
        assert!(lead.starts_with("This job did not delete everything: 3 of 3 records are not deleted"), "{lead}");
    }
    let soft = sample::sample((0..3).map(|index| record(index, 4, "deleted")));
    assert!(
        lead(&soft).starts_with("All 3 records are soft-deleted: the vendor may keep their data."),
        "{}",
        lead(&soft)
    );
}

#[test]
fn records_are_deleted_without_doubt_only_if_each_was_verified_as_absent() {
    for count in [1, 12] {
        for outcome in ["deleted", "gone"] {
            let page = page(&verified(outcome, count));
            assert_eq!((page.texts("dd", "good").len(), page.rows_of(UNVERIFIED).len()), (1, 0));
        }
    }
    let half = sample::sample(
        (0..12).map(|index| if index < 5 { record(index, 0, "deleted") } else { absent(index, "deleted") }),
    );
    let cases = [
        (all("deleted", 1), "The record is deleted. The absence of 1 of 1", "1"),
        (all("deleted", 12), "All 12 records are deleted. The absence of 12 of 12", "12"),
        (all("gone", 12), "All 12 records are deleted or gone. The absence of 12 of 12", "12"),
        (half, "All 12 records are deleted. The absence of 5 of 12", "5"),
    ];
    for (sample, statement, unverified) in cases {
        let expected = format!("According to the vendor: {statement} was not verified afterwards.");
        let page = page(&sample);
        assert_eq!(page.texts("dd", "doubt"), [expected]);
        assert_eq!(page.rows_of(UNVERIFIED)[0][0], unverified);
        assert!(page.texts("desc", "").concat().contains(&format!("{UNVERIFIED}: {unverified}")));
    }
}

#[test]
fn a_hold_that_came_after_the_delete_is_a_doubt_and_is_listed() {
    let late = |outcome, delivery| {
        sample::sample((0..2).map(move |index| {
            change(absent(index, outcome), |record| {
                record["held"] = json!({"by": "later", "time": "2026-11-28T13:00:00Z"});
                record["delivery"] = json!(delivery);
            })
        }))
    };
    let deleted = late("deleted", None);
    assert_eq!((deleted.about.holds.records_later, deleted.about.holds.records_too_late), (0, 2));
    let too_late = "2 records are held, but the holds came after the requests to delete them";
    let page = page(&deleted);
    assert_eq!(page.texts("dd", "doubt"), ["All 2 records are deleted."]);
    assert_eq!(page.text().matches(too_late).count(), 2);
    assert!(!page.text().contains("No record was held."));
    assert!(page.texts("caption", "").contains(&"Records held too late".to_owned()));
    assert!(page.text().contains("later, at 2026-11-28T13:00:00+00:00"));
    for (delivery, count) in [("not_sent", 0), ("maybe_delivered", 2)] {
        assert_eq!(late("failed", Some(delivery)).about.holds.records_too_late, count, "{delivery}");
    }
}

#[test]
fn a_record_that_is_still_present_makes_the_job_fail_whatever_the_vendor_responded() {
    let present = |target| {
        sample::sample((0..1).map(move |index| {
            change(record(index, target, "deleted"), |record| {
                record["presence"]["after"] = json!({"reason": null, "source": "lookup", "state": "present",
                    "status": "ended", "time": "2026-11-28T12:00:09Z"});
            })
        }))
    };
    let page = page(&present(0));
    let lead_of_present = "This job did not delete everything: 1 of 1 records is still present.";
    assert_eq!(page.texts("dd", "bad"), [lead_of_present]);
    assert_eq!(page.texts("desc", "")[0], "Still present: 1");
    assert_eq!(page.rows_of("Still present")[0], ["1", "100.0%"]);
    // Only among the outcomes, as what the vendor responded.
    assert_eq!(page.rows_of("Deleted").len(), 1);
    // After a soft delete that is expected.
    assert!(lead(&present(4)).starts_with("The record is soft-deleted"));
}

#[test]
fn what_is_not_there_is_said() {
    let sample = all("deleted", 3);
    let text = page(&sample).text();
    assert!(text.contains("No record was checked after its deletion"));
    assert!(text.contains("This bundle is not signed"));
    let mut other = all("deleted", 3);
    other.about.signer = Some("example.org/erasure+12345678+AbCdEf==".to_owned());
    other.about.ids = IdForm::Pseudonym;
    other.about.outcomes_were_lost = true;
    other.about.targets[0].base_url = "http://127.0.0.1:8080".to_owned();
    let text = page(&other).text();
    assert!(!text.contains("not signed"));
    for part in [
        "names example.org/erasure as its signer",
        "example.org/erasure+12345678+AbCdEf==",
        "are pseudonyms",
        "Outcomes were lost",
        "http://127.0.0.1:8080): a test or a proxy",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn only_the_vendors_of_the_job_are_described() {
    let text = page(&all("deleted", 3)).text();
    assert!(text.contains("Daily account"));
    for other in ["Zendesk", "Guided documents", "telephony"] {
        assert!(!text.contains(other), "{other}");
        assert!(page(&with_everything(400)).text().contains(other), "{other}");
    }
}

#[test]
fn a_thousand_problems_are_listed_the_worst_first_and_the_rest_is_counted() {
    let records = (0..3_000).map(|index| record(index, 0, if index < 2_950 { "acknowledged" } else { "not_found" }));
    let page = page(&sample::sample(records));
    let headings = page.texts("h3", "");
    assert_eq!(headings[..2], ["Not found: 50", "Acknowledged: 2,950"]);
    assert_eq!(page.texts("code", "id").len(), 1_000);
    assert!(page.text().contains("2,000 more are not listed here."));
}

#[test]
fn every_kind_of_failure_has_its_reason_in_words() {
    let text = page(&with_everything(1_204)).text();
    for reason in [
        "The id was refused before anything was sent.",
        "The vendor refused the credential.",
        "The vendor did not respond in time.",
        "such as a web page or a redirect",
    ] {
        assert!(text.contains(reason), "{reason}");
    }
    assert!(!text.contains("Failure of another kind."));
}

#[test]
fn a_failed_lookup_before_the_delete_is_the_reason_that_none_was_sent() {
    let failed = |state: &'static str| {
        sample::sample((0..1).map(move |index| {
            change(record(index, 0, "failed"), |record| {
                (record["attempts"], record["delivery"], record["error"]) =
                    (json!(0), json!("not_sent"), json!("server"));
                let before = json!({"reason": null, "source": "lookup", "state": state, "status": null, "time": null});
                record["presence"]["before"] = before;
            })
        }))
    };
    let sentence = "No deletion was sent: the lookup before it failed. ";
    assert!(page(&failed("unknown")).text().contains(sentence));
    assert!(!page(&failed("present")).text().contains(sentence));
}

#[test]
fn each_way_in_which_a_run_ended_is_said_once_in_words() {
    let page = page(&with_everything(400));
    let endings: Vec<String> = ["1", "2"].map(|run| page.rows_of(run).concat()[3].clone()).to_vec();
    assert_eq!(endings, ["stopped by the operator", "finishedthe process was killed"]);
}

#[test]
fn hostile_ids_are_text() {
    let ascii: String = (0..=127_u8).map(char::from).collect();
    let ids = [
        ascii.as_str(),
        "<script>alert(1)</script>",
        "\" onload=\"x",
        "'><svg/onload=x>",
        "&lt;b&gt;",
        "a\u{202e}b\u{2066}c",
        "\u{0}",
        "]]>",
        "--><!--",
        "</table></html>",
        "{n}",
    ];
    let plain = page(&sample::sample((0..ids.len() as u64).map(|index| record(index, 0, "failed"))));
    let hostile = sample::sample(
        (0..ids.len() as u64)
            .map(|index| change(record(index, 0, "failed"), |record| record["id"] = json!(ids[index as usize]))),
    );
    let page = page(&hostile);
    assert_eq!(page.errors(), [""; 0]);
    assert_eq!(page.structure(), plain.structure(), "an id became an element or an attribute");
    let shown = page.texts("code", "id");
    for (id, shown) in ids.iter().zip(&shown) {
        let expected: String = id.chars().map(dom::visible).collect();
        assert_eq!(*shown, expected);
    }
    assert!(shown[0].starts_with("\\u{0}") && shown[5] == "a\\u{202e}b\\u{2066}c");
}
