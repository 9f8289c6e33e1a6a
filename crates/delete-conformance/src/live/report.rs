//! What a run observed, as JSON. It holds no id, no credential and nothing of what a record says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::live::case::{Case, Fact, Variant};
use crate::live::facts::UNDETERMINED;
use crate::live::shape::{self, Fit};

/// What one run observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form, 1.
    pub schema: u32,
    /// The vendor's name.
    pub vendor: String,
    /// The host that was asked, with its port if it has one.
    pub host: String,
    /// When the run began, in RFC 3339.
    pub time: String,
    /// The version of this suite.
    pub version: String,
    /// The cases, in the order in which they ran.
    pub cases: Vec<CaseReport>,
}

/// What one case observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The name of the case.
    pub case: String,
    /// The row of `FIDELITY.md` that it rests on, by the beginning of its first cell.
    pub source: String,
    /// What was sent, with names in place of ids.
    pub request: String,
    /// Which of the deleted records it is about, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<usize>,
    /// The responses that the case accepts.
    pub expected: Vec<Expected>,
    /// The response; `None` if nothing was sent or none came.
    pub observed: Option<Observed>,
    /// Whether it is one of the expected ones; `None` if that could not be seen.
    pub agrees: Option<bool>,
    /// Why that could not be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether a request failed without a response.
    #[serde(skip)]
    pub has_failed: bool,
}

/// A response that a case accepts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Its name.
    pub variant: String,
    /// The status.
    pub status: u16,
    /// The shape of the body; more members are accepted.
    pub body: Value,
    /// The vendor's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Headers that must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// What the client makes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What else it must show.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The expected response that it is.
    pub variant: Option<String>,
    /// The status.
    pub status: u16,
    /// The content type without its parameters.
    pub content_type: Option<String>,
    /// The names of all headers.
    pub headers: Vec<String>,
    /// The shape of the body.
    pub body: Value,
    /// The vendor's code.
    pub code: Option<String>,
    /// What the client makes of it, if the client sent the request.
    pub client: Option<String>,
    /// What else it shows. `undetermined` is what the records of the account cannot show.
    pub facts: BTreeMap<String, String>,
}

impl Report {
    /// The cases that disagree, and those whose request failed.
    pub fn problems(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| case.agrees == Some(false) || case.has_failed)
    }

    /// The report as JSON text, with a line for each case.
    ///
    /// # Errors
    /// None that is known: every key is text.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let head = serde_json::to_string(&Self { cases: Vec::new(), ..self.clone() })?;
        let cases: serde_json::Result<Vec<String>> = self.cases.iter().map(serde_json::to_string).collect();
        Ok(format!("{}[\n{}\n]}}\n", head.trim_end_matches("[]}"), cases?.join(",\n")))
    }

    /// The differences between a report of a fake and one of its vendor, a line for each case that both have exercised.
    /// Headers and further members of bodies may differ.
    pub fn differences(&self, vendor: &Self) -> Vec<String> {
        let pairs = vendor.cases.iter().filter_map(|case| Some((case, self.case(&case.case)?)));
        pairs.filter_map(|(vendor, fake)| difference(fake, vendor)).collect()
    }

    fn case(&self, name: &str) -> Option<&CaseReport> {
        self.cases.iter().find(|case| case.case == name)
    }
}

fn difference(fake: &CaseReport, vendor: &CaseReport) -> Option<String> {
    let (fake_shows, vendor_shows) = (fake.observed.as_ref()?, vendor.observed.as_ref()?);
    if fake.agrees.is_none() || vendor.agrees.is_none() || comparable(fake_shows) == comparable(vendor_shows) {
        return None;
    }
    Some(format!("{}: the fake {}, the vendor {}", vendor.case, fake_shows.describe(), vendor_shows.describe()))
}

fn comparable(observed: &Observed) -> impl PartialEq + '_ {
    let Observed { variant, status, content_type, code, client, facts, .. } = observed;
    (variant, status, content_type, code, client, facts)
}

impl CaseReport {
    /// The report of a case that sent nothing, for this reason.
    pub(crate) fn not_exercised(case: &Case, reason: String) -> Self {
        let expected = case.variants.iter().map(Expected::from).collect();
        Self {
            case: case.name.into(),
            source: case.source.into(),
            request: case.ask.describe(),
            record: None,
            expected,
            observed: None,
            agrees: None,
            reason: Some(reason),
            has_failed: false,
        }
    }

    /// The report of a case whose request failed.
    pub(crate) fn failed(case: &Case, reason: String) -> Self {
        Self { has_failed: true, ..Self::not_exercised(case, reason) }
    }

