//! The requests that a fake got, counted by record.

use std::collections::HashMap;

use conversation_delete_fake::RequestRecord;
use serde_json::Value;

/// How often a record was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Requests {
    pub(crate) deletes: usize,
    /// Every other request that names the record.
    pub(crate) lookups: usize,
}

/// What was asked, of these records and besides.
pub(crate) struct Traffic {
    by_id: HashMap<String, Requests>,
    /// The requests that name none of the records: lists, credential checks, tokens.
    pub(crate) others: usize,
}

impl Traffic {
    pub(crate) fn of(requests: &[RequestRecord], ids: &[String]) -> Self {
        let by_id = ids.iter().map(|id| (id.clone(), Requests::default())).collect();
        let mut traffic = Self { by_id, others: 0 };
        requests.iter().for_each(|request| traffic.add(request));
        traffic
    }

    fn add(&mut self, request: &RequestRecord) {
        let is_delete = request.method() == "DELETE";
        let mut is_other = true;
        for id in named_by(request) {
            let Some(requests) = self.by_id.get_mut(&id) else { continue };
            is_other = false;
            requests.deletes += usize::from(is_delete);
            requests.lookups += usize::from(!is_delete);
        }
        self.others += usize::from(is_other);
    }

    pub(crate) fn for_id(&self, id: &str) -> Requests {
        self.by_id[id]
    }

    /// The requests for all records together.
    pub(crate) fn sum(&self) -> Requests {
        self.by_id.values().fold(Requests::default(), |sum, requests| Requests {
            deletes: sum.deletes + requests.deletes,
            lookups: sum.lookups + requests.lookups,
        })
    }
}

/// The segments of the path, and the ids of a batch.
fn named_by(request: &RequestRecord) -> Vec<String> {
    let body: Value = serde_json::from_slice(request.request().body()).unwrap_or_default();
    let path = request.path().split('?').next().unwrap_or_default();
    let batch = body["ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    path.split('/').chain(batch).map(str::to_owned).collect()
}

/// The ids that a request asks to delete.
pub(crate) fn deleted_by(request: &RequestRecord) -> Vec<String> {
    if request.method() != "DELETE" {
        return Vec::new();
    }
    let body: Value = serde_json::from_slice(request.request().body()).unwrap_or_default();
    match body["ids"].as_array() {
        Some(ids) => ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect(),
        None => {
            let path = request.path().split('?').next().unwrap();
            vec![path.rsplit('/').next().unwrap().to_owned()]
        }
    }
}
