//! Two crates go to a registry on loopback that fails as registries do.

use std::time::{Duration, SystemTime};

use xtask::release::registry::{Call, Fault, Reply};
use xtask::release::target_registry::TargetRegistry;

use crate::support::{Fixture, not_yet, skipped};

const LOOKUP: Duration = Duration::from_secs(2);

/// The first upload of this crate fails, and nothing else.
fn fail_first_upload(fixture: &Fixture, name: &'static str, fault: Fault) {
    let mut left = Some(fault);
    fixture.registry.inject(move |call| if *call == Call::Upload(name.to_owned()) { left.take() } else { None });
}

fn is_index_of(call: &Call, name: &str) -> bool {
    matches!(call, Call::Index { name: asked, .. } if asked == name)
}

#[test]
fn all_crates_are_uploaded_once_in_order_with_the_bytes_that_were_packed() {
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    fixture.publish().unwrap();
    assert_eq!(fixture.registry.attempts(), ["base", "top"]);
    assert!(fixture.waits.borrow().is_empty());
    // Under the name of the public registry cargo packs the same bytes.
    for target in [fixture.target(), TargetRegistry::named(None).unwrap()] {
        for (packed, upload) in fixture.pack(&target).unwrap().iter().zip(fixture.registry.uploads()) {
            assert_eq!((&packed.name, &packed.checksum), (&upload.name, &upload.checksum));
        }
    }
}

#[test]
fn an_upload_that_fails_for_a_while_is_retried() {
    if skipped() {
        return;
    }
    for fault in [Fault::Reply(Reply(503, b"later".to_vec())), Fault::Drop] {
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
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    let down = Fault::Reply(Reply(503, b"later".to_vec()));
    fixture.registry.inject(move |call| (*call == Call::Upload("top".to_owned())).then(|| down.clone()));
    let error = fixture.publish_error();
    assert!(error.contains("top 0.1.0 is not in the index") && error.contains("503"), "{error}");
    assert_eq!(fixture.registry.attempts(), ["base", "top", "top", "top"]);
    fixture.registry.inject(|_| None);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_crate_that_is_stored_without_a_response_is_not_uploaded_again_if_the_index_lags() {
    if skipped() {
        return;
    }
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
                not_yet()
            }
            _ => None,
        });
        fixture.publish().unwrap();
        assert_eq!(fixture.registry.attempts(), ["base", "top"]);
    }
}

#[test]
fn the_registrys_word_alone_is_not_enough_and_a_repeated_upload_has_no_effect() {
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    let mut is_stored = false;
    fixture.registry.inject(move |call| match call {
        Call::Upload(name) if name == "base" && !is_stored => {
            is_stored = true;
            Some(Fault::ApplyThenDrop)
        }
        call if is_index_of(call, "base") => not_yet(),
        _ => None,
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
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    fail_first_upload(&fixture, "base", Fault::ApplyThenReply(Reply::refusal(403, "the gateway refuses")));
    fixture.publish().unwrap();
    assert_eq!(fixture.registry.attempts(), ["base", "top"]);
}

#[test]
fn a_throttle_is_obeyed() {
    if skipped() {
        return;
    }
    let after = |seconds| httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds));
    for (detail, expected) in
        [(format!("Please try again after {} or write.", after(437)), 437), ("no date".to_owned(), 600)]
    {
        let fixture = Fixture::new();
        fail_first_upload(&fixture, "base", Fault::Reply(Reply::refusal(429, &detail)));
        fixture.publish().unwrap();
        assert_eq!(fixture.uploaded(), ["base", "top"]);
        let waits = fixture.waits.borrow();
        assert!(waits.len() == 1 && (expected - 60..=expected).contains(&waits[0].as_secs()), "{waits:?}");
    }
    let (fixture, date) = (Fixture::new(), after(25 * 3600));
    fail_first_upload(
        &fixture,
        "base",
        Fault::Reply(Reply::refusal(429, &format!("Please try again after {date} or write."))),
    );
    assert!(fixture.publish_error().contains(&date));
    assert!(fixture.registry.attempts() == ["base"] && fixture.waits.borrow().is_empty());
}

#[test]
fn a_dependency_that_cargo_does_not_see_yet_is_waited_for() {
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    let (mut is_stored, mut hidden) = (false, 12);
    fixture.registry.inject(move |call| match call {
        Call::Upload(name) if name == "base" => {
            is_stored = true;
            None
        }
        // Cargo looks base up once after its upload, then for the upload of `top`.
        Call::Index { name, by_cargo: true } if name == "base" && is_stored && hidden > 0 => {
            hidden -= 1;
            if hidden > 10 { None } else { not_yet() }
        }
        _ => None,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.registry.attempts(), ["base", "top"]);
    assert!(!fixture.waits.borrow().is_empty());
}

#[test]
fn an_index_that_lags_is_waited_for() {
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    let mut hidden = 7;
    fixture.registry.inject(move |call| match call {
        // The first lookup is before the upload. Cargo sees the crate at once; it would wait in real time.
        Call::Index { name, by_cargo: false } if name == "base" && hidden > 0 => {
            hidden -= 1;
            not_yet()
        }
        _ => None,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.registry.attempts(), ["base", "top"]);
    assert_eq!(*fixture.waits.borrow(), [LOOKUP; 6]);
}

#[test]
fn other_content_or_a_yanked_version_is_a_hard_stop() {
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    fixture.commit("top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    assert!(fixture.publish_error().contains("is published with other content"));
    fixture.registry.yank("base");
    assert!(fixture.publish_error().contains("base 0.1.0 is in the index, but yanked"));
    assert_eq!(fixture.registry.attempts(), ["base", "top"]);
    assert!(fixture.waits.borrow().is_empty(), "waiting does not change a checksum");
}

#[test]
fn nothing_is_uploaded_while_the_index_cannot_be_read() {
    if skipped() {
        return;
    }
    let fixture = Fixture::new();
    fixture.registry.inject(|call| match call {
        Call::Index { by_cargo: false, .. } => Some(Fault::Reply(Reply(503, b"down".to_vec()))),
        _ => None,
    });
    let error = fixture.publish_error();
    assert!(error.contains("the index cannot be read") && error.contains("status 503"), "{error}");
    assert!(fixture.registry.attempts().is_empty());
}

#[test]
fn a_release_stops_if_the_tree_changes_and_a_dirty_one_does_not_begin() {
    if skipped() {
        return;
    }
    for is_committed in [false, true] {
        let fixture = Fixture::new();
        let file = fixture.root().join("top/src/lib.rs");
        let git = fixture.root();
        fixture.registry.inject(move |call| {
            if *call == Call::Upload("base".to_owned()) {
                std::fs::write(&file, "pub fn top() -> u8 { 3 }\n").unwrap();
                if is_committed {
                    let commit = [
                        "-c",
                        "user.name=Test",
                        "-c",
                        "user.email=test@example.com",
                        "commit",
                        "--quiet",
                        "-am",
                        "Change",
                    ];
                    assert!(
                        std::process::Command::new("git").args(commit).current_dir(&git).status().unwrap().success()
                    );
                }
            }
            None
        });
        assert!(fixture.publish_error().contains("the tree changed during the release"));
        assert_eq!(fixture.registry.attempts(), ["base"]);
        if !is_committed {
            assert!(fixture.publish_error().contains("cargo package"));
        }
    }
}
