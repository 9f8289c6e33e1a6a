//! Running the cases of a vendor.

use std::sync::Arc;
use std::time::SystemTime;

use delete_core::http::{Method, TransportError};
use delete_core::{ErasureMode, Error, RecordId, timestamp};
use serde_json::Value;

use crate::live::case::{Ask, Case, Fact};
use crate::live::facts;
use crate::live::report::{CaseReport, Observed, Report};
use crate::live::shape;
use crate::live::subject::{Lookup, Subject};
use crate::live::values::Values;
use crate::live::vendor::Vendor;
use crate::live::wire::{Exchange, Wire};

/// The most records that one run deletes.
pub const MAX_DELETES: usize = 5;

/// Why the cases after a delete show nothing if it was not confirmed.
const NOT_CONFIRMED: &str = "the delete was not confirmed: whether the record still exists is not known";

const DAY_MS: i64 = 86_400_000;

/// What to run.
#[allow(missing_debug_implementations)] // A lookup of variables shows nothing.
pub struct Options<'a> {
    /// The vendor.
    pub vendor: &'static Vendor,
    /// The variables that the client is built from, as for its `from_env`.
    pub lookup: Lookup<'a>,
    /// The ids of the records to delete; without any, the run only reads.
    pub delete: Vec<String>,
    /// The mode of the deletes, at a vendor that has two.
    pub mode: Option<ErasureMode>,
}

/// Why a run claims nothing of any case. Nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The client cannot be built, or its credential cannot be used.
    #[error("{0}")]
    Client(#[from] Error),
    /// No HTTP client can be built.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// The ids or the mode are refused.
    #[error("{0}")]
    Refused(String),
}

/// Checks the credential, and then runs the cases of a vendor.
///
/// # Errors
/// If the client cannot be built, its credential cannot be used, or an id is refused. Then nothing was deleted.
pub async fn run(options: Options<'_>) -> Result<Report, RunError> {
    let now_ms = timestamp::unix_millis(SystemTime::now());
    let mut run = Run::new(&options, now_ms)?;
    run.subject.reader.check_credential().await?;
    run.token = run.wire.take().into_iter().flatten().find(|exchange| exchange.is_token_request);
    let records = run.admit(&options.delete).await?;
    let mut cases = Vec::new();
    for case in options.vendor.reading {
        cases.push(run.case(case).await);
    }
    for (number, (id, found)) in records.into_iter().enumerate() {
        let reports = run.delete(id, found).await;
        cases.extend(reports.into_iter().map(|report| CaseReport { record: Some(number + 1), ..report }));
    }
    Ok(Report {
        schema: 1,
        vendor: options.vendor.name.into(),
        host: run.wire.host(),
        time: timestamp::from_unix_seconds(now_ms / 1000).map(timestamp::format).unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").into(),
        cases,
    })
}

struct Run {
    vendor: &'static Vendor,
    deleting: &'static [Case],
    wire: Arc<Wire>,
    subject: Subject,
    values: Values,
    token: Option<Exchange>,
}

impl Run {
    fn new(options: &Options<'_>, now_ms: i64) -> Result<Self, RunError> {
        check(options).map_err(RunError::Refused)?;
        let wire = Arc::new(Wire::new(options.vendor)?);
        let subject = Subject::new(options.vendor.name, options.lookup, options.mode, Arc::clone(&wire))?;
        let deleting = (options.vendor.deleting)(options.mode);
        let values = times(options.vendor, now_ms);
        Ok(Self { vendor: options.vendor, deleting, wire, subject, values, token: None })
    }

