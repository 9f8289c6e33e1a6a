//! A random seed fixes all that a fake makes up.

use conversation_delete_fake::{Fake, FakeRequest, Role, Seed, Vendor};

use crate::client::start;

/// Records, those of a second call included, the children of the first, and three tokens.
fn made(fake: &Fake) -> String {
    let ids = match fake.vendor() {
        Vendor::Corti => fake.seed_with(Seed::count(3).recordings(1).guided_documents(1)),
        _ => fake.seed(3),
    };
    fake.seed(2);
    let records = serde_json::to_string(&fake.records()).unwrap();
    let children = serde_json::to_string(&fake.children(&ids[0])).unwrap();
    let tokens = [(); 3].map(|()| token(fake)).join("\n");
    format!("{records}\n{children}\n{tokens}")
}

fn token(fake: &Fake) -> String {
    let form = "grant_type=client_credentials&client_id=fake-client&client_secret=fakeSecretOfTheFullClient0000001";
    let request = FakeRequest::new("POST", "/realms/base/protocol/openid-connect/token");
    let request = request.with_header("content-type", "application/x-www-form-urlencoded").with_body(form);
    String::from_utf8_lossy(fake.handle(request).body()).into_owned()
}

fn seeded(vendor: Vendor, random_seed: u64) -> Fake {
    let fake = Fake::in_process(vendor);
    fake.set_random_seed(random_seed);
    fake
}

#[test]
fn the_same_seed_makes_the_same_records_children_and_tokens() {
    for &vendor in Vendor::ALL {
        let first = made(&seeded(vendor, 7));
        std::thread::sleep(std::time::Duration::from_millis(1100)); // Tokens count seconds.
        let again = seeded(vendor, 7);
        assert_eq!(made(&again), first);
        again.reset();
        assert_eq!(made(&again), first, "a reset keeps the seed");
        for other in [0, 8, u64::MAX] {
            assert_ne!(made(&seeded(vendor, other)), first);
        }
    }
}

#[test]
fn what_a_seed_makes_is_the_same_on_every_machine() {
    for (vendor, id) in [
        (Vendor::Corti, "b8b4c297-7eab-4e45-a653-05fd338ec8fe"),
        (Vendor::Fini, "27e8ac81-e7bc-4b89-a80d-8cd94b1df319"),
        (Vendor::ElevenLabs, "conv_bq13eh7v3wbjy5mppkf0nzm08xcg"),
        (Vendor::Tavus, "cf53a29a26955"),
    ] {
        let fake = seeded(vendor, 7);
        fake.seed(2);
        let records = serde_json::to_value(fake.records()).unwrap();
        assert_eq!(records[0]["id"], id);
        let times = [&records[0]["created_at_ms"], &records[1]["created_at_ms"]];
        assert_eq!(times, [1_767_225_600_000_u64, 1_767_225_600_001].map(serde_json::Value::from).each_ref());
    }
}

#[test]
fn a_token_of_a_seeded_fake_is_good_as_long_as_any_other() {
    let fake = seeded(Vendor::Corti, 7);
    let id = fake.seed(1).remove(0);
    let answer: serde_json::Value = serde_json::from_str(&token(&fake)).unwrap();
    assert_eq!(answer["expires_in"], 300);
    let status = || {
        let request = FakeRequest::new("GET", format!("/v2/interactions/{id}"));
        let request =
            request.with_header("authorization", &format!("Bearer {}", answer["access_token"].as_str().unwrap()));
        fake.handle(request.with_header("tenant-name", "base")).status()
    };
    assert_eq!(status(), 200);
    fake.advance(std::time::Duration::from_secs(301));
    assert_eq!(status(), 401);
}

#[test]
fn a_seed_clears_what_was_there_and_keeps_the_keys() {
    let fake = start(Vendor::Tavus);
    let key = fake.key(Role::Full);
    fake.seed(3);
    fake.set_random_seed(1);
    assert!(fake.records().is_empty());
    assert_eq!(fake.key(Role::Full), key);
}
