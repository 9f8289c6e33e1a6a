//! The handles that tests hold.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::Engine;
use crate::faults::Fault;
use crate::keys::{Owner, Role};
use crate::log::{RequestRecord, Stats};
use crate::message::{FakeReply, FakeRequest};
use crate::options::OptionError;
use crate::records::{ChildView, Hidden, RecordState, RecordView, Seed};
use crate::server::Server;
use crate::transport::FakeTransport;
use crate::{Route, Vendor, corti};

/// The state that a handle, its server and its transports share.
pub(crate) struct Shared(Mutex<Engine>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Engine> {
        // A test that panicked while holding the lock has failed already; the state is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One fake vendor: on a port of 127.0.0.1, in the process, or both.
///
/// Dropping it closes the port and every connection. Everything but the start is synchronous.
pub struct Fake {
    vendor: Vendor,
    shared: Arc<Shared>,
    server: Option<Server>,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("vendor", &self.vendor).field("origin", &self.origin()).finish_non_exhaustive()
    }
}

impl Fake {
    /// A fake without a socket, reached by [`transport`](Self::transport) or [`handle`](Self::handle).
    pub fn in_process(vendor: Vendor) -> Self {
        Self { vendor, shared: Arc::new(Shared(Mutex::new(Engine::new(vendor)))), server: None }
    }

    /// A fake that serves on a free port of 127.0.0.1. Must be called in a Tokio runtime with time and I/O enabled.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(vendor: Vendor) -> io::Result<Self> {
        Self::start_on(vendor, 0).await
    }

    /// A fake that serves on this port of 127.0.0.1; 0 picks a free one.
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start_on(vendor: Vendor, port: u16) -> io::Result<Self> {
        let mut fake = Self::in_process(vendor);
        fake.server = Some(Server::start(Arc::clone(&fake.shared), port).await?);
        Ok(fake)
    }

    /// Closes the port and every connection; the state can still be asked.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Whose fake it is.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// `http://127.0.0.1:PORT`, or `None` where nothing is served.
    pub fn origin(&self) -> Option<String> {
        self.server.as_ref().map(|server| format!("http://{}", server.address))
    }

    /// The base URL to give to a client. Where nothing is served it is that of the real vendor, for a client that
    /// sends through [`transport`](Self::transport) and nowhere else.
    pub fn base_url(&self) -> String {
        self.vendor.base_url(self.origin().as_deref())
    }

    /// The environment variables that point a client here, with a credential that may do everything.
    pub fn env(&self) -> Vec<(String, String)> {
        self.env_as(Role::Full)
    }

    /// The environment variables that point a client here, with the credential of this role.
    pub fn env_as(&self, role: Role) -> Vec<(String, String)> {
        self.vendor.env(self.vendor.key(role), self.origin().as_deref())
    }

    /// The API key of this role; at Corti a fixed access token, for `CORTI_ACCESS_TOKEN`, issued as the options
    /// `issuer_environment` and `issuer_realm` say at present.
    pub fn key(&self, role: Role) -> String {
        match self.vendor {
            Vendor::Corti => corti::fixed_access_token(role, &self.shared.lock().world.options),
            _ => self.vendor.key(role).secret.to_owned(),
        }
    }

    /// A transport that leads to this fake without a socket.
    pub fn transport(&self) -> FakeTransport {
        FakeTransport::new(Arc::clone(&self.shared))
    }

    /// Answers a request at once, as plain data.
    pub fn handle(&self, request: FakeRequest) -> FakeReply {
        self.shared.lock().handle(request)
    }

    /// Makes this many records and gives their ids.
    pub fn seed(&self, count: usize) -> Vec<String> {
        self.seed_with(Seed::count(count))
    }

    /// Makes records with these ids. One that was deleted is present again.
    pub fn seed_ids<I: Into<String>>(&self, ids: impl IntoIterator<Item = I>) -> Vec<String> {
        self.seed_with(Seed::ids(ids))
    }

    /// Makes records in another workspace or another state, and gives their ids.
    pub fn seed_with(&self, seed: Seed) -> Vec<String> {
        self.shared.lock().world.seed(&seed)
    }

    /// Deletes records as another party would: no request shows it.
    pub fn remove(&self, id: &str) {
        self.shared.lock().world.remove(id);
    }

    /// Gives a record this life-cycle state, such as `ended` at Tavus.
    pub fn set_status(&self, id: &str, status: &str) {
        self.shared.lock().world.records.set_status(id, status);
    }

    /// A new message comes now: no record is more recent than this one.
    pub fn touch(&self, id: &str) {
        self.shared.lock().world.touch(id);
    }

    /// Hides a record from reads of one kind, [`Route::Get`] or [`Route::List`]; [`Route::Any`] shows it again.
    /// Another route changes nothing.
    pub fn hide(&self, id: &str, from: Route) {
        let hidden = match from {
            Route::Any => Hidden::None,
            Route::Get => Hidden::Get,
            Route::List => Hidden::List,
            _ => return,
        };
        self.shared.lock().world.records.hide(id, hidden);
    }

    /// Corti: what belongs to an interaction of either workspace, and what has become of it.
    pub fn children(&self, id: &str) -> Vec<ChildView> {
        self.shared.lock().world.records.child_views(id)
    }

    /// The records of the usual workspace, in the order of seeding.
    pub fn records(&self) -> Vec<RecordView> {
        self.shared.lock().world.records.views(Owner::Own)
    }

    /// The records that only [`Role::Foreign`] sees.
    pub fn foreign_records(&self) -> Vec<RecordView> {
        self.shared.lock().world.records.views(Owner::Foreign)
    }

    /// What has become of a record of either workspace; `None` where it never was.
    pub fn state_of(&self, id: &str) -> Option<RecordState> {
        self.shared.lock().world.records.state_of(id)
    }

    /// What a path mistake would hit: agents, files and tags, or PALs and Faces. All should stay `present`.
    pub fn neighbours(&self) -> Vec<RecordView> {
        self.shared.lock().world.records.neighbours()
    }

    /// The latest requests, oldest first; how many are kept is the option `request_log`.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.lock().log.latest().iter().cloned().collect()
    }

    /// Counters of all requests.
    pub fn stats(&self) -> Stats {
        self.shared.lock().log.stats.clone()
    }

    /// Lets something go wrong.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().add_fault(fault);
    }

    /// Chooses a variant of an undocumented behaviour.
    ///
    /// # Errors
    /// When there is no such option, or it does not take the value; the message names what there is.
    pub fn set_option(&self, name: &str, value: &str) -> Result<(), OptionError> {
        self.shared.lock().world.options.set(name, value)
    }

    /// Revokes a credential, and with it every token made from it.
    pub fn revoke(&self, role: Role) {
        self.shared.lock().revoke(role);
    }

    /// Corti: makes every token that was given out worthless, while the client may get a new one.
    pub fn expire_tokens(&self) {
        self.shared.lock().forget_tokens();
    }

    /// Moves the fake's clock forward: tokens end and throttle windows pass without any waiting.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().world.clock.advance(by);
    }

    /// Back to the start: no records, requests or faults; options at their defaults, keys alive, clock on time.
    pub fn reset(&self) {
        self.shared.lock().reset();
    }
}

