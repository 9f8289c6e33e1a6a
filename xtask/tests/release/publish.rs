//! Two crates go to a registry on loopback that fails in every way a registry does.

use std::time::Duration;

use crate::support::{Fixture, commit_change};
use xtask::release::clock::Clock;
use xtask::release::registry::{Call, Reply, Spoil};

/// Spoils the first upload of this crate, and nothing else.
fn spoil_first_upload(fixture: &Fixture, name: &'static str, spoil: Spoil) {
    let mut left = Some(spoil);
    fixture.registry.spoil(move |call| match call {
        Call::Upload { name: uploaded, .. } if uploaded == name => left.take().unwrap_or(Spoil::Nothing),
        _ => Spoil::Nothing,
    });
}

#[test]
fn all_crates_that_can_be_published_are_uploaded_once_in_order() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
    assert_eq!(fixture.attempted(), ["base", "top"]);
    assert!(!fixture.state_file().exists());
}

#[test]
fn a_second_run_does_nothing() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    fixture.publish().unwrap();
    assert_eq!(fixture.attempted(), ["base", "top"]);
    assert_eq!(fixture.clock.waits.borrow().len(), 0);
}

#[test]
fn a_503_is_tried_again() {
    for name in ["base", "top"] {
        let fixture = Fixture::new();
        spoil_first_upload(&fixture, name, Spoil::Reply(Reply::new(503, "later")));
        fixture.publish().unwrap();
        assert_eq!(fixture.uploaded(), ["base", "top"]);
    }
}

#[test]
fn a_registry_that_stays_down_ends_the_run_and_the_next_goes_on() {
    let fixture = Fixture::new();
    fixture.registry.spoil(|call| match call {
        Call::Upload { name, .. } if name == "top" => Spoil::Reply(Reply::new(503, "later")),
        _ => Spoil::Nothing,
    });
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("top 0.1.0 is not in the index") && error.contains("503"), "{error}");
    fixture.registry.spoil(|_| Spoil::Nothing);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_crate_that_is_stored_without_an_answer_is_not_uploaded_again_however_the_index_lags() {
    for (name, lag) in [("base", 0), ("top", 0), ("base", 9), ("top", 9)] {
        let fixture = Fixture::new();
        let (mut stored, mut hidden) = (false, lag);
        fixture.registry.spoil(move |call| match call {
            Call::Upload { name: uploaded, .. } if uploaded == name && !stored => {
                stored = true;
                Spoil::DoThenDrop
            }
            // From nobody's eyes alone: cargo would look first, and hide a mistake of ours.
            Call::Index { name: asked, .. } if asked == name && stored && hidden > 0 => {
                hidden -= 1;
                Spoil::Reply(Reply::new(404, "not yet"))
            }
            _ => Spoil::Nothing,
        });
        fixture.publish().unwrap();
        assert_eq!(fixture.uploaded(), ["base", "top"]);
        assert_eq!(fixture.attempted(), ["base", "top"]);
    }
}

