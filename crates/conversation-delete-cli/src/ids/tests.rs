use delete_core::Vendor;

use super::*;

const CORTI: Vendor = Vendor::new("corti", "Corti");
const TAVUS: Vendor = Vendor::new("tavus", "Tavus");

fn collect(vendor: Vendor, form: IdForm, inputs: &[&[u8]]) -> IdList {
    let mut collector = IdCollector::new(vendor, form);
    for (number, input) in (1..).zip(inputs) {
        collector.add(Place::Argument(number), input);
    }
    collector.finish()
}

#[test]
fn other_spellings_of_a_uuid_are_merged() {
    let list = collect(
        CORTI,
        IdForm::Uuid,
        &[
            b"F47AC10B-58CC-4372-A567-0E02B2C3D479",
            b"00000000-0000-4000-8000-000000000001",
            b"f47ac10b58cc4372a5670e02b2c3d479",
            b"{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
        ],
    );
    assert_eq!((list.len(), list.merged(), list.refused_len()), (2, 2, 0));
    assert_eq!(list.id(0).unwrap().to_string(), "f47ac10b-58cc-4372-a567-0e02b2c3d479");
    assert_eq!(list.id(1).unwrap().to_string(), "00000000-0000-4000-8000-000000000001");
}

#[test]
fn entries_come_in_the_order_of_the_input() {
    let list = collect(TAVUS, IdForm::Opaque, &[b"..", b"c1", b"a/b", b"", b"c1", b"c2", b"c3", b"?"]);
    let told: Vec<String> = list
        .entries()
        .map(|entry| match entry {
            Entry::Id(number) => list.id(number).unwrap().to_string(),
            Entry::Refused(refused) => format!("!{}", refused.id),
        })
        .collect();
    assert_eq!(told, ["!..", "c1", "!a/b", "!", "c2", "c3", "!?"]);
}

#[test]
fn opaque_ids_differ_by_case_and_are_kept_as_given() {
    let list = collect(TAVUS, IdForm::Opaque, &[b"c1", b"C1", b"c1", b"null", b"0123456789abcdef"]);
    assert_eq!((list.len(), list.merged()), (4, 1));
    assert_eq!(list.suspects().collect::<Vec<_>>(), ["null"]);
    assert_eq!(list.id(3).unwrap().to_string(), "0123456789abcdef");
}

#[test]
fn what_is_no_id_is_refused_in_its_place_with_a_reason() {
    let long = "x".repeat(257);
    let list = collect(TAVUS, IdForm::Opaque, &[b"c1", b"..", b" c2", b"c2", b"", b"a\xff", b"a\nb", long.as_bytes()]);
    assert_eq!(list.len(), 2);
    let told: Vec<(usize, String)> = (0..list.refused_len())
        .map(|index| (list.ids_before_refused(index).unwrap(), list.refused(index).unwrap().message))
        .collect();
    for ((before, message), (expected_before, expected)) in told.iter().zip([
        (1, "argument 2: Tavus: \"..\" is not a conversation id: it is made of dots alone"),
        (1, "argument 3: there is white space around the id"),
        (2, "argument 5: Tavus: \"\" is not a conversation id: it is empty"),
        (2, "argument 6: it is not UTF-8"),
        (2, "argument 7: Tavus: \"a\\nb\" is not a conversation id: it holds \"\\n\""),
        (2, "argument 8: it is longer than any id"),
    ]) {
        assert_eq!(*before, expected_before, "{message}");
        assert!(message.starts_with(expected), "{message}");
    }
    assert_eq!(told.len(), 6);
    assert_eq!(list.refused(5).unwrap().id.chars().count(), 257, "cut, with an ellipsis");
}