/// All four fakes, each on its own port.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fakes {
    /// Corti.
    pub corti: Fake,
    /// Fini.
    pub fini: Fake,
    /// ElevenLabs.
    pub elevenlabs: Fake,
    /// Tavus.
    pub tavus: Fake,
}

impl Fakes {
    /// Starts all four on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be opened.
    pub async fn start() -> io::Result<Self> {
        Ok(Self {
            corti: Fake::start(Vendor::Corti).await?,
            fini: Fake::start(Vendor::Fini).await?,
            elevenlabs: Fake::start(Vendor::ElevenLabs).await?,
            tavus: Fake::start(Vendor::Tavus).await?,
        })
    }

    /// All of them, in the order of [`Vendor::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = &Fake> {
        [&self.corti, &self.fini, &self.elevenlabs, &self.tavus].into_iter()
    }

    /// The one of this vendor.
    pub fn get(&self, vendor: Vendor) -> &Fake {
        match vendor {
            Vendor::Corti => &self.corti,
            Vendor::Fini => &self.fini,
            Vendor::ElevenLabs => &self.elevenlabs,
            Vendor::Tavus => &self.tavus,
        }
    }

    /// The environment variables that point clients at all four.
    pub fn env(&self) -> Vec<(String, String)> {
        self.iter().flat_map(Fake::env).collect()
    }

    /// The same as lines `NAME=value`.
    pub fn env_lines(&self) -> String {
        self.env().into_iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}
