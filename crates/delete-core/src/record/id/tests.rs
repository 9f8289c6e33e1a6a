use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

#[test]
fn takes_the_forms_seen_at_the_vendors() {
    let longest = "x".repeat(MAX_LEN);
    for id in ["21m00Tcm4TlvDq8ikWAM", "conv_7401", "c123456", "ca980e2e", "conv_123", "a.b", "null", &longest] {
        assert_eq!(ConversationId::new(id).unwrap().as_str(), id);
    }
}

#[test]
fn an_id_that_would_lead_to_another_route_is_refused() {
    let too_long = "x".repeat(MAX_LEN + 1);
    let hostile = [
        "",
        ".",
        "..",
        "...",
        "/",
        "a/b",
        "../agents/x",
        "a\\b",
        "a?b",
        "x?hard=true",
        "a#b",
        "a%2Fb",
        "%2e%2e",
        "%2E.",
        "a;b",
        "a b",
        " a",
        "a ",
        "x\n",
        "x\r",
        "\tx",
        "\u{0}",
        "é",
        "\u{200b}x",
        "\u{202e}x",
        &too_long,
    ];
    for id in hostile {
        let error = ConversationId::new(id).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{id:?}");
        assert!(!error.to_string().contains(char::is_control), "{id:?}");
    }
}

#[test]
fn a_conversation_id_is_found_by_its_text() {
    let id = ConversationId::try_from("c1").unwrap();
    let known = HashSet::from([id.clone()]);
    assert!(known.contains("c1") && !known.contains("c2"));
    assert_eq!((id.as_ref(), String::from(id.clone())), ("c1", "c1".to_owned()));
    assert!(ConversationId::try_from(String::from("..")).is_err());
}

#[test]
fn an_id_of_the_other_form_is_refused() {
    let opaque = RecordId::from(ConversationId::new("c1").unwrap());
    let uuid = RecordId::from(Uuid::from_u128(1));
    assert_eq!(opaque.try_conversation().unwrap().as_str(), "c1");
    assert_eq!(uuid.try_uuid().unwrap(), Uuid::from_u128(1));
    for error in [opaque.try_uuid().unwrap_err(), uuid.try_conversation().unwrap_err()] {
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
    }
}

proptest! {
    #[test]
    fn an_accepted_id_is_the_one_given(id in "\\PC{0,300}") {
        if let Ok(accepted) = ConversationId::new(&id) {
            prop_assert_eq!(accepted.as_str(), id);
        }
    }
}
