//! The handles that tests hold.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::faults::{Fault, FaultHandle};
use crate::keys::{Owner, Role};
use crate::log::{RequestRecord, Stats};
use crate::message::{FakeReply, FakeRequest};
use crate::options::OptionError;
use crate::records::{ChildView, Hidden, RecordState, RecordView, Seed};
use crate::server::Server;
use crate::shared::Shared;
use crate::transport::FakeTransport;
use crate::{Route, Vendor, corti};

/// One fake vendor: on a port, in the process, or both.
///
/// Dropping it stops the server, as [`stop`](Self::stop) does. Everything but the start is synchronous.
///
/// What cannot work panics, so that no test passes without the condition that it asked for: a fault on a route that the
/// vendor does not have, a state that no record of the vendor can have, an id that was never seeded.
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
        Self { vendor, shared: Arc::new(Shared::new(vendor)), server: None }
    }

    /// A fake that serves on a free port of 127.0.0.1, from a thread of its own.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn start(vendor: Vendor) -> io::Result<Self> {
        Self::start_on(vendor, (Ipv4Addr::LOCALHOST, 0)).await
    }

    /// A fake that serves on this address; port 0 picks a free one.
    ///
    /// Whoever reaches the address can use the control API, which has no password.
    ///
    /// # Errors
    /// If the port cannot be opened; the text names the address and the vendor.
    pub async fn start_on(vendor: Vendor, address: impl Into<SocketAddr>) -> io::Result<Self> {
        let address = address.into();
        let mut fake = Self::in_process(vendor);
        let server = Server::start(Arc::clone(&fake.shared), address);
        let explain =
            |error: io::Error| io::Error::new(error.kind(), format!("{address} ({}): {error}", vendor.as_str()));
        fake.server = Some(server.map_err(explain)?);
        Ok(fake)
    }

    /// Closes the port and every connection. After it returns, a connection attempt is refused and no request is
    /// handled, even one that has arrived already. The state can still be read.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Whose fake it is.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// `http://127.0.0.1:PORT` or the like, or `None` if nothing is served. If the fake serves on all addresses, it is
    /// that of loopback.
    pub fn origin(&self) -> Option<String> {
        self.server.as_ref().map(|server| format!("http://{}", reachable(server.address)))
    }

    /// The base URL to give to a client. If nothing is served it is that of the real vendor, for a client that sends
    /// through [`transport`](Self::transport) and nowhere else.
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

    /// Responds to a request at once, as plain data.
    pub fn handle(&self, request: FakeRequest) -> FakeReply {
        self.shared.handle(request)
    }

    /// Makes this many records and returns their ids.
    ///
    /// # Panics
    /// As [`seed_with`](Self::seed_with).
    #[track_caller]
    pub fn seed(&self, count: usize) -> Vec<String> {
        self.seed_with(Seed::count(count))
    }

    /// Makes records with these ids. One that was deleted is present again.
    ///
    /// # Panics
    /// As [`seed_with`](Self::seed_with).
    #[track_caller]
    pub fn seed_ids<I: Into<String>>(&self, ids: impl IntoIterator<Item = I>) -> Vec<String> {
        self.seed_with(Seed::ids(ids))
    }

    /// Makes records in another workspace or another state, and returns their ids.
    ///
    /// # Panics
    /// If no record of this vendor can be what the seed says, or there are more than five million.
    #[track_caller]
    pub fn seed_with(&self, seed: Seed) -> Vec<String> {
        let seeded = self.shared.lock().world.seed(&seed);
        accepted(seeded)
    }

    /// Deletes a record as another party does: no request shows it.
    ///
    /// # Panics
    /// If no such record was seeded.
    #[track_caller]
    pub fn remove(&self, id: &str) {
        let removed = self.shared.lock().world.remove(&[id]);
        accepted(removed);
    }

    /// Gives a record this life-cycle state, such as `ended` at Tavus.
    ///
    /// # Panics
    /// If no such record was seeded, or no record of this vendor can have the state.
    #[track_caller]
    pub fn set_status(&self, id: &str, status: &str) {
        let set = self.shared.lock().world.set_status(id, status);
        accepted(set);
    }

    /// Gives a record a new message now: no record is more recent.
    ///
    /// # Panics
    /// If no such record was seeded.
    #[track_caller]
    pub fn add_message(&self, id: &str) {
        let added = self.shared.lock().world.add_message(id);
        accepted(added);
    }

    /// Hides a record from reads of one kind, [`Route::Get`] or [`Route::List`]; [`Route::Any`] shows it again.
    ///
    /// # Panics
    /// If no such record was seeded, or the route is another one.
    #[track_caller]
    pub fn hide(&self, id: &str, from: Route) {
        let from = match from {
            Route::Any => Ok(Hidden::None),
            Route::Get => Ok(Hidden::Get),
            Route::List => Ok(Hidden::List),
            other => Err(format!("a record can be hidden from `get` and `list`, not from `{other}`")),
        };
        let hidden = from.and_then(|from| self.shared.lock().world.hide(id, from));
        accepted(hidden);
    }

    /// Corti: the children of an interaction of either workspace, and what has become of them.
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

    /// What has become of a record of either workspace; `None` if there never was one.
    pub fn state_of(&self, id: &str) -> Option<RecordState> {
        self.shared.lock().world.records.state_of(id)
    }

    /// What a path mistake would hit: agents, files and tags, or PALs and Faces. All should stay `present`.
    pub fn adjacent_resources(&self) -> Vec<RecordView> {
        self.shared.lock().world.records.adjacent_resources()
    }

    /// The latest requests, oldest first; the option `request_log_bytes` says how much of them is kept.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.lock().log.latest()
    }

    /// Counters of all requests.
    pub fn stats(&self) -> Stats {
        self.shared.lock().log.stats.clone()
    }

    /// Sets a fault. The handle counts the calls that it hits.
    ///
    /// # Panics
    /// If the fault cannot work: the vendor does not have the route, `nth` is 0, a redirect has a status such as 200.
    #[track_caller]
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        accepted(fault.check(self.vendor));
        self.shared.lock().faults.add(fault)
    }

    /// Clears all faults. Records, requests and options stay.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Chooses a variant of an undocumented behaviour.
    ///
    /// # Errors
    /// If there is no such option, or it does not take the value; the message names what there is.
    pub fn set_option(&self, name: &str, value: &str) -> Result<(), OptionError> {
        self.shared.lock().world.options.set(name, value)
    }

    /// Revokes a credential, and with it every token made from it.
    pub fn revoke(&self, role: Role) {
        self.shared.lock().world.keys.revoke(role);
    }

    /// Corti: makes every token that was given out worthless, while the client may get a new one.
    pub fn expire_tokens(&self) {
        self.shared.lock().forget_tokens();
    }

    /// Moves the fake's clock forward: tokens end and throttle windows pass without any waiting. Dates in headers stay the
    /// computer's; the option `date_header` makes them wrong.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().world.clock.advance(by);
    }

    /// Goes back to the start as [`reset`](Self::reset) does, and makes what comes next depend on this number alone, on
    /// every machine: ids, times of records (from 2026-01-01T00:00:00Z on) and Corti's tokens. The API keys are always
    /// the same, and the `Date` of a response is never. Later resets keep the number.
    pub fn set_random_seed(&self, random_seed: u64) {
        self.shared.lock().restart(Some(random_seed));
    }

    /// Back to the start: no records, requests or faults; options at their defaults, keys alive, clock on time.
    pub fn reset(&self) {
        self.shared.lock().reset();
    }
}

/// An address that a client on this machine can connect to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Panics at the caller's line if the fake does not take what it was given.
#[track_caller]
fn accepted<T>(result: Result<T, String>) -> T {
    match result {
        Ok(value) => value,
        Err(problem) => panic!("the fake does not take this: {problem}"),
    }
}
