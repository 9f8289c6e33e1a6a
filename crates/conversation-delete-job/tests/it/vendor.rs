//! A scripted vendor of the tests' own: it takes several records in one request, its reader may scan a whole list, and a
//! model keeps what it holds and every request that it got. Time passes only in sleeps.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use delete_core::http::{self, Body, Bytes, Method, Request, Response, TransportError, TransportErrorKind};
use delete_core::testing::{ResponseExt, TestClock, response};
use delete_core::vendor_kit::{
    Auth, BufferedResponse, ClientOptions, Collection, Pipeline, ResponseRules, VendorError, Verdict,
};
use delete_core::{
    ApiKey, BaseUrl, Clock, ConversationId, CredentialCheck, Deleter, Deletion, Error, ErrorKind, Filter, Listing,
    Outcome, Presence, RecordId, RecordReader, RetryPolicy, Status as RecordStatus, Vendor,
};

pub(crate) const VENDOR: Vendor = Vendor::new("tavus", "Tavus");

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Delete(Vec<String>),
    Lookup(Vec<String>),
    Check,
}

impl Call {
    pub(crate) fn deleted(&self) -> &[String] {
        if let Self::Delete(ids) = self { ids } else { &[] }
    }

    pub(crate) fn looked_up(&self) -> &[String] {
        if let Self::Lookup(ids) = self { ids } else { &[] }
    }
}

/// How the vendor handles a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    /// It acts, and reports that.
    Right,
    /// It acts, and the response is lost.
    Lost,
    /// It does not act, and no response comes.
    Dead,
    /// It does not act.
    Status(u16),
    /// Something else responds with a page, and the vendor does not act.
    Page,
    /// It acts, and responds with a failure.
    Late(u16),
    /// It does not act, and responds with `Retry-After` in seconds.
    Wait(u16, u64),
}

/// What the vendor holds, and what it was sent.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) present: BTreeSet<String>,
    pub(crate) requests: Vec<(Call, Instant)>,
    /// What requests removed.
    pub(crate) removed: BTreeSet<String>,
    /// The records whose deletes are being handled.
    pub(crate) in_flight: Vec<String>,
    /// The ids that the reader learned its credential saw.
    seen: BTreeSet<String>,
}

impl Model {
    pub(crate) fn deletes(&self) -> Vec<Vec<String>> {
        let ids = self.requests.iter().map(|(call, _)| call.deleted().to_vec());
        ids.filter(|ids| !ids.is_empty()).collect()
    }

    pub(crate) fn lookups(&self) -> Vec<Vec<String>> {
        let ids = self.requests.iter().map(|(call, _)| call.looked_up().to_vec());
        ids.filter(|ids| !ids.is_empty()).collect()
    }

    /// Removes these if they are there. Like Fini, it reports success only if all of them were.
    fn delete(&mut self, ids: &[String]) -> u16 {
        let removed: Vec<&String> = ids.iter().filter(|id| self.present.remove(*id)).collect();
        self.removed.extend(removed.iter().map(|id| (*id).clone()));
        if removed.len() == ids.len() { 200 } else { 406 }
    }

    fn respond(&mut self, call: &Call, reply: Reply) -> Result<Response<Body>, TransportError> {
        let acts = matches!(reply, Reply::Right | Reply::Lost | Reply::Late(_));
        let status = if acts { self.delete(call.deleted()) } else { 200 };
        match reply {
            Reply::Right if *call == Call::Check || !call.looked_up().is_empty() => {
                let shown: Vec<String> = self.present.iter().map(|id| format!("\"{id}\"")).collect();
                Ok(response(200, format!("[{}]", shown.join(","))))
            }
            Reply::Right => Ok(response(status, "")),
            Reply::Lost | Reply::Dead => Err(TransportError::new(TransportErrorKind::Interrupted, "lost")),
            Reply::Page => Ok(response(203, "<html>")),
            Reply::Status(status) | Reply::Late(status) => Ok(response(status, "")),
            Reply::Wait(status, seconds) => Ok(response(status, "").with_header("retry-after", &seconds.to_string())),
        }
    }
}

type Script = dyn Fn(&mut Model, &Call) -> Reply + Send + Sync;

/// The vendor and its clients.
#[derive(Clone)]
pub(crate) struct TestVendor {
    pub(crate) clock: TestClock,
    pub(crate) model: Arc<Mutex<Model>>,
    script: Arc<Script>,
    pub(crate) max_batch: usize,
    pub(crate) scans: bool,
    pub(crate) latency: Duration,
}

