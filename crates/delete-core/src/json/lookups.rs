use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::units::Time;
use super::via;
use crate::{Error, Presence, RecordId, RecordMeta, Status};

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[derive(Deserialize, Serialize)]
struct RecordMetaJson {
    id: RecordId,
    created_at: Option<Time>,
    updated_at: Option<Time>,
    status: Option<Status>,
}

via!(RecordMeta, RecordMetaJson);

impl From<&RecordMeta> for RecordMetaJson {
    fn from(record: &RecordMeta) -> Self {
        Self {
            id: record.id().clone(),
            created_at: record.created_at().map(Time),
            updated_at: record.updated_at().map(Time),
            status: record.status().cloned(),
        }
    }
}

impl From<RecordMetaJson> for RecordMeta {
    fn from(json: RecordMetaJson) -> Self {
        Self::new(json.id)
            .with_created_at(json.created_at.map(|time| time.0))
            .with_updated_at(json.updated_at.map(|time| time.0))
            .with_status(json.status)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Absent,
    Present,
    Unknown,
}

#[derive(Deserialize, Serialize)]
struct PresenceJson {
    state: State,
    status: Option<Status>,
    listed_since: Option<Time>,
    /// Why it is unknown.
    error: Option<Error>,
}

via!(Presence, PresenceJson);

impl From<&Presence> for PresenceJson {
    fn from(presence: &Presence) -> Self {
        let empty = |state| Self { state, status: None, listed_since: None, error: None };
        match presence {
            Presence::Absent => empty(State::Absent),
            Presence::Present { status, listed_since } => {
                Self { status: status.clone(), listed_since: listed_since.map(Time), ..empty(State::Present) }
            }
            Presence::Unknown(error) => Self { error: Some(error.clone()), ..empty(State::Unknown) },
        }
    }
}

impl TryFrom<PresenceJson> for Presence {
    type Error = &'static str;

    fn try_from(json: PresenceJson) -> Result<Self, Self::Error> {
        match (json.state, json.error) {
            (State::Absent, _) => Ok(Self::Absent),
            (State::Present, _) => {
                Ok(Self::present(json.status).with_listed_since(json.listed_since.map(|time| time.0)))
            }
            (State::Unknown, Some(error)) => Ok(Self::Unknown(error)),
            (State::Unknown, None) => Err("an unknown presence has an error that says why"),
        }
    }
}
