//! Lookups agree with the state of the fakes.

use std::time::Duration;

use conversation_delete::{
    Deleter, ErasureMode, ErrorKind, Presence, RecordId, RecordReader, RecordReaderExt, RejectActive, VerifyPolicy,
    tavus as tavus_crate, testing::TestClock,
};
use conversation_delete_fake::{Fake, Fault, RecordState, Role, Route, Seed, Vendor};
use proptest::prelude::*;

use crate::clients::{delete_routes, deleter, elevenlabs, reader, reader_as, records, tavus};

fn one(fake: &Fake, seed: Seed) -> RecordId {
    let ids = fake.seed_with(seed);
    records(fake, &ids).remove(0)
}

#[tokio::test]
async fn a_record_is_present_before_and_absent_after() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let id = one(&fake, Seed::count(1));
        let reader = reader(&fake);
        assert!(reader.lookup(&id).await.is_present(), "{vendor:?}");
        assert!(deleter(&fake).delete(&id).await.unwrap().outcome().is_success());
        assert!(reader.lookup(&id).await.is_absent(), "{vendor:?}");
    }
}

#[tokio::test]
async fn a_delete_without_effect_is_found_and_a_late_one_is_confirmed() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let (kept, late) = (one(&fake, Seed::count(1)), one(&fake, Seed::count(1)));
        let deleter = deleter(&fake);
        for route in delete_routes(vendor) {
            fake.fault(Fault::no_effect().on(route).once());
        }
        assert!(deleter.delete(&kept).await.unwrap().outcome().is_success());
        fake.set_option("read_lag", "2").unwrap();
        fake.set_option("list_lag", "2").unwrap();
        assert!(deleter.delete(&late).await.unwrap().outcome().is_success());
        let presences =
            reader(&fake).confirm_absence_with_clock(&[kept, late], VerifyPolicy::default(), &TestClock::new()).await;
        assert!(matches!(presences[..], [Presence::Present { .. }, Presence::Absent]), "{vendor:?}: {presences:?}");
    }
}

#[tokio::test]
async fn a_lookup_without_read_permission_is_unknown() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let id = one(&fake, Seed::count(1));
        fake.remove(&id.to_string());
        match reader_as(&fake, Role::WriteOnly).lookup(&id).await {
            Presence::Unknown(error) => {
                assert!(matches!(error.kind(), ErrorKind::MissingScope | ErrorKind::Forbidden), "{vendor:?}: {error}");
            }
            other => panic!("{vendor:?}: {other:?}"),
        }
    }
}

/// Lookups at Fini read the list, not the route of one conversation.
#[tokio::test]
async fn a_conversation_of_fini_that_only_the_list_shows_is_present() {
    let fake = Fake::in_process(Vendor::Fini);
    fake.set_option("hidden_from", "get").unwrap();
    let id = one(&fake, Seed::count(1));
    assert!(reader(&fake).lookup(&id).await.is_present());
}

#[tokio::test]
async fn an_old_conversation_of_fini_is_present() {
    let fake = Fake::in_process(Vendor::Fini);
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(1500 * 24 * 60 * 60);
    let old = one(&fake, Seed::count(1).created_at(long_ago).updated_at(long_ago));
    let new = one(&fake, Seed::count(1));
    let gone = one(&fake, Seed::count(1));
    fake.remove(&gone.to_string());
    let words = async |reader: &dyn RecordReader| {
        let presences = reader.lookup_many(&[old.clone(), gone.clone(), new.clone()]).await;
        presences.iter().map(Presence::as_str).collect::<Vec<_>>()
    };
    let reader = reader(&fake);
    assert_eq!(words(&*reader).await, ["present", "unknown", "present"]);
    // Another process with the same credential saw it.
    reader.mark_seen(std::slice::from_ref(&gone));
    assert_eq!(words(&*reader).await, ["present", "absent", "present"]);
}

#[tokio::test]
async fn a_conversation_is_present_after_a_soft_delete_and_absent_after_a_hard_one() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = one(&fake, Seed::count(1));
    let client = tavus(&fake, Role::Full);
    assert!(client.with_erasure_mode(ErasureMode::Soft).delete(&id).await.unwrap().outcome().is_success());
    assert!(reader(&fake).lookup(&id).await.is_present());
    assert!(client.with_erasure_mode(ErasureMode::Hard).delete(&id).await.unwrap().outcome().is_success());
    assert!(reader(&fake).lookup(&id).await.is_absent());
}

