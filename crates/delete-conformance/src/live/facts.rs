//! What a response shows besides its shape.

use std::collections::BTreeMap;
use std::slice;

use serde_json::Value;

use crate::live::case::Fact;
use crate::live::values::Values;
use crate::live::vendor::Vendor;

/// The value of a fact that the records of the account cannot show.
pub(crate) const UNDETERMINED: &str = "undetermined";

/// The values of those facts that the response shows.
pub(crate) fn shown(vendor: &Vendor, values: &Values, facts: &[Fact], body: &Value) -> BTreeMap<String, String> {
    let value = |fact: &Fact| Some((fact.name(), value(vendor, values, *fact, body)?.to_owned()));
    facts.iter().filter_map(value).collect()
}

/// The value of a fact; `None` if the response is not a list or a record.
fn value(vendor: &Vendor, values: &Values, fact: Fact, body: &Value) -> Option<&'static str> {
    let shows = |name: &str, records: &[Value]| match values.get(name) {
        Some(id) => yes(records.iter().any(|record| vendor.is(record, id))),
        None => UNDETERMINED,
    };
    if let Fact::Is(name) = fact {
        return vendor.id(body).map(|_| shows(name, slice::from_ref(body)));
    }
    let records = vendor.records(body)?;
    Some(match fact {
        Fact::Is(name) | Fact::Shows(name) => shows(name, records),
        Fact::PageOf(size) if records.len() < size => UNDETERMINED,
        Fact::PageOf(size) if records.len() == size => "full",
        Fact::PageOf(_) => "longer",
        Fact::OnlyStatus(_) if records.is_empty() => UNDETERMINED,
        Fact::OnlyStatus(status) => yes(records.iter().all(|record| record["status"] == status)),
        Fact::Order => order(&records.iter().filter_map(vendor.time).collect::<Vec<_>>()),
    })
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn order(times: &[i64]) -> &'static str {
    let falls = times.windows(2).any(|pair| pair[0] > pair[1]);
    let rises = times.windows(2).any(|pair| pair[0] < pair[1]);
    match (falls, rises) {
        (false, false) => UNDETERMINED,
        (true, false) => "newest_first",
        (false, true) => "oldest_first",
        (true, true) => "other",
    }
}
