//! What the suite reports of fakes: as documented, with each option, and with behaviour that contradicts.

use conversation_delete::ErasureMode;
use conversation_delete_fake::{Fault, Role, Route, Seed, Vendor};

use crate::account::{account, case, delete_route, run_at, run_with, variables, variant};

/// Options of a fake that are set together, and a case and its variant that shows each.
type Options = (Vendor, &'static [(&'static str, &'static str, &'static str, &'static str)]);

const OPTIONS: &[Options] = &[
    (
        Vendor::Corti,
        &[
            ("list_without_slash", "works", "list_without_slash", "works"),
            ("unknown_status", "ignored", "list_unknown_status", "ignored"),
            ("guided_list", "documents", "guided_documents", "documents"),
            ("error_shape", "old", "lookup_unknown", "old"),
            ("missing_tenant", "403", "missing_tenant", "403"),
            ("wrong_tenant", "404", "wrong_tenant", "404"),
        ],
    ),
    (Vendor::Corti, &[("guided_status", "403", "guided_documents", "403"), ("cascade", "no", "delete_again", "new")]),
    (
        Vendor::Fini,
        &[
            ("bounds", "exclusive", "list_bounds", "exclusive"),
            ("list_key", "conversations", "list_key", "conversations"),
            ("error_message", "string", "list_limit_0", "string"),
        ],
    ),
    (
        Vendor::ElevenLabs,
        &[
            ("bounds", "exclusive", "list_bounds", "exclusive"),
            ("end_cursor", "missing", "list_end", "missing"),
            ("ignore_user_filter", "yes", "list_of_nobody", "yes"),
            ("malformed_id", "422", "lookup_malformed", "422"),
            ("success_body", "{}", "delete", "{}"),
        ],
    ),
    (
        Vendor::ElevenLabs,
        &[
            ("error_form", "legacy", "lookup_unknown", "legacy"),
            ("success_body", "204", "delete", "204"),
            ("unknown_id", "500", "delete_again", "500"),
        ],
    ),
    (
        Vendor::Tavus,
        &[
            ("order", "oldest", "list", "oldest"),
            ("first_page", "0", "list_page_0", "0"),
            ("first_page", "0", "list_page_1", "0"),
            ("total_count", "missing", "list_total", "missing"),
            ("unknown_status", "ignored", "list_unknown_status", "ignored"),
            ("unknown_id", "404", "lookup_unknown", "404"),
            ("unknown_id", "404", "delete_again", "404"),
        ],
    ),
    (Vendor::Tavus, &[("order", "random", "list", "random")]),
];

#[tokio::test]
async fn every_case_agrees_with_every_fake() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        let report = run_at(&fake, &ids[..2]).await.unwrap();
        for case in &report.cases {
            assert_eq!(case.agrees, Some(true), "{}", case.describe());
        }
        assert!(report.host.starts_with("localhost:"), "{}", report.host);
        assert_eq!((report.vendor.as_str(), report.version.as_str()), (vendor.as_str(), env!("CARGO_PKG_VERSION")));
        assert!(report.time.len() == "2026-11-29T12:00:00Z".len() && report.time.ends_with('Z'), "{}", report.time);
        assert_eq!(report.cases.iter().filter(|case| case.case == "delete").count(), 2);
        assert!(fake.stats().requests < 60, "{vendor:?}: {}", fake.stats().requests);
    }
}

