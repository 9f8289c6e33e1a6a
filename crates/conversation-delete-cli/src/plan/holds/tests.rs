use conversation_delete_job::RecordOutcome;

use super::*;
use crate::plan::draft::tests::{add, draft};
use crate::report::records;

const UUID: &str = "F47AC10B-58CC-4372-A567-0E02B2C3D479";

/// Each hold of a file with this text: its forms, and its line.
fn holds(text: &str, vendors: &[VendorName]) -> Result<Vec<(Vec<String>, u64)>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keep.csv");
    std::fs::write(&path, text).unwrap();
    let args = HoldArgs { files: vec![path], ..HoldArgs::default() };
    let mut found = Vec::new();
    let total = read(&args, &ColumnArgs::default(), vendors, |ids, place| {
        found.push((ids.iter().map(ToString::to_string).collect(), place.line));
        Ok(())
    });
    assert_eq!(total.map_err(|error| error.to_string())?, found.len() as u64);
    Ok(found)
}

#[test]
fn an_id_is_held_in_each_form_in_which_it_could_be_sent() {
    let all = [VendorName::Corti, VendorName::Fini, VendorName::Tavus];
    let both = vec![UUID.to_lowercase(), UUID.to_owned()];
    assert_eq!(holds(&format!("{UUID}\n\nc1\n"), &all), Ok(vec![(both, 1), (vec!["c1".to_owned()], 3)]));
    assert_eq!(holds(&format!("{{{UUID}}}"), &all[..2]), Ok(vec![(vec![UUID.to_lowercase()], 1)]));
    assert_eq!(holds(&format!("name,id\nx,{UUID}\n"), &all[..1]), Ok(vec![(vec![UUID.to_lowercase()], 2)]));
}

#[test]
fn a_file_that_would_lose_a_hold_is_refused() {
    let corti = &[VendorName::Corti];
    let error = holds(&format!("{UUID}\nc1\n"), corti).unwrap_err();
    assert!(error.contains("line 2") && error.contains("keep.csv"), "{error}");
    let error = holds(&format!("{UUID}\njane@example.com\n"), corti).unwrap_err();
    assert!(error.contains("line 2") && !error.contains("jane"), "{error}");
    assert!(holds(&format!("c1\n{UUID}\na/b\n"), &[VendorName::Corti, VendorName::Tavus]).is_err());
    for empty in ["", "\n \n", "id\n", "id,name\n", "[]"] {
        assert!(holds(empty, corti).unwrap_err().contains("keep.csv"), "{empty:?}");
    }
}

#[test]
fn holds_are_matched_with_their_case_and_a_difference_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keep.txt");
    std::fs::write(&path, "c2\nC1\nx9\nDoe\n").unwrap();
    let args = HoldArgs { files: vec![path], ..HoldArgs::default() };
    let mut draft = draft(VendorName::Tavus, 10);
    draft.add_holds(&args, &ColumnArgs::default(), &[VendorName::Tavus]).unwrap();
    add(&mut draft, VendorName::Tavus, &[b"c1", b"c2", b"c3"]);
    let (job, unmatched) = (draft.location(), draft.unmatched_holds(&args).unwrap());
    draft.finish().unwrap();
    let held: Vec<bool> = records(&job).unwrap().map(|record| record.unwrap().outcome == RecordOutcome::Held).collect();
    assert_eq!(held, [false, true, false]);
    assert_eq!((unmatched.total, unmatched.count), (4, 3));
    let message = unmatched.explain(Matching::Ids).unwrap();
    assert!(message.contains("differs from `c1` only in case"), "{message}");
    assert!(message.contains("`x9` (line 3 of ") && !message.contains("Doe"), "{message}");
}