#[test]
fn an_index_that_lags_beyond_all_patience_ends_in_the_registrys_word_that_it_has_the_crate() {
    let fixture = Fixture::new();
    let mut stored = false;
    fixture.registry.spoil(move |call| match call {
        Call::Upload { name, .. } if name == "base" && !stored => {
            stored = true;
            Spoil::DoThenDrop
        }
        Call::Index { name, .. } if name == "base" && stored => Spoil::Reply(Reply::new(404, "not yet")),
        _ => Spoil::Nothing,
    });
    for _ in 0..2 {
        let error = fixture.publish().unwrap_err().to_string();
        assert!(error.contains("the registry says that it has base 0.1.0"), "{error}");
        assert_eq!(fixture.attempted(), ["base", "base"], "what is known to be there is not sent again");
    }
    fixture.registry.spoil(|_| Spoil::Nothing);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_gateway_that_refuses_what_the_registry_took_is_not_believed() {
    let fixture = Fixture::new();
    let mut calls = 0;
    let registry = fixture.registry.clone();
    fixture.registry.spoil(move |call| match call {
        Call::Upload { name, .. } if name == "base" => {
            calls += 1;
            assert_eq!(calls, 1);
            Spoil::DoThenReply(Reply::refusal(403, "the gateway says no"))
        }
        _ => Spoil::Nothing,
    });
    fixture.publish().unwrap();
    assert_eq!(registry.attempts().len(), 2);
}

#[test]
fn an_upload_that_never_arrived_is_tried_again() {
    let fixture = Fixture::new();
    spoil_first_upload(&fixture, "top", Spoil::Drop);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_429_is_obeyed_to_the_second() {
    let fixture = Fixture::new();
    let until = fixture.clock.now() + Duration::from_secs(437);
    let detail =
        format!("You have published too many. Please try again after {} or write.", httpdate::fmt_http_date(until));
    spoil_first_upload(&fixture, "top", Spoil::Reply(Reply::refusal(429, &detail)));
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
    assert_eq!(*fixture.clock.waits.borrow(), [until]);
}

#[test]
fn a_429_without_a_time_waits_as_long_as_a_new_crate_has_to() {
    let fixture = Fixture::new();
    spoil_first_upload(&fixture, "base", Spoil::Reply(Reply::refusal(429, "too many")));
    let until = fixture.clock.now() + Duration::from_secs(600);
    fixture.publish().unwrap();
    assert_eq!(*fixture.clock.waits.borrow(), [until]);
}

#[test]
fn a_wait_of_more_than_a_day_ends_the_run_and_the_next_ones_keep_to_it() {
    let fixture = Fixture::new();
    let until = fixture.clock.now() + Duration::from_secs(25 * 3600);
    let detail = format!("Please try again after {} or write.", httpdate::fmt_http_date(until));
    spoil_first_upload(&fixture, "base", Spoil::Reply(Reply::refusal(429, &detail)));
    for _ in 0..2 {
        let error = fixture.publish().unwrap_err().to_string();
        assert!(error.contains(&httpdate::fmt_http_date(until)), "{error}");
        assert_eq!(fixture.attempted(), ["base"]);
    }
    fixture.clock.sleep_until(fixture.clock.now() + Duration::from_secs(2 * 3600));
    fixture.publish().unwrap();
    assert_eq!(*fixture.clock.waits.borrow().last().unwrap(), until, "the rest was waited for");
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn a_dependency_that_cargo_does_not_see_yet_is_waited_for() {
    let fixture = Fixture::new();
    let (mut taken, mut hidden) = (false, 12);
    fixture.registry.spoil(move |call| match call {
        Call::Upload { name, .. } if name == "base" => {
            taken = true;
            Spoil::Nothing
        }
        // Cargo looks once after its upload, then the upload of `top` needs `base`.
        Call::Index { name, by_cargo: true } if name == "base" && taken && hidden > 0 => {
            hidden -= 1;
            if hidden > 10 { Spoil::Nothing } else { Spoil::Reply(Reply::new(404, "not yet")) }
        }
        _ => Spoil::Nothing,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.attempted(), ["base", "top"]);
    assert!(!fixture.clock.waits.borrow().is_empty());
}

#[test]
fn a_yanked_version_is_no_published_one() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    fixture.registry.yank("top");
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("top 0.1.0 is in the index, but yanked"), "{error}");
}

#[test]
fn an_index_that_lags_is_waited_for() {
    let fixture = Fixture::new();
    let mut hidden = 7;
    fixture.registry.spoil(move |call| match call {
        // The first look comes before the upload. Cargo sees the crate at once; it would wait in real time.
        Call::Index { name, by_cargo: false } if name == "base" && hidden > 0 => {
            hidden -= 1;
            Spoil::Reply(Reply::new(404, "not yet"))
        }
        _ => Spoil::Nothing,
    });
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
    assert_eq!(fixture.clock.waits.borrow().len(), 6);
}

#[test]
fn what_the_registry_took_is_never_uploaded_again_however_long_the_index_lags() {
    let fixture = Fixture::new();
    let hide = |call: &Call| match call {
        Call::Index { name, by_cargo: false } if name == "base" => Spoil::Reply(Reply::new(404, "not yet")),
        _ => Spoil::Nothing,
    };
    fixture.registry.spoil(hide);
    for _ in 0..2 {
        let error = fixture.publish().unwrap_err().to_string();
        assert!(error.contains("the registry says that it has base 0.1.0"), "{error}");
        assert_eq!(fixture.uploaded(), ["base"]);
    }
    fixture.registry.spoil(|_| Spoil::Nothing);
    fixture.publish().unwrap();
    assert_eq!(fixture.uploaded(), ["base", "top"]);
}

#[test]
fn another_file_under_the_same_version_is_a_hard_stop() {
    let fixture = Fixture::new();
    fixture.publish().unwrap();
    commit_change(&fixture.root(), "top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("is published with other content"), "{error}");
    assert_eq!(fixture.attempted(), ["base", "top"]);
    assert!(fixture.clock.waits.borrow().is_empty(), "waiting does not change a checksum");
}

#[test]
fn a_release_that_was_begun_goes_on_from_its_commit_only() {
    let fixture = Fixture::new();
    fixture.registry.spoil(|call| match call {
        Call::Upload { .. } => Spoil::DoThenDrop,
        Call::Index { by_cargo: false, .. } => Spoil::Reply(Reply::new(503, "down")),
        _ => Spoil::Nothing,
    });
    // The index cannot be read at all: nothing may be uploaded on a guess.
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("the index cannot be read") && error.contains("Nothing of it was sent"), "{error}");
    assert!(fixture.attempted().is_empty());

    fixture.registry.spoil(|call| match call {
        Call::Upload { name, .. } if name == "top" => Spoil::Reply(Reply::refusal(403, "not yours")),
        _ => Spoil::Nothing,
    });
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("not yours"), "{error}");
    fixture.registry.spoil(|_| Spoil::Nothing);
    commit_change(&fixture.root(), "top/src/lib.rs", "pub fn top() -> u8 { 3 }\n");
    let error = fixture.publish().unwrap_err().to_string();
    assert!(error.contains("begun from commit"), "{error}");
    assert_eq!(fixture.uploaded(), ["base"]);
}

#[test]
fn a_dirty_tree_is_not_published() {
    let fixture = Fixture::new();
    std::fs::write(fixture.root().join("top/src/lib.rs"), "pub fn top() {}\n").unwrap();
    assert!(fixture.publish().unwrap_err().to_string().contains("cargo package"));
    assert!(fixture.attempted().is_empty());
}
