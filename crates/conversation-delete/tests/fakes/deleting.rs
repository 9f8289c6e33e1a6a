//! Whatever fails, the results of deletes agree with the state of the fakes.

use conversation_delete::elevenlabs;
use conversation_delete::{ApiKey, Deletion, Delivery, Error, ErrorKind, Outcome, RecordId};
use conversation_delete_fake::{Fake, Fault, RecordState, RetryAfter, Role, Vendor};
use proptest::prelude::*;

use crate::clients::{delete_routes, deleter};

/// A fault of a vendor that reports truthfully.
fn fault() -> impl Strategy<Value = Fault> {
    let anywhere = prop_oneof![
        Just(Fault::close()),
        Just(Fault::reset()),
        Just(Fault::html(504)),
        Just(Fault::html(200)),
        Just(Fault::redirect(303, "http://127.0.0.1:9/")),
        prop_oneof![Just(408_u16), Just(500), Just(502), Just(503), Just(520)].prop_map(Fault::reply),
    ];
    let with_effect_or_without = (anywhere, any::<bool>())
        .prop_map(|(fault, acts)| if acts { fault.after_effect() } else { fault.without_effect() });
    prop_oneof![
        4 => with_effect_or_without,
        1 => Just(Fault::truncate()),
        1 => Just(Fault::throttle(None)),
        1 => Just(Fault::throttle(Some(RetryAfter::Seconds(3)))),
        1 => Just(Fault::throttle(Some(RetryAfter::Seconds(300)))),
        1 => prop_oneof![Just(401_u16), Just(403), Just(422)].prop_map(Fault::reply),
        // Not the usual 400 of Tavus, which reports that the conversation does not exist.
        1 => Just(Fault::reply(400).with_body(r#"{"error":"something else"}"#)),
    ]
}

fn assert_agreement(result: &Result<Deletion, Error>, state: Option<RecordState>, was_there: bool) {
    let is_there = state == Some(RecordState::Present);
    match result {
        Ok(deletion) => match deletion.outcome() {
            Outcome::Deleted | Outcome::Gone => assert!(!is_there, "{deletion:?}"),
            Outcome::Acknowledged | Outcome::Unresolved => {}
        },
        Err(error) if error.kind() == ErrorKind::NotFound => assert!(!is_there && !was_there, "{error}"),
        Err(error) if error.may_have_taken_effect() => {}
        Err(error) => assert_eq!(is_there, was_there, "{error}"),
    }
}

fn delete_amid(vendor: Vendor, faults: Vec<Fault>, was_there: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let fake = Fake::in_process(vendor);
        let client = deleter(&fake);
        let bystander = fake.seed(1).remove(0);
        let id = fake.seed(1).remove(0);
        if !was_there {
            fake.remove(&id);
        }
        for fault in faults {
            for route in delete_routes(vendor) {
                fake.fault(fault.clone().on(route).once());
            }
        }
        let result = client.delete(&client.parse_id(&id).unwrap()).await;
        assert_agreement(&result, fake.state_of(&id), was_there);
        assert_eq!(fake.state_of(&bystander), Some(RecordState::Present));
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn reports_agree_with_the_state(
        vendor in prop_oneof![Just(Vendor::Corti), Just(Vendor::Fini), Just(Vendor::ElevenLabs), Just(Vendor::Tavus)],
        faults in prop::collection::vec(fault(), 0..6),
        was_there in prop::bool::weighted(0.8),
    ) {
        delete_amid(vendor, faults, was_there);
    }
}

/// In the process and over sockets.
#[tokio::test]
async fn a_lost_response_is_gone_at_every_vendor() {
    for &vendor in Vendor::ALL {
        for fake in [Fake::in_process(vendor), Fake::start(vendor).await.unwrap()] {
            let client = deleter(&fake);
            let id = fake.seed(1).remove(0);
            for route in delete_routes(vendor) {
                fake.fault(Fault::close().after_effect().on(route).once());
            }
            let record: RecordId = client.parse_id(&id).unwrap();
            let deletion = client.delete(&record).await.unwrap();
            assert_eq!((deletion.outcome(), deletion.attempts().len()), (Outcome::Gone, 2), "{vendor:?}");
            assert_eq!(client.delete(&record).await.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}

#[tokio::test]
async fn a_revoked_key_and_a_missing_scope_are_distinguished() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs, Vendor::Tavus] {
        let fake = Fake::start(vendor).await.unwrap();
        let id = fake.seed(1).remove(0);
        fake.revoke(Role::Full);
        let client = deleter(&fake);
        let error = client.delete(&client.parse_id(&id).unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::Answered), "{vendor:?}");
        assert_eq!(fake.state_of(&id), Some(RecordState::Present));
    }
    let fake = Fake::start(Vendor::ElevenLabs).await.unwrap();
    let id = fake.seed(1).remove(0);
    let key = ApiKey::new(fake.key(Role::ReadOnly)).unwrap();
    let client = elevenlabs::Client::builder(key).base_url(fake.base_url()).build().unwrap();
    assert_eq!(client.delete_conversation(&id.parse().unwrap()).await.unwrap_err().kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn an_expired_token_costs_one_request_more() {
    let fake = Fake::start(Vendor::Corti).await.unwrap();
    let client = deleter(&fake);
    for id in fake.seed(2) {
        let deletion = client.delete(&client.parse_id(&id).unwrap()).await.unwrap();
        assert_eq!(deletion.outcome(), Outcome::Deleted);
        fake.expire_tokens();
    }
}
