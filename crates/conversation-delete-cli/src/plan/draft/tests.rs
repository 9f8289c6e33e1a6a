use std::ffi::OsString;

use super::*;
use crate::report::{Outcome, Record, records};

/// A draft in memory, for ids of a vendor.
pub(in crate::plan) fn draft(vendor: VendorName, max: u64) -> Draft {
    let target = conversation_delete_job::Target {
        vendor: vendor.vendor().as_str().to_owned(),
        origin: "https://localhost".to_owned(),
        base_url: Some("https://localhost".to_owned()),
        auth_url: None,
        place: None,
        credential: String::new(),
        mode: None,
        options: String::new(),
    };
    Draft::in_memory(max, vec![target]).unwrap()
}

pub(in crate::plan) fn add(draft: &mut Draft, vendor: VendorName, ids: &[&[u8]]) {
    // Only what is UTF-8 is an id on any system.
    let ids: Vec<_> = ids.iter().map(|id| OsString::from(String::from_utf8_lossy(id).into_owned())).collect();
    draft.add_ids(vendor, &ids, &FileArgs::default()).unwrap();
}

/// The counts of the arguments, and their records in order.
fn plan(vendor: VendorName, ids: &[&[u8]]) -> (InputCounts, Vec<Record>) {
    let mut draft = draft(vendor, 100);
    add(&mut draft, vendor, ids);
    let (counts, job) = (draft.counts, draft.location());
    draft.finish().unwrap();
    (counts, records(&job).unwrap().map(Result::unwrap).collect())
}

fn texts(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.id.as_str()).collect()
}

#[test]
fn other_spellings_of_a_uuid_are_merged() {
    let (counts, records) = plan(
        VendorName::Corti,
        &[
            b"F47AC10B-58CC-4372-A567-0E02B2C3D479",
            b"00000000-0000-4000-8000-000000000001",
            b"f47ac10b58cc4372a5670e02b2c3d479",
            b"{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
        ],
    );
    assert_eq!(counts, InputCounts { ids: 2, repeated: 2, refused: 0, span: None });
    assert_eq!(texts(&records), ["f47ac10b-58cc-4372-a567-0e02b2c3d479", "00000000-0000-4000-8000-000000000001"]);
}

#[test]
fn entries_come_in_the_order_of_the_input() {
    let (counts, records) = plan(VendorName::Tavus, &[b"..", b"c1", b"a/b", b"", b"c1", b"c2", b"c3", b"?"]);
    assert_eq!(counts, InputCounts { ids: 3, repeated: 1, refused: 4, span: None });
    assert_eq!(texts(&records), ["..", "c1", "a/b", "", "c2", "c3", "?"]);
    let is_refused = |record: &Record| record.outcome == Outcome::Refused;
    assert_eq!(records.iter().map(is_refused).collect::<Vec<_>>(), [true, false, true, true, false, false, true]);
}

#[test]
fn opaque_ids_differ_by_case_and_are_kept_as_given() {
    let (counts, records) = plan(VendorName::Tavus, &[b"c1", b"C1", b"c1", b"null", b"0123456789abcdef"]);
    assert_eq!((counts.ids, counts.repeated), (4, 1));
    assert_eq!(texts(&records), ["c1", "C1", "null", "0123456789abcdef"]);
}

#[test]
fn what_is_no_id_is_refused_in_its_place_with_a_reason() {
    let long = "x".repeat(257);
    let (counts, records) =
        plan(VendorName::Tavus, &[b"c1", b"..", b" c2", b"c2", b"", b"a\nb", b"'-1", long.as_bytes()]);
    assert_eq!((counts.ids, counts.refused), (2, 6));
    let messages: Vec<(usize, &str)> = (0..)
        .zip(&records)
        .filter_map(|(number, record)| Some((number, record.error.as_ref()?.message.as_str())))
        .collect();
    let expected = [
        (1, "argument 2: Tavus: \"..\" is not a conversation id: it is made of dots alone"),
        (2, "argument 3: there is white space around the id"),
        (4, "argument 5: Tavus: \"\" is not a conversation id: it is empty"),
        (5, "argument 6: Tavus: \"a\\nb\" is not a conversation id: it holds \"\\n\""),
        (6, "argument 7: text of 3 characters is not an id"),
        (7, "argument 8: it is longer than any id"),
    ];
    assert_eq!(messages.len(), expected.len(), "{messages:?}");
    for ((number, message), (expected_number, expected)) in messages.iter().zip(expected) {
        assert!(*number == expected_number && message.starts_with(expected), "{messages:?}");
    }
    assert_eq!(records[7].id.chars().count(), 257, "cut, with an ellipsis");
}

#[test]
fn held_ids_do_not_count_for_the_maximum_and_whatever_is_held_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keep.txt");
    std::fs::write(&path, "c1\n").unwrap();
    let holds = HoldArgs { files: vec![path], ..HoldArgs::default() };
    for (max, ids, expected) in [(2, &[&b"c1"[..], b"c2", b"c3"][..], Some(2)), (1, &[b"c1", b"c2", b"c3"], None)] {
        let mut draft = draft(VendorName::Tavus, max);
        draft.add_holds(&holds, &ColumnArgs::default(), &[VendorName::Tavus]).unwrap();
        add(&mut draft, VendorName::Tavus, ids);
        assert_eq!(draft.planned().unwrap(), expected);
        assert_eq!(draft.first_planned(1).unwrap(), ["c2"]);
        assert_eq!(draft.check_planned().is_ok(), expected.is_some());
    }
}
