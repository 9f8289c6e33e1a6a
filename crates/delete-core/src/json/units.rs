//! Values of JSON fields that are not serialisable by themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::timestamp;

/// A duration in milliseconds, with a fraction.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(into = "f64", try_from = "f64")]
pub(crate) struct Millis(pub(crate) Duration);

const NANOS_PER_MILLI: f64 = 1e6;

/// A longer duration (544 years) is written as this one, so that it can be read back.
const LONGEST: Duration = Duration::from_secs(1 << 34);

impl From<Millis> for f64 {
    fn from(millis: Millis) -> Self {
        millis.0.min(LONGEST).as_nanos() as f64 / NANOS_PER_MILLI
    }
}

impl TryFrom<f64> for Millis {
    type Error = &'static str;

    fn try_from(millis: f64) -> Result<Self, Self::Error> {
        let nanos = (millis * NANOS_PER_MILLI).round();
        match (0.0..u64::MAX as f64).contains(&nanos) {
            true => Ok(Self(Duration::from_nanos(nanos as u64))),
            false => Err("a duration is a number of milliseconds from 0 on"),
        }
    }
}

/// A time as RFC 3339 text in UTC.
#[derive(Clone, Deserialize, Serialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Time(pub(crate) SystemTime);

impl From<Time> for String {
    fn from(time: Time) -> Self {
        timestamp::format(time.0)
    }
}

impl TryFrom<String> for Time {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        timestamp::parse(&text).map(Self).ok_or("a time is RFC 3339 text")
    }
}

/// Headers by name, each with its values. Values that are not text are left out.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(into = "BTreeMap<String, Vec<String>>", try_from = "BTreeMap<String, Vec<String>>")]
pub(crate) struct Headers(pub(crate) Arc<HeaderMap>);

impl From<Headers> for BTreeMap<String, Vec<String>> {
    fn from(headers: Headers) -> Self {
        let mut values = Self::new();
        for (name, value) in &*headers.0 {
            if let Ok(value) = value.to_str() {
                values.entry(name.to_string()).or_default().push(value.to_owned());
            }
        }
        values
    }
}

impl TryFrom<BTreeMap<String, Vec<String>>> for Headers {
    type Error = http::Error;

    fn try_from(values: BTreeMap<String, Vec<String>>) -> Result<Self, Self::Error> {
        let mut headers = HeaderMap::new();
        for (name, values) in values {
            let name = HeaderName::try_from(name)?;
            for value in values {
                headers.append(&name, HeaderValue::try_from(value)?);
            }
        }
        Ok(Self(headers.into()))
    }
}