    /// Looks up each record that is to be deleted, and permits their deletes only if all of them were found and are over.
    async fn admit(&mut self, ids: &[String]) -> Result<Vec<(RecordId, CaseReport)>, RunError> {
        let mut records: Vec<(RecordId, CaseReport)> = Vec::new();
        for text in ids {
            let refuse = |problem: &str| RunError::Refused(format!("{text}: {problem}; nothing was deleted"));
            let id = self.parse(text).ok_or_else(|| refuse("it is not an id of this vendor"))?;
            if records.iter().any(|(known, _)| *known == id) {
                continue;
            }
            self.values.set("deleted", id.to_string());
            let found = self.case(&self.deleting[0]).await;
            if !shows_deleted(&found) {
                return Err(refuse(&format!("a lookup did not find it ({})", found.describe())));
            }
            match self.subject.reader.active_status(&id).await {
                Ok(None) => records.push((id, found)),
                Ok(Some(status)) => return Err(refuse(&format!("it is still active ({status})"))),
                Err(error) => return Err(refuse(&error.to_string())),
            }
        }
        records.iter().for_each(|(id, _)| self.wire.permit(&id.to_string()));
        Ok(records)
    }

    /// The deleting cases of a record that a lookup has found. Those after a delete that was not confirmed are not exercised:
    /// they would hold the vendor to a deletion that nobody observed.
    async fn delete(&mut self, id: RecordId, found: CaseReport) -> Vec<CaseReport> {
        self.values.set("deleted", id.to_string());
        self.values.remove("on_list");
        let mut reports = vec![found];
        let mut is_unconfirmed = false;
        for case in &self.deleting[1..] {
            if is_unconfirmed {
                reports.push(CaseReport::not_exercised(case, NOT_CONFIRMED.into()));
                continue;
            }
            let report = self.case(case).await;
            is_unconfirmed = case.name == "delete" && report.agrees != Some(true);
            reports.push(report);
        }
        reports
    }

    async fn case(&mut self, case: &Case) -> CaseReport {
        if let Some(missing) = case.needs.filter(|name| self.values.get(name).is_none()) {
            return not_found(case, missing);
        }
        self.wire.take();
        let client = match self.send(case.ask).await {
            Ok(client) => client,
            Err(missing) => return not_found(case, &missing),
        };
        let sent = match case.ask {
            Ask::Token => self.token.clone().map(Ok),
            _ => self.wire.take().into_iter().find(|sent| !matches!(sent, Ok(sent) if sent.is_token_request)),
        };
        match sent {
            None if matches!(case.ask, Ask::Token) => not_found(case, "a token request of the client"),
            None => CaseReport::failed(case, "the client sent nothing".into()),
            Some(Err(error)) => CaseReport::failed(case, error.to_string()),
            Some(Ok(exchange)) => {
                let body = exchange.json();
                let report = CaseReport::of(case, self.observe(case, &exchange, &body, client));
                self.learn(case, &body);
                report
            }
        }
    }

    /// Sends what a case sends, and returns what the client made of it. The error is a value that is not known.
    async fn send(&self, ask: Ask) -> Result<Option<String>, String> {
        match ask {
            Ask::Token => {}
            Ask::Get(path) => self.send_bare(Method::GET, path, None).await?,
            Ask::GetWith(path, change) => self.send_bare(Method::GET, path, Some(change)).await?,
            Ask::RawDelete(path) => self.send_bare(Method::DELETE, path, None).await?,
            Ask::Lookup(id) => {
                let id = self.id(id)?;
                return Ok(Some(self.subject.reader.lookup(&id).await.to_string()));
            }
            Ask::Delete => {
                let (id, deleter) = (self.id("{deleted}")?, self.subject.deleter.as_ref());
                return Ok(match deleter.ok_or("a mode of the deletes")?.delete(&id).await {
                    Ok(deletion) => Some(deletion.outcome().as_str().into()),
                    Err(error) => Some(error.kind().as_str().into()),
                });
            }
        }
        Ok(None)
    }

    async fn send_bare(
        &self,
        method: Method,
        path: &str,
        change: Option<crate::live::wire::Change>,
    ) -> Result<(), String> {
        let path = self.values.expand(path)?;
        // The wire keeps the response, or why there is none.
        let _ = self.wire.send_bare(method, &path, change).await;
        Ok(())
    }

