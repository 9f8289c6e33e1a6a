//! Lists have every record once, and no other, while the vendor's pages change.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use conversation_delete::{ErrorKind, Filter, Status, elevenlabs as elevenlabs_crate};
use conversation_delete_fake::{CANARY_NAME, CANARY_TEXT, Fake, RecordState, Role, Seed, Vendor};

use crate::clients::{all, deleter, elevenlabs, list_by_status, reader, reader_as, records, sorted_ids};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn ago(days: u32) -> SystemTime {
    SystemTime::now() - DAY * days
}

/// Enough records for several pages, and short pages if the fake has the option.
fn fake_with_pages(vendor: Vendor) -> (Fake, Vec<String>) {
    let fake = Fake::in_process(vendor);
    if vendor == Vendor::Tavus {
        fake.set_option("limit_cap", "10").unwrap();
        let ids = fake.seed(25);
        return (fake, ids);
    }
    let ids = fake.seed(250);
    (fake, ids)
}

#[tokio::test]
async fn every_record_is_listed_once() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = fake_with_pages(vendor);
        fake.seed_with(Seed::count(3).foreign());
        let found = all(reader(&fake).list(&Filter::new()).unwrap()).await;
        assert_eq!(sorted_ids(&found), sorted(ids), "{vendor:?}");
        assert!(found.iter().all(|found| found.created_at().is_some()), "{vendor:?}");
        let shown = format!("{found:?}");
        assert!(!shown.contains(CANARY_NAME) && !shown.contains(CANARY_TEXT), "{vendor:?}");
    }
}

#[tokio::test]
async fn no_record_is_missed_while_others_arrive() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = fake_with_pages(vendor);
        fake.set_option("arrivals", "4").unwrap();
        let found = all(reader(&fake).list(&Filter::new()).unwrap()).await;
        let listed: HashSet<String> = sorted_ids(&found).into_iter().collect();
        assert!(ids.iter().all(|id| listed.contains(id)), "{vendor:?}");
        let distinct: HashSet<_> = found.iter().map(|found| found.id().clone()).collect();
        let distinct: Vec<_> = distinct.into_iter().collect();
        let deleter = deleter(&fake);
        for batch in distinct.chunks(deleter.max_batch()) {
            assert!(deleter.delete_batch(batch).await.iter().all(Result::is_ok), "{vendor:?}");
        }
        assert!(ids.iter().all(|id| fake.state_of(id) == Some(RecordState::Deleted)), "{vendor:?}");
    }
}

/// At Tavus, whose list is read until it is stable, and at the two with cursors.
#[tokio::test]
async fn no_record_is_missed_while_others_leave() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs, Vendor::Fini] {
        for order in ["newest", "oldest", "random"] {
            let (fake, ids) = fake_with_pages(vendor);
            if vendor == Vendor::Tavus {
                fake.set_option("order", order).unwrap();
            }
            fake.set_option("departures", "2").unwrap();
            let found = all(reader(&fake).list(&Filter::new()).unwrap()).await;
            let listed: HashSet<String> = sorted_ids(&found).into_iter().collect();
            let lost: Vec<_> = ids
                .iter()
                .filter(|id| fake.state_of(id) == Some(RecordState::Present) && !listed.contains(*id))
                .collect();
            assert!(lost.is_empty(), "{vendor:?} {order}: {lost:?}");
        }
    }
}

#[tokio::test]
async fn a_range_of_time_includes_its_start_and_excludes_its_end() {
    for &vendor in Vendor::ALL {
        for ignored in ["no", "yes"] {
            let fake = Fake::in_process(vendor);
            fake.set_option("ignore_filters", ignored).unwrap();
            let seed = |days| fake.seed_with(Seed::count(2).created_at(ago(days)).updated_at(ago(days)));
            let (_, wanted, _) = (seed(80), seed(40), seed(5));
            let filter = Filter::new().with_since(ago(60)).with_until(ago(20));
            let found = all(reader(&fake).list(&filter).unwrap()).await;
            assert_eq!(sorted_ids(&found), sorted(wanted), "{vendor:?}, filters ignored: {ignored}");
        }
    }
}

#[tokio::test]
async fn statuses_agent_and_user_filter_even_if_the_vendor_ignores_them() {
    for (vendor, statuses, others) in [
        (Vendor::Corti, ["completed", "on-hold"], "planned"),
        (Vendor::ElevenLabs, ["done", "failed"], "processing"),
        (Vendor::Tavus, ["ended", "error"], "active"),
    ] {
        for ignored in ["no", "yes"] {
            let fake = Fake::in_process(vendor);
            fake.set_option("ignore_filters", ignored).unwrap();
            let seeded = statuses.map(|status| fake.seed_with(Seed::count(2).status(status)));
            fake.seed_with(Seed::count(2).status(others));
            let [one, other] = statuses.map(Status::new);
            let found = all(list_by_status(&fake, std::slice::from_ref(&one))).await;
            assert_eq!(sorted_ids(&found), sorted(seeded[0].clone()), "{vendor:?}, filters ignored: {ignored}");
            assert!(found.iter().all(|found| found.status() == Some(&one)));
            let found: HashSet<String> =
                sorted_ids(&all(list_by_status(&fake, &[one, other])).await).into_iter().collect();
            assert_eq!(found, seeded.into_iter().flatten().collect(), "{vendor:?}, filters ignored: {ignored}");
        }
    }
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let client = elevenlabs(&fake, Role::Full);
    let agent = |agent| elevenlabs_crate::Filter::new().with_agent(agent);
    let wanted = fake.seed_with(Seed::count(3).agent("agent_1").user("Zoë & Ole"));
    fake.seed_with(Seed::count(3).agent("agent_2").user("Zoë & Ole"));
    fake.seed_with(Seed::count(3).agent("agent_1").user("Zoë"));
    let found = all(client.list(&agent("agent_1").with_user("Zoë & Ole")).unwrap()).await;
    assert_eq!(sorted_ids(&found), sorted(wanted));
    fake.set_option("ignore_filters", "yes").unwrap();
    let found = all(client.list(&agent("agent_2")).unwrap()).await;
    assert_eq!(found.len(), 3);
}

