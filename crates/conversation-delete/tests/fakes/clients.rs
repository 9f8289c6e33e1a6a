//! Clients of a fake, over its transport in the process unless it has a socket. Waits take no time.

use std::collections::HashMap;
use std::time::SystemTime;

use conversation_delete::testing::TestClock;
use conversation_delete::{
    ApiKey, ClientCredentials, Deleter, ErasureMode, Listing, RecordId, RecordMeta, RecordReader, Status,
};
use conversation_delete::{corti, elevenlabs, fini, tavus};
use conversation_delete_fake::{Fake, Role, Route, Vendor};

macro_rules! build {
    ($fake:expr, $builder:expr) => {{
        let fake: &Fake = $fake;
        let builder = $builder.clock(TestClock::starting_at(SystemTime::now()));
        let builder = if fake.origin().is_none() { builder.transport(fake.transport()) } else { builder };
        builder.build().unwrap()
    }};
}

pub(crate) fn deleter(fake: &Fake) -> Box<dyn Deleter> {
    match fake.vendor() {
        Vendor::Corti => Box::new(corti(fake, Role::Full)),
        Vendor::Fini => Box::new(fini(fake, Role::Full)),
        Vendor::ElevenLabs => Box::new(elevenlabs(fake, Role::Full)),
        _ => Box::new(tavus(fake, Role::Full).with_erasure_mode(ErasureMode::Hard)),
    }
}

pub(crate) fn reader(fake: &Fake) -> Box<dyn RecordReader> {
    reader_as(fake, Role::Full)
}

pub(crate) fn reader_as(fake: &Fake, role: Role) -> Box<dyn RecordReader> {
    match fake.vendor() {
        Vendor::Corti => Box::new(corti(fake, role)),
        Vendor::Fini => Box::new(fini(fake, role)),
        Vendor::ElevenLabs => Box::new(elevenlabs(fake, role)),
        _ => Box::new(tavus(fake, role)),
    }
}

pub(crate) fn corti(fake: &Fake, role: Role) -> corti::Client {
    let mut env: HashMap<_, _> = fake.env_as(role).into_iter().collect();
    let mut take = |name: &str| env.remove(name).unwrap();
    let credentials = ClientCredentials::new(take("CORTI_CLIENT_ID"), take("CORTI_CLIENT_SECRET"));
    let builder = corti::Client::builder(corti::Environment::Eu, take("CORTI_TENANT_NAME"), credentials)
        .base_url(take("CORTI_BASE_URL"))
        .auth_url(take("CORTI_AUTH_URL"));
    build!(fake, builder)
}

pub(crate) fn fini(fake: &Fake, role: Role) -> fini::Client {
    build!(fake, fini::Client::builder(key(fake, role)).base_url(fake.base_url()))
}

pub(crate) fn elevenlabs(fake: &Fake, role: Role) -> elevenlabs::Client {
    build!(fake, elevenlabs::Client::builder(key(fake, role)).base_url(fake.base_url()))
}

pub(crate) fn tavus(fake: &Fake, role: Role) -> tavus::Client {
    build!(fake, tavus::Client::builder(key(fake, role)).base_url(fake.base_url()))
}

fn key(fake: &Fake, role: Role) -> ApiKey {
    ApiKey::new(fake.key(role)).unwrap()
}

/// The list of a vendor that lists by status.
pub(crate) fn list_by_status(fake: &Fake, statuses: &[Status]) -> Listing {
    let statuses = statuses.iter().cloned();
    let listing = match fake.vendor() {
        Vendor::Corti => corti(fake, Role::Full).list(&statuses.fold(corti::Filter::new(), corti::Filter::with_status)),
        Vendor::ElevenLabs => elevenlabs(fake, Role::Full)
            .list(&statuses.fold(elevenlabs::Filter::new(), elevenlabs::Filter::with_status)),
        _ => tavus(fake, Role::Full).list(&statuses.fold(tavus::Filter::new(), tavus::Filter::with_status)),
    };
    listing.unwrap()
}

/// All records of a listing. An error is a failed test.
pub(crate) async fn all(mut listing: Listing) -> Vec<RecordMeta> {
    let mut all = Vec::new();
    while let Some(found) = listing.next().await {
        all.push(found.unwrap());
    }
    all
}

/// The ids of records as text, in order.
pub(crate) fn sorted_ids<'a>(found: impl IntoIterator<Item = &'a RecordMeta>) -> Vec<String> {
    let mut ids: Vec<String> = found.into_iter().map(|found| found.id().to_string()).collect();
    ids.sort();
    ids
}

pub(crate) fn records(fake: &Fake, ids: &[String]) -> Vec<RecordId> {
    let deleter = deleter(fake);
    ids.iter().map(|id| deleter.parse_id(id).unwrap()).collect()
}

/// The routes that delete at this vendor.
pub(crate) fn delete_routes(vendor: Vendor) -> impl Iterator<Item = Route> {
    vendor.routes().iter().copied().filter(|route| matches!(route, Route::Delete | Route::BulkDelete))
}