    /// The id that a case names: `{name}`, or the id itself.
    fn id(&self, text: &str) -> Result<RecordId, String> {
        let id = match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => self.values.get(name).ok_or(name)?,
            None => text,
        };
        self.parse(id).ok_or_else(|| format!("a valid id for {text}"))
    }

    fn parse(&self, id: &str) -> Option<RecordId> {
        (self.vendor.parse)(id)
    }

    fn observe(&self, case: &Case, exchange: &Exchange, body: &Value, client: Option<String>) -> Observed {
        let guides: Vec<Value> = case.variants.iter().map(|variant| shape::parse(variant.body)).collect();
        let content_type = exchange.headers.get("content-type").and_then(|value| value.to_str().ok());
        let mut headers: Vec<String> = exchange.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        Observed {
            variant: None,
            status: exchange.status,
            content_type: content_type.map(|text| text.split(';').next().unwrap_or(text).trim().to_owned()),
            headers,
            body: shape::of_body(&exchange.body, &guides.iter().collect::<Vec<_>>()),
            code: (self.vendor.code)(body),
            client,
            facts: facts::shown(self.vendor, &self.values, case.facts, body),
        }
    }

    /// Keeps what later cases need: the two first records of the list, whether it has the record that is to be deleted,
    /// and what the case names.
    fn learn(&mut self, case: &Case, body: &Value) {
        for (name, member) in case.learns {
            self.values.learn(name, body[*member].as_str());
        }
        let Some(records) = self.vendor.records(body) else { return };
        match case.name {
            "list" => self.learn_records(records),
            "list_before_delete" => {
                let deleted = self.values.get("deleted").unwrap_or_default();
                let is_listed = records.iter().any(|record| self.vendor.is(record, deleted));
                self.values.learn("on_list", is_listed.then_some("yes"));
            }
            _ => {}
        }
    }

    fn learn_records(&mut self, records: &[Value]) {
        let mut ids = records.iter().filter_map(|record| self.vendor.id(record));
        let (listed, other) = (ids.next(), ids.next());
        self.values.learn("listed", listed);
        self.values.learn("listed_upper", listed.map(str::to_uppercase));
        self.values.learn("other", other);
        let time = records.first().and_then(self.vendor.time);
        self.values.learn("time", time);
        self.values.learn("after_time", time.map(|time| time.saturating_add(1)));
    }
}

/// Whether a lookup found the record that is to be deleted, even if it is not shown as documented.
fn shows_deleted(lookup: &CaseReport) -> bool {
    lookup.observed.as_ref().is_some_and(|shown| {
        let is_record = shown.facts.get(&Fact::Is("deleted").name()).is_some_and(|is| is == "yes");
        shown.status == 200 && is_record && shown.client.as_deref().is_none_or(|client| client == "present")
    })
}

/// Refuses what would delete without a mode, more than is bounded, or nothing with a mode.
fn check(options: &Options<'_>) -> Result<(), String> {
    let (vendor, deletes, has_mode) = (options.vendor, !options.delete.is_empty(), options.mode.is_some());
    if options.delete.len() > MAX_DELETES {
        return Err(format!("a run deletes at most {MAX_DELETES} records"));
    }
    match (vendor.has_erasure_modes, deletes, has_mode) {
        (true, true, false) => Err(format!("{} has two modes of deleting: add --hard or --soft", vendor.title)),
        (false, _, true) => Err(format!("{} has one mode of deleting: leave out --hard and --soft", vendor.title)),
        (true, false, true) => Err("--hard and --soft belong to --delete-these".into()),
        _ => Ok(()),
    }
}

/// Times for filters, in the vendor's unit.
fn times(vendor: &Vendor, now_ms: i64) -> Values {
    let mut values = Values::default();
    let unit = if vendor.takes_seconds { 1000 } else { 1 };
    values.set("now", (now_ms / unit).to_string());
    values.set("since", (now_ms / unit - 89 * DAY_MS / unit).to_string());
    values.set("long_since", (now_ms / unit - 91 * DAY_MS / unit).to_string());
    values
}

fn not_found(case: &Case, what: &str) -> CaseReport {
    CaseReport::not_exercised(case, format!("the run has not found: {what}"))
}