    /// The report of a case with this response.
    pub(crate) fn of(case: &Case, mut observed: Observed) -> Self {
        let fitting: Vec<Fit> = case.variants.iter().map(|variant| fit(variant, &observed)).collect();
        let at = |wanted: Fit| fitting.iter().position(|fit| *fit == wanted).map(|at| case.variants[at].name);
        let (variant, agrees, reason) = match (at(Fit::Yes), at(Fit::Undetermined)) {
            (Some(name), _) => (Some(name), Some(true), None),
            (None, Some(_)) => (None, None, Some("the account has too few records to show it".to_owned())),
            (None, None) => (None, Some(false), None),
        };
        observed.variant = variant.map(str::to_owned);
        Self { observed: Some(observed), agrees, reason, ..Self::not_exercised(case, String::new()) }
    }

    /// One line for a person.
    pub fn describe(&self) -> String {
        let name = match self.record {
            Some(number) => format!("{} (record {number})", self.case),
            None => self.case.clone(),
        };
        let seen = self.observed.as_ref();
        match (self.agrees, &self.reason) {
            (Some(true), _) => {
                let (status, variant) = seen.map(|seen| (seen.status, seen.variant.as_deref())).unwrap_or_default();
                format!("agrees        {name}: {status} ({})", variant.unwrap_or_default())
            }
            (Some(false), _) => {
                let expected: Vec<String> = self.expected.iter().map(Expected::describe).collect();
                let seen = seen.map(Observed::describe).unwrap_or_default();
                format!("DISAGREES     {name}: {seen}\n    expected: {}", expected.join("\n    or:       "))
            }
            (None, reason) => {
                let word = if self.has_failed { "FAILED       " } else { "not exercised" };
                format!("{word} {name}: {}", reason.as_deref().unwrap_or_default())
            }
        }
    }
}

/// Whether a response is of a variant.
fn fit(variant: &Variant, observed: &Observed) -> Fit {
    let expects = |expected: Option<&str>, observed: &Option<String>| {
        expected.is_none_or(|expected| observed.as_deref() == Some(expected))
    };
    let has_header = |name: &&str| observed.headers.iter().any(|header| header == name);
    let fits = variant.status == observed.status
        && observed.has_fitting_content_type()
        && expects(variant.code, &observed.code)
        && expects(variant.client, &observed.client)
        && variant.headers.iter().all(has_header);
    let fact = |(fact, expected): &(Fact, &str)| match observed.facts.get(&fact.name()).map(String::as_str) {
        Some(UNDETERMINED) => Fit::Undetermined,
        shown => (shown == Some(*expected)).into(),
    };
    let shape = shape::fit(&shape::parse(variant.body), &observed.body);
    variant.facts.iter().map(fact).fold(shape.min(fits.into()), Fit::min)
}

impl From<&Variant> for Expected {
    fn from(variant: &Variant) -> Self {
        Self {
            variant: variant.name.into(),
            status: variant.status,
            body: shape::parse(variant.body),
            code: variant.code.map(str::to_owned),
            headers: variant.headers.iter().map(|name| (*name).to_owned()).collect(),
            client: variant.client.map(str::to_owned),
            facts: variant.facts.iter().map(|(fact, value)| (fact.name(), (*value).to_owned())).collect(),
        }
    }
}

impl Expected {
    fn describe(&self) -> String {
        let headers = self.headers.iter().map(|name| format!(", header {name}"));
        describe(self.status, &self.body, &self.code, &self.client, &self.facts) + &headers.collect::<String>()
    }
}

impl Observed {
    /// Whether a body that is JSON says so.
    fn has_fitting_content_type(&self) -> bool {
        let is_json = self.body != "empty" && self.body != "not_json";
        let is_json_type = |name: &str| name == "application/json" || name.ends_with("+json");
        !is_json || self.content_type.as_deref().is_some_and(is_json_type)
    }

    fn describe(&self) -> String {
        let variant = self.variant.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        describe(self.status, &self.body, &self.code, &self.client, &self.facts) + &variant
    }
}

fn describe(
    status: u16,
    body: &Value,
    code: &Option<String>,
    client: &Option<String>,
    facts: &BTreeMap<String, String>,
) -> String {
    let code = code.iter().map(|code| format!(", code {code}"));
    let client = client.iter().map(|client| format!(", for the client {client}"));
    let facts = facts.iter().map(|(name, value)| format!(", {name} {value}"));
    format!("{status}, body {body}") + &code.chain(client).chain(facts).collect::<String>()
}
