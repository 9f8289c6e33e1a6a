//! Two crates go to a registry on loopback that fails as registries do.

use std::fs;
use std::time::{Duration, SystemTime};

use xtask::release::registry::{Call, Fault, Reply};
use xtask::release::target_registry::TargetRegistry;

use crate::support::{Fixture, is_index_of, is_upload_of, not_yet, reply};

/// The first upload of this crate fails, and nothing else.
fn fail_first_upload(fixture: &Fixture, name: &'static str, fault: Fault) {
    let mut left = Some(fault);
    fixture.registry.inject(move |call| if is_upload_of(call, name) { left.take() } else { None });
}

#[test]
fn all_crates_are_uploaded_once_in_order_with_the_bytes_that_were_packed() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.publish().unwrap();
    fixture.publish().unwrap();
    assert_eq!(fixture.attempts(), ["base", "top"]);
    assert!(fixture.waits.borrow().is_empty());
    // Under the name of the public registry cargo packs the same bytes.
    for target in [fixture.target(), TargetRegistry::named(None).unwrap()] {
        let packed = fixture.pack(&target).unwrap().into_iter().map(|packed| (packed.name, packed.checksum));
        assert_eq!(packed.collect::<Vec<_>>(), fixture.registry.uploads());
    }
}

#[test]
fn an_upload_that_fails_for_a_while_is_retried() {
    let Some(_) = Fixture::if_wanted() else { return };
    for fault in [reply(503, "later"), Fault::Drop] {
        for name in ["base", "top"] {
            let fixture = Fixture::new();
            fail_first_upload(&fixture, name, fault.clone());
            fixture.publish().unwrap();
            assert_eq!(fixture.uploaded(), ["base", "top"]);
        }
    }
}

#[test]
fn a_registry_that_stays_down_ends_the_run_and_the_next_continues() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.registry.inject(|call| is_upload_of(call, "top").then(|| reply(503, "later")));
    let error = fixture.publish_error();
    assert!(error.contains("top 0.1.0 is not in the index") && error.contains("503"), "{error}");
    assert_eq!(fixture.attempts(), ["base", "top", "top", "top"]);
    fixture.registry.inject(|_| None);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_crate_that_is_stored_without_a_response_is_not_uploaded_again_if_the_index_lags() {
    let Some(_) = Fixture::if_wanted() else { return };
    for (name, lag) in [("base", 0), ("top", 0), ("base", 9), ("top", 9)] {
        let fixture = Fixture::new();
        let (mut is_stored, mut hidden) = (false, lag);
        fixture.registry.inject(move |call| match call {
            Call::Upload(uploaded) if uploaded == name && !is_stored => {
                is_stored = true;
                Some(Fault::ApplyThenDrop)
            }
            call if is_index_of(call, name) && is_stored && hidden > 0 => {
                hidden -= 1;
                Some(not_yet())
            }
            _ => None,
        });
        fixture.publish().unwrap();
        assert_eq!(fixture.attempts(), ["base", "top"]);
    }
}

#[test]
fn a_success_of_the_registry_alone_is_not_enough_and_a_repeated_upload_has_no_effect() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let mut is_stored = false;
    fixture.registry.inject(move |call| match call {
        Call::Upload(name) if name == "base" && !is_stored => {
            is_stored = true;
            Some(Fault::ApplyThenDrop)
        }
        call => is_index_of(call, "base").then(not_yet),
    });
    for _ in 0..2 {
        let error = fixture.publish_error();
        assert!(error.contains("the registry reports that it has base 0.1.0"), "{error}");
        assert_eq!(fixture.uploaded(), ["base"]);
    }
    fixture.registry.inject(|_| None);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_gateway_that_refuses_what_the_registry_stored_is_not_believed() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fail_first_upload(&fixture, "base", Fault::ApplyThenReply(Reply::refusal(403, "the gateway refuses")));
    fixture.publish().unwrap();
    assert_eq!(fixture.attempts(), ["base", "top"]);
}

#[test]
fn a_throttle_is_obeyed() {
    let Some(_) = Fixture::if_wanted() else { return };
    let after = |seconds| {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds));
        format!("Please try again after {date} or write.")
    };
    for (detail, expected) in [(after(437), Some(437)), ("no date".to_owned(), Some(600)), (after(25 * 3600), None)] {
        let fixture = Fixture::new();
        fail_first_upload(&fixture, "base", Fault::Reply(Reply::refusal(429, &detail)));
        let (result, waits) = (fixture.publish(), fixture.waits.borrow());
        let Some(expected) = expected else {
            assert!(result.unwrap_err().to_string().contains(&detail), "longer than a day");
            assert!(fixture.attempts() == ["base"] && waits.is_empty());
            continue;
        };
        assert_eq!(fixture.attempts(), ["base", "base", "top"]);
        // Some seconds pass before the refusal.
        assert!(waits.len() == 1 && (expected - 60..=expected).contains(&waits[0].as_secs()), "{waits:?}");
    }
}

#[test]
fn a_dependency_that_cargo_does_not_see_yet_is_waited_for() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let (mut is_stored, mut lookups) = (false, 0);
    fixture.registry.inject(move |call| match call {
        Call::Upload(name) if name == "base" => {
            is_stored = true;
            None
        }
        // Cargo looks base up once after its upload, then for the upload of `top`.
        Call::Index(name) if name == "base" && is_stored => {
            lookups += 1;
            (2..13).contains(&lookups).then(not_yet)
        }
        _ => None,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.attempts(), ["base", "top"]);
    assert!(!fixture.waits.borrow().is_empty());
}

#[test]
fn an_index_that_lags_is_waited_for() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let mut hidden = 7;
    fixture.registry.inject(move |call| match call {
        // The first lookup is before the upload. Cargo sees the crate at once; it would wait in real time.
        Call::Lookup(name) if name == "base" && hidden > 0 => {
            hidden -= 1;
            Some(not_yet())
        }
        _ => None,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.attempts(), ["base", "top"]);
    assert_eq!(*fixture.waits.borrow(), [Duration::from_secs(2); 6]);
}

#[test]
fn other_content_or_a_yanked_version_is_a_hard_stop() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.publish().unwrap();
    fixture.commit("top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    assert!(fixture.publish_error().contains("is published with other content"));
    fixture.registry.yank("base");
    assert!(fixture.publish_error().contains("base 0.1.0 is in the index, but yanked"));
    assert_eq!(fixture.attempts(), ["base", "top"]);
    assert!(fixture.waits.borrow().is_empty(), "waiting does not change a checksum");
}

#[test]
fn nothing_is_uploaded_while_the_index_cannot_be_read() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    fixture.registry.inject(|call| matches!(call, Call::Lookup(_)).then(|| reply(503, "down")));
    let error = fixture.publish_error();
    assert!(error.contains("the index cannot be read") && error.contains("status 503"), "{error}");
    assert!(fixture.attempts().is_empty());
}

#[test]
fn a_release_stops_if_the_tree_changes() {
    let Some(fixture) = Fixture::if_wanted() else { return };
    let file = fixture.root().join("top/src/lib.rs");
    fixture.registry.inject(move |call| {
        if is_upload_of(call, "base") {
            fs::write(&file, "pub fn top() -> u8 { 3 }\n").unwrap();
        }
        None
    });
    let error = fixture.publish_error();
    assert!(
        error.contains("the tree changed during the release") && error.contains(&fixture.git("rev-parse HEAD")),
        "{error}"
    );
    assert_eq!(fixture.attempts(), ["base"]);
}