impl TestVendor {
    pub(crate) fn new(script: impl Fn(&mut Model, &Call) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            clock: TestClock::new(),
            model: Arc::default(),
            script: Arc::new(script),
            max_batch: 1,
            scans: false,
            latency: Duration::ZERO,
        }
    }

    pub(crate) fn client(&self) -> TestClient {
        let vendor = self.clone();
        let mut options = ClientOptions::default();
        options.clock = Arc::new(self.clock.clone());
        options.retry = RetryPolicy::none();
        options.transport = Some(Arc::new(http::from_fn(move |request| vendor.clone().handle(request))));
        let base = BaseUrl::parse("https://vendor.test").unwrap();
        let auth = Auth::bearer_key(&ApiKey::new("key").unwrap()).unwrap();
        let pipeline = options.build(VENDOR, "test", &[&base], auth).unwrap();
        TestClient { pipeline, records: base.collection(&["records"]), vendor: self.clone() }
    }

    async fn handle(self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let call = read_call(&request);
        let response = {
            let mut model = self.model.lock().unwrap();
            for id in call.deleted() {
                assert!(!model.in_flight.contains(id), "{id} is in flight twice");
            }
            model.in_flight.extend_from_slice(call.deleted());
            model.requests.push((call.clone(), self.clock.now()));
            let reply = (self.script)(&mut model, &call);
            model.respond(&call, reply)
        };
        let _landing = Landing { vendor: &self, call: &call };
        if !self.latency.is_zero() {
            self.clock.sleep(self.latency).await;
        }
        response
    }
}

/// The records are in flight until the response is there, or nobody waits for it any more.
struct Landing<'a> {
    vendor: &'a TestVendor,
    call: &'a Call,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.vendor.model.lock().unwrap().in_flight.retain(|id| !self.call.deleted().contains(id));
    }
}

fn read_call(request: &Request<Bytes>) -> Call {
    let ids = |text: &str| text.split('.').map(str::to_owned).collect();
    let query = request.uri().query().unwrap_or_default();
    match (request.method(), query.split_once("ids=")) {
        (&Method::GET, Some((_, text))) => Call::Lookup(ids(text)),
        (&Method::GET, None) => Call::Check,
        _ => Call::Delete(ids(std::str::from_utf8(request.body()).unwrap())),
    }
}

/// Deletes and looks up the records of a [`TestVendor`].
#[derive(Clone)]
pub(crate) struct TestClient {
    pipeline: Pipeline,
    records: Collection,
    vendor: TestVendor,
}

const ONE: ResponseRules = ResponseRules {
    classify_success: |response| match response.status() {
        200 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    },
    read_error: |_| VendorError::default(),
    override_by_code: |response, _| (response.status() == 406).then_some(Verdict::Absent),
};
const SEVERAL: ResponseRules = ResponseRules { override_by_code: |response, _| partly(response), ..ONE };
const LIST: ResponseRules =
    ResponseRules { classify_success: ResponseRules::read_success, override_by_code: |_, _| None, ..ONE };

fn partly(response: &BufferedResponse) -> Option<Verdict> {
    (response.status() == 406).then_some(Verdict::PartlyAbsent)
}

#[async_trait]
impl Deleter for TestClient {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        ConversationId::new(id).map(RecordId::from)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.delete_batch(std::slice::from_ref(id)).await.pop().unwrap()
    }

    fn max_batch(&self) -> usize {
        self.vendor.max_batch
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let rules = if ids.len() == 1 { &ONE } else { &SEVERAL };
        match self.pipeline.delete_records(&self.records, join(ids).into_bytes(), ids.to_vec(), rules).await {
            Ok(deletions) => {
                let deleted = deletions.deletions().iter().filter(|deletion| deletion.outcome() == Outcome::Deleted);
                self.vendor.model.lock().unwrap().seen.extend(deleted.map(|deletion| deletion.id().to_string()));
                deletions.into_iter().map(Ok).collect()
            }
            Err(error) => vec![Err(error); ids.len()],
        }
    }
}

fn join(ids: &[RecordId]) -> String {
    ids.iter().map(RecordId::to_string).collect::<Vec<_>>().join(".")
}

#[async_trait]
impl RecordReader for TestClient {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        Err(Error::invalid_input("it cannot be listed"))
    }

    async fn lookup(&self, id: &RecordId) -> Presence {
        self.lookup_many(std::slice::from_ref(id)).await.pop().unwrap()
    }

    /// A reader that scans knows a record as absent only if its credential saw it before.
    async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
        let query = [("ids", join(ids))];
        let listed: Vec<String> = match self.pipeline.read_page(&self.records, &query, &LIST).await {
            Ok(listed) => listed,
            Err(error) => return vec![Presence::Unknown(error); ids.len()],
        };
        let mut model = self.vendor.model.lock().unwrap();
        let presence = |id: &RecordId| {
            let id = id.to_string();
            if listed.contains(&id) {
                model.seen.insert(id);
                return Presence::present(None);
            }
            let is_proof = !self.vendor.scans || model.seen.contains(&id);
            if is_proof { Presence::Absent } else { Presence::Unknown(never_seen()) }
        };
        ids.iter().map(presence).collect()
    }

    fn prefers_bulk_lookup(&self) -> bool {
        self.vendor.scans
    }

    async fn active_status(&self, _: &RecordId) -> Result<Option<RecordStatus>, Error> {
        Ok(None)
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let listed: Vec<String> = self.pipeline.read_page(&self.records, &[], &LIST).await?;
        Ok(CredentialCheck::new("vendor.test".to_owned(), !listed.is_empty()))
    }

    fn mark_seen(&self, ids: &[RecordId]) {
        self.vendor.model.lock().unwrap().seen.extend(ids.iter().map(RecordId::to_string));
    }
}

/// The error of a vendor whose list does not have the record.
fn never_seen() -> Error {
    Error::builder(ErrorKind::NotFound, "never seen").for_reading().delivery(delete_core::Delivery::Answered).build()
}