#[tokio::test]
async fn active_records_are_rejected_and_others_are_deleted() {
    for (vendor, active, over) in [
        (Vendor::ElevenLabs, &["initiated", "in-progress", "processing"][..], &["done", "failed"][..]),
        (Vendor::Tavus, &["active"][..], &["ended", "error"][..]),
    ] {
        let fake = Fake::in_process(vendor);
        let checked = RejectActive::new(deleter(&fake), reader(&fake));
        for status in active {
            let id = one(&fake, Seed::count(1).status(status));
            let error = checked.delete(&id).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::StillActive, "{vendor:?} {status}");
            assert!(error.to_string().contains(status) && !error.is_fatal_for_client(), "{error}");
            assert_eq!(fake.state_of(&id.to_string()), Some(RecordState::Present));
        }
        for status in over {
            let id = one(&fake, Seed::count(1).status(status));
            assert!(checked.delete(&id).await.unwrap().outcome().is_success());
            assert_eq!(fake.state_of(&id.to_string()), Some(RecordState::Deleted));
        }
        assert!(checked.first_unchecked().is_none());
    }
}

#[tokio::test]
async fn an_interaction_whose_transcript_is_processing_is_active() {
    let fake = Fake::in_process(Vendor::Corti);
    let checked = RejectActive::new(deleter(&fake), reader(&fake));
    let busy = one(&fake, Seed::count(1).transcript("completed").transcript("processing"));
    assert_eq!(checked.delete(&busy).await.unwrap_err().kind(), ErrorKind::StillActive);
    let done = one(&fake, Seed::count(1).transcript("completed"));
    assert!(checked.delete(&done).await.unwrap().outcome().is_success());
    let gone = one(&fake, Seed::count(1));
    fake.remove(&gone.to_string());
    assert_eq!(checked.delete(&gone).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_credential_without_read_permission_still_deletes_with_reject_active() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let id = one(&fake, Seed::count(1).status("in-progress"));
    let client = elevenlabs(&fake, Role::WriteOnly);
    let checked = RejectActive::new(client.clone(), client);
    assert!(checked.delete(&id).await.unwrap().outcome().is_success());
    assert_eq!(checked.first_unchecked().unwrap().kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn ending_a_conversation_deletes_nothing() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = one(&fake, Seed::count(1).status("active"));
    let client: tavus_crate::Client = tavus(&fake, Role::Full);
    client.end_conversation(id.as_conversation().unwrap()).await.unwrap();
    match reader(&fake).lookup(&id).await {
        Presence::Present { status, .. } => assert_eq!(status, Some(tavus_crate::status::ENDED)),
        other => panic!("{other:?}"),
    }
    assert!(fake.requests().iter().all(|request| request.method() != "DELETE"));
    let error = client.end_conversation(&"c_unknown".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::close()),
        Just(Fault::reset()),
        Just(Fault::html(200)),
        Just(Fault::html(404)),
        Just(Fault::html(504)),
        Just(Fault::redirect(303, "http://127.0.0.1:9/")),
        Just(Fault::truncate()),
        Just(Fault::throttle(None)),
        prop_oneof![Just(401_u16), Just(403), Just(408), Just(500), Just(502), Just(503)].prop_map(Fault::reply),
        Just(Fault::reply(200).with_body("{}")),
        Just(Fault::reply(404).with_body(r#"{"detail":"Not Found"}"#)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Without Tavus, for which a 404 with any JSON can be absence.
    #[test]
    fn a_record_that_exists_is_never_absent(
        vendor in prop_oneof![Just(Vendor::Corti), Just(Vendor::Fini), Just(Vendor::ElevenLabs)],
        faults in prop::collection::vec((fault(), 1_u64..6), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = Fake::in_process(vendor);
            let id = one(&fake, Seed::count(1));
            for (fault, nth) in faults {
                for route in [Route::Get, Route::List] {
                    fake.fault(fault.clone().on(route).nth(nth));
                }
            }
            for _ in 0..3 {
                let presence = reader(&fake).lookup(&id).await;
                assert!(!presence.is_absent(), "{vendor:?}");
            }
        });
    }
}