#[tokio::test]
async fn fini_lists_records_of_all_windows_and_on_their_bounds() {
    for bounds in ["inclusive", "exclusive"] {
        for key in ["interactions", "conversations"] {
            let fake = Fake::in_process(Vendor::Fini);
            fake.set_option("bounds", bounds).unwrap();
            fake.set_option("list_key", key).unwrap();
            let mut ids = Vec::new();
            for days in [0, 7, 89, 90, 91, 179, 180, 200, 1000, 2000] {
                ids.extend(fake.seed_with(Seed::count(1).created_at(ago(days)).updated_at(ago(days))));
            }
            let found = all(reader(&fake).list(&Filter::new()).unwrap()).await;
            assert_eq!(sorted_ids(&found), sorted(ids), "{bounds} {key}");
            let queries = fake.requests().iter().filter(|request| !request.path().contains("direction=next")).count();
            assert_eq!(queries, 0, "older ones are requested by the documented parameter");
        }
    }
}

#[tokio::test]
async fn a_list_without_progress_ends_with_an_error() {
    for (vendor, option, value) in [
        (Vendor::Corti, "stuck_page", "yes"),
        (Vendor::ElevenLabs, "cursor_fault", "repeats"),
        (Vendor::ElevenLabs, "cursor_fault", "missing"),
        (Vendor::Fini, "cursor_fault", "repeats"),
        (Vendor::Fini, "cursor_fault", "missing"),
        (Vendor::Tavus, "stuck_page", "yes"),
    ] {
        let (fake, _) = fake_with_pages(vendor);
        fake.set_option(option, value).unwrap();
        let mut listing = reader(&fake).list(&Filter::new()).unwrap();
        let mut last = None;
        while let Some(found) = listing.next().await {
            last = Some(found);
        }
        let error = last.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{vendor:?} {option} {value}");
        assert!(fake.requests().len() < 40, "{vendor:?} {option} {value}");
    }
}

#[tokio::test]
async fn a_cursor_that_expires_or_trails_misses_no_record() {
    for value in ["expires", "trailing"] {
        let (fake, ids) = fake_with_pages(Vendor::ElevenLabs);
        fake.set_option("cursor_fault", value).unwrap();
        let found = all(reader(&fake).list(&Filter::new()).unwrap()).await;
        let found: HashSet<String> = sorted_ids(&found).into_iter().collect();
        assert_eq!(found, ids.into_iter().collect(), "{value}");
    }
}

#[tokio::test]
async fn each_credential_lists_its_own_records() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        fake.seed(3);
        let foreign = fake.seed_with(Seed::count(2).foreign());
        let found = all(reader_as(&fake, Role::Foreign).list(&Filter::new()).unwrap()).await;
        assert_eq!(sorted_ids(&found), sorted(foreign), "{vendor:?}");
        let refused = reader_as(&fake, Role::WriteOnly).list(&Filter::new()).unwrap().next().await;
        let kind = refused.unwrap().unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::MissingScope | ErrorKind::Forbidden), "{vendor:?}: {kind}");
    }
}

#[tokio::test]
async fn a_tavus_conversation_without_a_date_is_an_error_in_a_list_by_date() {
    let fake = Fake::in_process(Vendor::Tavus);
    let undated = fake.seed_with(Seed::count(1).without_dates()).remove(0);
    let dated = fake.seed(2);
    let found = all(reader(&fake).list(&Filter::new()).unwrap()).await;
    assert_eq!(found.len(), 3);
    let mut listing = reader(&fake).list(&Filter::new().with_since(ago(1))).unwrap();
    let (mut ids, mut errors) = (Vec::new(), Vec::new());
    while let Some(found) = listing.next().await {
        match found {
            Ok(found) => ids.push(found.id().to_string()),
            Err(error) => errors.push(error.to_string()),
        }
    }
    assert_eq!(sorted(ids), sorted(dated));
    assert!(errors.len() == 1 && errors[0].contains(&undated), "{errors:?}");
}

#[tokio::test]
async fn a_shell_that_retention_left_is_found_and_deleted() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let ids = fake.seed_with(Seed::count(1).emptied_by_retention());
    let id = records(&fake, &ids).remove(0);
    assert!(reader(&fake).lookup(&id).await.is_present());
    assert!(deleter(&fake).delete(&id).await.unwrap().outcome().is_success());
    assert!(reader(&fake).lookup(&id).await.is_absent());
}