#[tokio::test]
async fn each_option_is_a_variant_that_a_case_names() {
    for &(vendor, options) in OPTIONS {
        let (fake, ids) = account(vendor).await;
        for (option, value, ..) in options {
            fake.set_option(option, value).unwrap();
        }
        let report = run_at(&fake, &ids[..1]).await.unwrap();
        for (option, value, name, expected) in options {
            let shown = case(&report, name).describe();
            assert_eq!(variant(&report, name), Some(*expected), "{vendor:?} {option} {value}: {shown}");
        }
        assert_eq!(report.problems().count(), 0, "{vendor:?}: {:?}", report.problems().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_soft_delete_has_cases_and_variants_of_its_own() {
    let usual =
        [("lookup_after_soft_delete", "visible"), ("list_after_soft_delete", "visible"), ("soft_delete_again", "204")];
    let other =
        [("lookup_after_soft_delete", "hidden"), ("list_after_soft_delete", "hidden"), ("soft_delete_again", "400")];
    for (expected, is_other) in [(usual, false), (other, true)] {
        let (fake, ids) = account(Vendor::Tavus).await;
        if is_other {
            for (option, value) in
                [("after_soft_get", "hidden"), ("after_soft_list", "hidden"), ("soft_after_soft", "400")]
            {
                fake.set_option(option, value).unwrap();
            }
        }
        let report = run_with(&fake, &variables(&fake, Role::Full), &ids[..1], Some(ErasureMode::Soft)).await.unwrap();
        for (name, expected) in expected {
            assert_eq!(variant(&report, name), Some(expected), "{}", case(&report, name).describe());
        }
        let deletes = fake.requests().into_iter().filter(|request| request.method() == "DELETE");
        assert!(deletes.map(|request| request.path().to_owned()).all(|path| path.ends_with("?hard=false")));
    }
}

#[tokio::test]
async fn what_contradicts_the_documentation_disagrees() {
    for (vendor, option, value, name) in [
        (Vendor::Corti, "stuck_page", "yes", "list_page_2"),
        (Vendor::Fini, "read_lag", "3", "lookup_after_delete"),
        (Vendor::ElevenLabs, "not_admin", "yes", "delete"),
        (Vendor::Tavus, "unknown_id", "404_json", "lookup_unknown"),
        (Vendor::Tavus, "read_lag", "3", "lookup_after_delete"),
        (Vendor::Tavus, "list_lag", "3", "list_after_delete"),
    ] {
        let (fake, ids) = account(vendor).await;
        fake.set_option(option, value).unwrap();
        let report = run_at(&fake, &ids[..1]).await.unwrap();
        let case = case(&report, name);
        assert_eq!(case.agrees, Some(false), "{option} {value}: {}", case.describe());
        assert!(report.problems().any(|problem| problem.case == name));
        assert!(case.describe().contains("DISAGREES") && case.describe().contains("expected: "), "{}", case.describe());
    }
}

#[tokio::test]
async fn a_record_on_a_later_page_is_deleted_and_its_absence_from_the_list_is_not_claimed() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        fake.seed(100);
        let report = run_at(&fake, &ids[59..]).await.unwrap();
        assert_eq!(variant(&report, "list_before_delete"), Some("not_on_page"), "{vendor:?}");
        assert_eq!(case(&report, "list_after_delete").agrees, None, "{vendor:?}");
        assert_eq!(case(&report, "delete_again").agrees, Some(true), "{vendor:?}");
        assert_eq!(report.problems().count(), 0, "{vendor:?}: {:?}", report.problems().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_record_that_is_not_shown_as_documented_is_deleted_and_the_difference_reported() {
    let (fake, ids) = account(Vendor::Tavus).await;
    let body = format!(r#"{{"conversation_id":"{}","status":"ended"}}"#, ids[1]);
    // The lookup, and the check that the call is over.
    fake.fault(Fault::reply(200).with_json(body).on(Route::Get).for_id(&ids[1]).times(2));
    let report = run_at(&fake, &ids[1..2]).await.unwrap();
    let problems: Vec<_> = report.problems().map(|problem| problem.case.as_str()).collect();
    assert_eq!(problems, ["lookup_before_delete"]);
    assert_eq!(case(&report, "delete").agrees, Some(true));
}

#[tokio::test]
async fn a_delete_without_effect_disagrees_however_well_it_is_reported() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        fake.fault(Fault::no_effect().on(delete_route(vendor)));
        let report = run_at(&fake, &ids[..1]).await.unwrap();
        assert_eq!(case(&report, "delete").agrees, Some(true));
        for name in ["lookup_after_delete", "list_after_delete", "delete_again"] {
            assert_eq!(case(&report, name).agrees, Some(false), "{vendor:?} {name}");
        }
    }
}

#[tokio::test]
async fn json_that_says_that_it_is_something_else_disagrees() {
    let (fake, _) = account(Vendor::Tavus).await;
    let body = r#"{"data":[],"total_count":0}"#;
    let listed = Fault::reply(200).with_body(body).with_header("content-type", "text/plain").on(Route::List).nth(3);
    fake.fault(listed.once());
    let report = run_at(&fake, &[]).await.unwrap();
    let case = case(&report, "list_total");
    assert_eq!((case.agrees, report.problems().count()), (Some(false), 1), "{}", case.describe());
    assert_eq!(case.observed.as_ref().unwrap().content_type.as_deref(), Some("text/plain"));
}

#[tokio::test]
async fn an_empty_account_exercises_little_and_claims_nothing_more() {
    for &vendor in Vendor::ALL {
        let (fake, _) = account(vendor).await;
        fake.reset();
        let report = run_at(&fake, &[]).await.unwrap();
        assert_eq!(report.problems().count(), 0, "{:?}", report.problems().collect::<Vec<_>>());
        for name in ["list", "list_default_size", "lookup"] {
            let case = case(&report, name);
            assert!(case.agrees.is_none() && case.reason.is_some(), "{vendor:?} {name}");
        }
        assert_eq!(case(&report, "lookup_unknown").agrees, Some(true));
    }
}

#[tokio::test]
async fn lists_without_elements_claim_nothing_of_them() {
    let (fake, _) = account(Vendor::Corti).await;
    for (option, transcripts) in [("array", "array"), ("null", "null")] {
        fake.reset();
        fake.seed_with(Seed::count(1));
        fake.set_option("empty_transcripts", option).unwrap();
        let report = run_at(&fake, &[]).await.unwrap();
        for name in ["recordings", "documents", "guided_documents"] {
            let case = case(&report, name);
            assert!(case.agrees.is_none() && case.reason.is_some() && !case.has_failed, "{}", case.describe());
        }
        assert_eq!(variant(&report, "transcripts"), Some(transcripts));
        assert_eq!(report.problems().count(), 0, "{:?}", report.problems().collect::<Vec<_>>());
    }
}

/// Where nothing but the envelope of a list is seen, only cases that expect no more of it agree.
#[tokio::test]
async fn an_empty_account_shows_no_records_of_a_list() {
    for &vendor in Vendor::ALL {
        let (fake, _) = account(vendor).await;
        fake.reset();
        let report = run_at(&fake, &[]).await.unwrap();
        for case in report.cases.iter().filter(|case| case.agrees == Some(true)) {
            let seen = case.observed.as_ref().unwrap();
            let expected = case.expected.iter().find(|expected| Some(&expected.variant) == seen.variant.as_ref());
            let lists = ["interactions", "conversations", "data"];
            let has_elements = |list: &&str| expected.unwrap().body[*list].get(0).is_some();
            assert!(!lists.iter().any(has_elements), "{vendor:?}: {}", case.describe());
        }
    }
}
