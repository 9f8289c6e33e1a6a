use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::units::{Headers, Millis, Time};
use super::via;
use crate::deletion::DeleteCall;
use crate::{Attempt, Deletion, Delivery, ErasureMode, Outcome, RecordId, Vendor};

#[derive(Deserialize, Serialize)]
struct AttemptJson {
    started_at: Time,
    duration_ms: Millis,
    delivery: Delivery,
    status: Option<u16>,
}

via!(Attempt, AttemptJson);

impl From<&Attempt> for AttemptJson {
    fn from(attempt: &Attempt) -> Self {
        Self {
            started_at: Time(attempt.started_at()),
            duration_ms: Millis(attempt.duration()),
            delivery: attempt.delivery(),
            status: attempt.status(),
        }
    }
}

impl From<AttemptJson> for Attempt {
    fn from(json: AttemptJson) -> Self {
        let attempt = Self::new(json.started_at.0, json.duration_ms.0, json.delivery);
        match json.status {
            Some(status) => attempt.with_status(status),
            None => attempt,
        }
    }
}

#[derive(Deserialize, Serialize)]
struct DeletionJson {
    vendor: Vendor,
    id: RecordId,
    outcome: Outcome,
    mode: Option<ErasureMode>,
    #[serde(skip_deserializing)]
    attempts: usize,
    #[serde(skip_deserializing)]
    status: Option<u16>,
    request_id: Option<String>,
    endpoint: Option<String>,
    #[serde(default)]
    body_incomplete: bool,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    requests: Vec<Attempt>,
}

via!(Deletion, DeletionJson);

impl From<&Deletion> for DeletionJson {
    fn from(deletion: &Deletion) -> Self {
        Self {
            vendor: deletion.vendor(),
            id: deletion.id().clone(),
            outcome: deletion.outcome(),
            mode: deletion.erasure_mode(),
            attempts: deletion.attempts().len(),
            status: deletion.status(),
            request_id: deletion.request_id().map(str::to_owned),
            endpoint: deletion.endpoint().map(str::to_owned),
            body_incomplete: deletion.is_body_incomplete(),
            headers: Headers(deletion.headers().clone().into()),
            requests: deletion.attempts().to_vec(),
        }
    }
}

impl From<DeletionJson> for Deletion {
    fn from(json: DeletionJson) -> Self {
        let call = DeleteCall {
            vendor: json.vendor,
            erasure_mode: json.mode,
            request_id: json.request_id,
            endpoint: json.endpoint.map(Into::into),
            attempts: json.requests.into(),
            headers: Some(json.headers.0).filter(|headers| !headers.is_empty()),
            is_body_incomplete: json.body_incomplete,
        };
        Self::from_call(json.id, json.outcome, Arc::new(call))
    }
}
