//! Whatever a fake accepts, it goes on responding.

use std::sync::mpsc;
use std::time::Duration;

use conversation_delete_fake::{Fake, FakeRequest, OptionSpec, OptionValues, Role, Vendor};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::record_path;
use crate::walk::{ids_of, list, send_as, walk};

/// Every way to sort a list, and pages far behind its end.
const QUERIES: &[&str] = &[
    "?sort=id&direction=asc",
    "?sort=createdAt",
    "?sort=updatedAt",
    "?sort=endedAt",
    "?sort=assignedUserId",
    "?sort=patient",
    "?sort=patient&index=18446744073709551615&pageSize=18446744073709551615",
    "?index=18446744073709551615&pageSize=18446744073709551615",
    "?page=18446744073709551615&limit=18446744073709551615",
    "?since=0&until=18446744073709551615",
    "?since=18446744073709551614&until=18446744073709551615",
    "?call_start_after_unix=18446744073709551615&call_start_before_unix=18446744073709551615",
    "?sort_direction=asc&page_size=100",
    "?direction=previous",
];

#[test]
fn a_list_of_nothing_or_of_one_record_ends_however_it_is_sorted() {
    for &vendor in Vendor::ALL {
        for count in [0, 1] {
            for query in QUERIES {
                let (done, finished) = mpsc::channel();
                std::thread::spawn(move || {
                    let fake = Fake::in_process(vendor);
                    fake.seed(count);
                    let (status, body) = list(&fake, query);
                    let listed = if status == 200 { ids_of(vendor, &body).len() } else { 0 };
                    done.send(listed <= count).unwrap();
                });
                let ended = finished.recv_timeout(Duration::from_secs(60));
                assert_eq!(ended, Ok(true), "{vendor:?} {count} {query}");
            }
        }
    }
}

fn number() -> impl Strategy<Value = u64> {
    let edges = vec![0, 1, 2, u64::from(u32::MAX), 1 << 32, i64::MAX as u64, u64::MAX - 1, u64::MAX];
    prop_oneof![3 => prop::sample::select(edges), 1 => any::<u64>()]
}

/// A number for each member that takes one, or nothing.
fn numbers(names: Vec<&'static str>) -> impl Strategy<Value = serde_json::Map<String, Value>> {
    let members: Vec<_> = names.iter().map(|_| prop::option::of(number())).collect();
    members.prop_map(move |values| {
        let set = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?.into())));
        set.collect()
    })
}

fn control(fake: &Fake, method: &str, route: &str, body: &Value) -> u16 {
    let request = FakeRequest::new(method, format!("/__fake/{route}")).with_body(body.to_string());
    fake.handle(request).status()
}

/// Any value for each option, or its default.
fn options(vendor: Vendor) -> impl Strategy<Value = serde_json::Map<String, Value>> {
    let values = |spec: &OptionSpec| match spec.values {
        OptionValues::OneOf(values) => prop::sample::select(values).prop_map(Value::from).boxed(),
        _ => number().prop_map(Value::from).boxed(),
    };
    let specs = vendor.options();
    let values: Vec<_> = specs.iter().map(|spec| prop::option::of(values(spec))).collect();
    values.prop_map(move |values| {
        let set = specs.iter().zip(values).filter_map(|(spec, value)| Some((spec.name.to_owned(), value?)));
        set.collect()
    })
}

fn settings(vendor: Vendor) -> impl Strategy<Value = [serde_json::Map<String, Value>; 3]> {
    let seeds = numbers(vec!["created_at_ms", "updated_at_ms"]);
    let faults = numbers(vec!["times", "delay_ms", "effect_after_ms", "nth"]);
    (options(vendor), seeds, faults).prop_map(|(options, seeds, faults)| [options, seeds, faults])
}

fn vendor_and_settings() -> impl Strategy<Value = (Vendor, [serde_json::Map<String, Value>; 3])> {
    prop::sample::select(Vendor::ALL).prop_flat_map(|vendor| (Just(vendor), settings(vendor)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_setting_that_is_accepted_breaks_a_fake(
        (vendor, [options, mut seed, mut fault]) in vendor_and_settings(),
        seconds in number(),
    ) {
        let fake = Fake::in_process(vendor);
        prop_assert_eq!(control(&fake, "POST", "options", &options.into()), 200);
        seed.insert("count".to_owned(), json!(3));
        prop_assert_eq!(control(&fake, "POST", "records", &seed.into()), 201);
        fault.extend([("kind".to_owned(), json!("delay")), ("route".to_owned(), json!("delete"))]);
        fault.insert("retry_after".to_owned(), json!({ "http_date_in": seconds }));
        let set = control(&fake, "POST", "faults", &fault.into());
        prop_assert!(set == 200 || set == 400);
        let ids: Vec<String> = fake.records().into_iter().map(|record| record.id).collect();
        let added = control(&fake, "POST", "add_message", &json!({ "id": ids[1] }));
        prop_assert_eq!(added, 200);
        for _ in 0..2 {
            for query in QUERIES {
                prop_assert!((200..600).contains(&list(&fake, query).0));
            }
            for (method, suffix) in [("GET", ""), ("DELETE", "?hard=true"), ("GET", ""), ("GET", "")] {
                let target = format!("{}{suffix}", record_path(&fake, &ids[0]));
                prop_assert!((200..600).contains(&send_as(&fake, Role::Full, method, &target).0));
            }
            for route in ["records", "requests", "stats", "faults", "options"] {
                prop_assert_eq!(control(&fake, "GET", route, &Value::Null), 200);
            }
            let passed = control(&fake, "POST", "advance", &json!({ "seconds": seconds }));
            prop_assert_eq!(passed, 200);
        }
        fake.reset();
        fake.seed(3);
        prop_assert_eq!(walk(&fake).len(), 3);
    }
}

#[test]
fn a_seed_that_would_fill_the_memory_is_refused() {
    let fake = Fake::in_process(Vendor::Corti);
    for body in [json!({ "count": 5_000_001 }), json!({ "count": 5_001, "recordings": 1_000 })] {
        assert_eq!(control(&fake, "POST", "records", &body), 400, "{body}");
    }
    assert_eq!(fake.records(), []);
}
