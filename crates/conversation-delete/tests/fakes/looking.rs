//! What a look says agrees with what the fake holds.

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
async fn a_vendor_that_lies_is_found_out_and_one_that_lags_is_given_time() {
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
        let lookup_many =
            reader(&fake).confirm_absence_with_clock(&[kept, late], VerifyPolicy::default(), &TestClock::new()).await;
        assert!(matches!(lookup_many[..], [Presence::Present { .. }, Presence::Absent]), "{vendor:?}: {lookup_many:?}");
    }
}

#[tokio::test]
async fn a_credential_that_may_not_read_knows_nothing() {
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

/// Fini's list is read whole, so what only the single read hides is still seen.
#[tokio::test]
async fn what_the_get_of_fini_hides_is_still_present() {
    let fake = Fake::in_process(Vendor::Fini);
    fake.set_option("hidden_from", "get").unwrap();
    let id = one(&fake, Seed::count(1));
    assert!(reader(&fake).lookup(&id).await.is_present());
}

#[tokio::test]
async fn a_conversation_of_fini_is_seen_however_old_it_is() {
    let fake = Fake::in_process(Vendor::Fini);
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(1500 * 24 * 60 * 60);
    let old = one(&fake, Seed::count(1).created_at(long_ago).updated_at(long_ago));
    let new = one(&fake, Seed::count(1));
    let gone = one(&fake, Seed::count(1));
    fake.remove(&gone.to_string());
    let words = async |reader: &dyn RecordReader| {
        let lookup_many = reader.lookup_many(&[old.clone(), gone.clone(), new.clone()]).await;
        lookup_many.iter().map(Presence::as_str).collect::<Vec<_>>()
    };
    let reader = reader(&fake);
    assert_eq!(words(&*reader).await, ["present", "unknown", "present"]);
    // Another process of the same credential saw it.
    reader.mark_seen(std::slice::from_ref(&gone));
    assert_eq!(words(&*reader).await, ["present", "absent", "present"]);
}

#[tokio::test]
async fn a_soft_delete_may_leave_it_visible_and_a_hard_one_after_it_does_not() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = one(&fake, Seed::count(1));
    let client = tavus(&fake, Role::Full);
    assert!(client.with_erasure_mode(ErasureMode::Soft).delete(&id).await.unwrap().outcome().is_success());
    assert!(reader(&fake).lookup(&id).await.is_present());
    assert!(client.with_erasure_mode(ErasureMode::Hard).delete(&id).await.unwrap().outcome().is_success());
    assert!(reader(&fake).lookup(&id).await.is_absent());
}

#[tokio::test]
async fn live_records_are_refused_and_others_are_not() {
    for (vendor, live, over) in [
        (Vendor::ElevenLabs, &["initiated", "in-progress", "processing"][..], &["done", "failed"][..]),
        (Vendor::Tavus, &["active"][..], &["ended", "error"][..]),
    ] {
        let fake = Fake::in_process(vendor);
        let guarded = RejectActive::new(deleter(&fake), reader(&fake));
        for status in live {
            let id = one(&fake, Seed::count(1).status(status));
            let error = guarded.delete(&id).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::StillActive, "{vendor:?} {status}");
            assert!(error.to_string().contains(status) && !error.is_fatal_for_client(), "{error}");
            assert_eq!(fake.state_of(&id.to_string()), Some(RecordState::Present));
        }
        for status in over {
            let id = one(&fake, Seed::count(1).status(status));
            assert!(guarded.delete(&id).await.unwrap().outcome().is_success());
            assert_eq!(fake.state_of(&id.to_string()), Some(RecordState::Deleted));
        }
        assert!(guarded.first_unchecked().is_none());
    }
}

#[tokio::test]
async fn an_interaction_whose_transcript_is_being_made_is_live() {
    let fake = Fake::in_process(Vendor::Corti);
    let guarded = RejectActive::new(deleter(&fake), reader(&fake));
    let busy = one(&fake, Seed::count(1).transcript("completed").transcript("processing"));
    assert_eq!(guarded.delete(&busy).await.unwrap_err().kind(), ErrorKind::StillActive);
    let done = one(&fake, Seed::count(1).transcript("completed"));
    assert!(guarded.delete(&done).await.unwrap().outcome().is_success());
    let gone = one(&fake, Seed::count(1));
    fake.remove(&gone.to_string());
    assert_eq!(guarded.delete(&gone).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_credential_that_may_only_delete_still_deletes_behind_the_guard() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let id = one(&fake, Seed::count(1).status("in-progress"));
    let client = elevenlabs(&fake, Role::WriteOnly);
    let guarded = RejectActive::new(client.clone(), client);
    assert!(guarded.delete(&id).await.unwrap().outcome().is_success());
    assert_eq!(guarded.first_unchecked().unwrap().kind(), ErrorKind::MissingScope);
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

fn mishap() -> impl Strategy<Value = Fault> {
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

    /// Tavus is left out: a 404 in any JSON is one of its own ways to say that there is none.
    #[test]
    fn what_is_there_is_never_called_absent(
        vendor in prop_oneof![Just(Vendor::Corti), Just(Vendor::Fini), Just(Vendor::ElevenLabs)],
        mishaps in prop::collection::vec((mishap(), 1_u64..6), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = Fake::in_process(vendor);
            let id = one(&fake, Seed::count(1));
            for (mishap, nth) in mishaps {
                for route in [Route::Get, Route::List] {
                    fake.fault(mishap.clone().on(route).nth(nth));
                }
            }
            for _ in 0..3 {
                let presence = reader(&fake).lookup(&id).await;
                assert!(!presence.is_absent(), "{vendor:?}");
            }
        });
    }
}
