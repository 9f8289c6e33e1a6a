use std::time::Duration;

use super::*;
use crate::{ConversationId, ErrorKind};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn a_value_that_could_mean_everything_is_refused() {
    for value in ["", " ", "a\n", " a", "\u{200b}x", &"x".repeat(257)] {
        assert_eq!(check_filter_value("user", value).unwrap_err().kind(), ErrorKind::InvalidInput, "{value:?}");
    }
    for value in ["agent_1", "Zoë", &"x".repeat(256)] {
        check_filter_value("user", value).unwrap();
    }
}

#[test]
fn an_empty_range_is_refused() {
    for (since, until) in [(2, 2), (3, 2)] {
        let filter = Filter::new().with_since(at(since)).with_until(at(until));
        assert_eq!(filter.check().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    Filter::new().with_since(at(1)).with_until(at(2)).check().unwrap();
}

#[test]
fn ages_are_times_before_now_and_the_narrower_bound_counts() {
    let seconds = Duration::from_secs;
    let filter = Filter::new().older_than(seconds(10)).newer_than(seconds(50)).at(at(100));
    assert_eq!((filter.since(), filter.until()), (Some(at(50)), Some(at(90))));
    let narrower = Filter::new().with_since(at(60)).with_until(at(80));
    let narrower = narrower.older_than(seconds(10)).newer_than(seconds(50)).at(at(100));
    assert_eq!((narrower.since(), narrower.until()), (Some(at(60)), Some(at(80))));
    assert_eq!(Filter::new().older_than(Duration::MAX).at(at(100)).until(), Some(SystemTime::UNIX_EPOCH));
    assert_eq!(Filter::new().at(at(100)), Filter::new());
    assert_eq!(filter.at(at(200)), filter, "its times stay");
    assert!(filter.depends_on_clock() && !filter.trust_clock().depends_on_clock());
    assert!(!Filter::new().with_until(at(1)).depends_on_clock());
}

#[test]
fn a_range_holds_its_beginning_and_not_its_end() {
    let filter = Filter::new().with_since(at(1)).with_until(at(3));
    let matches = [0, 1, 2, 3].map(|seconds| filter.matches(Some(at(seconds))));
    assert_eq!(matches, [Some(false), Some(true), Some(true), Some(false)]);
    assert_eq!(filter.matches(None), None);
    assert_eq!(Filter::new().matches(None), Some(true));
}

#[test]
fn an_age_that_is_not_a_time_yet_selects_no_record() {
    let age = Duration::from_secs(10);
    for filter in [Filter::new().older_than(age), Filter::new().newer_than(age).with_since(at(1))] {
        assert_eq!(filter.matches(Some(at(95))), None);
    }
    assert_eq!(Filter::new().older_than(age).at(at(100)).matches(Some(at(95))), Some(false));
}

#[test]
fn one_of_several_statuses_is_enough() {
    let [done, failed, active] = ["done", "failed", "active"].map(Status::new);
    let wanted = [done, failed.clone()];
    assert_eq!(matches_status(&wanted, Some(&failed)), Some(true));
    assert_eq!(matches_status(&wanted, Some(&active)), Some(false));
    assert_eq!(matches_status(&wanted, None), None);
    assert_eq!(matches_status(&[], None), Some(true));
}

#[test]
fn what_certainly_does_not_match_is_left_out_even_if_something_else_is_unknown() {
    let selected = |criteria: [(&'static str, Option<bool>); 2]| {
        let meta = RecordMeta::new(ConversationId::new("c1").unwrap());
        select(criteria, meta).map(|selected| selected.map_err(|error| error.to_string()))
    };
    assert!(selected([("status", None), ("date", Some(false))]).is_none());
    assert!(selected([("status", Some(true)), ("date", Some(true))]).unwrap().is_ok());
    let error = selected([("status", None), ("date", None)]).unwrap().unwrap_err();
    assert!(error.contains("c1 has no status"), "{error}");
}
