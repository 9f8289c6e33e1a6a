//! An error as JSON, and back.

use serde::{Deserialize, Serialize};

use super::builder::ErrorBuilder;
use super::kind::ErrorKind;
use super::value::{Error, Stage};
use crate::json::units::{Headers, Millis};
use crate::json::via;
use crate::operation::Operation;
use crate::{Attempt, Delivery, Vendor};

#[derive(Deserialize, Serialize)]
struct ErrorJson {
    kind: ErrorKind,
    delivery: Delivery,
    /// As [`Error::message`].
    message: String,
    /// The text of the source.
    cause: Option<String>,
    vendor: Option<Vendor>,
    status: Option<u16>,
    vendor_code: Option<String>,
    request_id: Option<String>,
    retry_after_ms: Option<Millis>,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    operation: Operation,
    #[serde(default)]
    stage: Stage,
    #[serde(default)]
    without_token: bool,
    #[serde(skip_deserializing)]
    attempts: usize,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    requests: Vec<Attempt>,
}

via!(Error, ErrorJson);

impl From<&Error> for ErrorJson {
    fn from(error: &Error) -> Self {
        let inner = &error.0;
        Self {
            kind: inner.kind,
            delivery: inner.delivery,
            message: inner.message.clone(),
            cause: error.cause(),
            vendor: inner.vendor,
            status: inner.status,
            vendor_code: inner.vendor_code.clone(),
            request_id: inner.request_id.clone(),
            retry_after_ms: inner.retry_after.map(Millis),
            retryable: inner.is_retryable,
            operation: inner.operation,
            stage: inner.stage,
            without_token: inner.is_without_token,
            attempts: inner.attempts.len(),
            headers: Headers(inner.headers.clone()),
            requests: inner.attempts.to_vec(),
        }
    }
}

impl From<ErrorJson> for Error {
    fn from(json: ErrorJson) -> Self {
        let mut error = Self::builder(json.kind, json.message)
            .attempts(json.requests)
            .delivery(json.delivery)
            .headers(json.headers.0)
            .retryable(json.retryable)
            .operation(json.operation)
            .set_some(json.cause, ErrorBuilder::source)
            .set_some(json.vendor, ErrorBuilder::vendor)
            .set_some(json.status, ErrorBuilder::status)
            .set_some(json.vendor_code, ErrorBuilder::vendor_code)
            .set_some(json.request_id, ErrorBuilder::request_id)
            .set_some(json.retry_after_ms.map(|millis| millis.0), ErrorBuilder::retry_after)
            .build();
        error.0.stage = json.stage;
        error.0.is_without_token = json.without_token;
        error
    }
}
