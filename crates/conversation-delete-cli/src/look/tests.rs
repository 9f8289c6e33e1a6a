use std::sync::Mutex;

use async_trait::async_trait;
use delete_core::testing::TestClock;
use delete_core::{ConversationId, CredentialCheck, ErrorKind, Filter, Listing, Status, Vendor};

use super::*;

/// A vendor that gives the lookup results a test wants.
pub(crate) struct Scripted {
    answers: Box<Answers>,
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) clock: TestClock,
    pub(crate) prefers_bulk_lookup: bool,
    pub(crate) check: Result<CredentialCheck, Error>,
}

type Answers = dyn Fn(&str, usize) -> Presence + Send + Sync;

impl Scripted {
    /// `answers` is given an id and how often it was asked for before.
    pub(crate) fn new(answers: impl Fn(&str, usize) -> Presence + Send + Sync + 'static) -> Self {
        Self {
            answers: Box::new(answers),
            asked: Mutex::default(),
            clock: TestClock::new(),
            prefers_bulk_lookup: false,
            check: Ok(CredentialCheck::new("https://example.com", true)),
        }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub(crate) fn there() -> Presence {
    Presence::present(Some(Status::new("ended")))
}

pub(crate) fn id(text: &str) -> RecordId {
    ConversationId::new(text).unwrap().into()
}

#[async_trait]
impl RecordReader for Scripted {
    fn vendor(&self) -> Vendor {
        tavus_delete::VENDOR
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        Err(Error::invalid_input("for show"))
    }

    async fn lookup(&self, id: &RecordId) -> Presence {
        // As a request would, it lets others go on.
        tokio::task::yield_now().await;
        let id = id.to_string();
        let mut asked = self.asked.lock().unwrap();
        let before = asked.iter().filter(|other| **other == id).count();
        asked.push(id.clone());
        (self.answers)(&id, before)
    }

    async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
        Ok(None)
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        self.check.clone()
    }

    fn prefers_bulk_lookup(&self) -> bool {
        self.prefers_bulk_lookup
    }
}

/// An error of this kind, as a client makes it.
pub(crate) async fn error_of(status: u16) -> Error {
    use delete_core::http::from_fn;
    use delete_core::testing::response;
    let transport = from_fn(move |_| async move { Ok(response(status, "")) });
    let builder = tavus_delete::Client::builder(delete_core::ApiKey::new("k").unwrap()).transport(transport);
    let client = builder.clock(TestClock::new()).build().unwrap();
    match client.lookup(&id("c1")).await {
        Presence::Unknown(error) => error,
        other => panic!("{status} makes {other:?}"),
    }
}

fn words(seen: &Seen) -> Vec<&'static str> {
    seen.iter().map(|presence| presence.as_ref().map_or("-", Presence::as_str)).collect()
}

fn ids(count: usize) -> Vec<RecordId> {
    (0..count).map(|number| id(&format!("c{number}"))).collect()
}

#[tokio::test]
async fn what_is_still_there_is_looked_at_again() {
    let reader = Scripted::new(|id, before| match (id, before) {
        ("c1", 0..2) => there(),
        ("c2", _) => there(),
        _ => Presence::Absent,
    });
    let mut seen = Seen::new();
    Looker::new(&reader, 4, &reader.clock).look(&ids(4), VerifyPolicy::default(), &mut seen).await;
    assert_eq!(words(&seen), ["absent", "absent", "present", "absent"]);
    let asked = |id: &str| reader.asked().iter().filter(|asked| *asked == id).count();
    assert_eq!(["c0", "c1", "c2", "c3"].map(asked), [1, 3, 4, 1]);
    assert_eq!(reader.clock.slept(), [1, 2, 4].map(Duration::from_secs));
}

#[tokio::test]
async fn a_refused_credential_costs_one_look() {
    for status in [401, 403] {
        let error = error_of(status).await;
        let is_refused = error.is_credential_refused();
        let reader = Scripted::new(move |_, _| Presence::Unknown(error.clone()));
        let mut looker = Looker::new(&reader, 4, &reader.clock);
        let mut seen = Seen::new();
        looker.look(&ids(5), VerifyPolicy::once(), &mut seen).await;
        if is_refused {
            assert_eq!(words(&seen), ["unknown", "-", "-", "-", "-"]);
            assert_eq!(looker.stop().map(|(stop, _)| stop), Some(Stop::CredentialRefused));
        } else {
            assert_eq!(words(&seen), ["unknown"; 5]);
        }
    }
}

#[tokio::test]
async fn a_vendor_that_is_down_is_left_alone() {
    let error = error_of(500).await;
    assert_eq!(error.kind(), ErrorKind::Server);
    let reader = Scripted::new(move |_, _| Presence::Unknown(error.clone()));
    let mut looker = Looker::new(&reader, 1, &reader.clock);
    let mut seen = Seen::new();
    looker.look(&ids(100), VerifyPolicy::once(), &mut seen).await;
    assert_eq!(looker.stop().map(|(stop, _)| stop), Some(Stop::Hopeless));
    assert_eq!(words(&seen).iter().filter(|word| **word == "unknown").count(), 25);
}

#[tokio::test]
async fn a_sweep_gets_all_ids_at_once() {
    let mut reader = Scripted::new(|id, _| if id == "c1" { there() } else { Presence::Absent });
    reader.prefers_bulk_lookup = true;
    let mut looker = Looker::new(&reader, 4, &reader.clock);
    assert_eq!(looker.window(100_000), 100_000);
    let mut seen = Seen::new();
    looker.look(&ids(3), VerifyPolicy::once(), &mut seen).await;
    assert_eq!(words(&seen), ["absent", "present", "absent"]);
}

#[test]
fn a_wait_is_kept_to_the_millisecond_with_few_looks() {
    for (milliseconds, count) in
        [(0, 0), (1, 1), (1000, 1), (1001, 2), (3000, 2), (7000, 3), (60_000, 6), (43_200_000, 16)]
    {
        let waits: Vec<Duration> = looks_for(Duration::from_millis(milliseconds)).waits().collect();
        let sum: Duration = waits.iter().sum();
        assert_eq!(waits.len(), count, "{milliseconds}");
        assert!(sum.as_millis().abs_diff(milliseconds.into()) <= 1, "{milliseconds}: {sum:?}");
    }
    assert_eq!(looks_for(Duration::from_secs(7)), VerifyPolicy::default());
}
