//! Fields of a vendor's JSON that may have another type than documented: such a field counts as missing, and the rest of the
//! record or page can still be read. Each function is for serde's `deserialize_with`.

use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{Status, timestamp};

/// A value of this type.
pub fn value<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(deserializer)?).ok())
}

/// An id. A value that is not a text becomes an empty one, which is not an id of any record: it differs from no id at all.
pub fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(id) => Some(id),
        _ => Some(String::new()),
    })
}

/// A status.
pub fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Status>, D::Error> {
    Ok(value::<D, String>(deserializer)?.map(Status::new))
}

/// A time as RFC 3339 text.
pub fn rfc3339<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    Ok(value::<D, String>(deserializer)?.and_then(|text| timestamp::parse(&text)))
}

/// The entries of a list, each read on its own by [`object`].
pub fn entries<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::<Value>::deserialize(deserializer)?.into_iter().map(read_object).collect())
}

/// The record in this JSON object; the default if it is not an object or cannot be read.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    Value::deserialize(deserializer).map(read_object)
}

fn read_object<T: DeserializeOwned + Default>(value: Value) -> T {
    // An array would be read as the fields in their order.
    if value.is_object() { T::deserialize(value).unwrap_or_default() } else { T::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Entry {
        #[serde(deserialize_with = "id")]
        id: Option<String>,
        #[serde(deserialize_with = "status")]
        status: Option<Status>,
        #[serde(deserialize_with = "rfc3339")]
        time: Option<SystemTime>,
        #[serde(deserialize_with = "value")]
        number: Option<i64>,
    }

    #[derive(Deserialize)]
    struct Page {
        #[serde(deserialize_with = "entries")]
        data: Vec<Entry>,
    }

    fn read(entries: &str) -> Vec<Entry> {
        serde_json::from_str::<Page>(&format!("{{\"data\":[{entries}]}}")).unwrap().data
    }

    #[test]
    fn one_unexpected_field_or_entry_hides_nothing_else() {
        let full = Entry {
            id: Some("a".to_owned()),
            status: Some(Status::new("done")),
            time: Some(SystemTime::UNIX_EPOCH),
            number: Some(7),
        };
        let text = r#"{"id":"a","status":"done","time":"1970-01-01T00:00:00Z","number":7,"more":[{}]}"#;
        let others = r#"{"id":5,"status":{},"time":"","number":"7"},{"id":null,"status":null},["b"],7,null,{}"#;
        let not_an_id = Entry { id: Some(String::new()), ..Entry::default() };
        let entries = read(&format!("{text},{others},{text}"));
        assert_eq!((&entries[0], &entries[1], &entries[7]), (&full, &not_an_id, &full));
        assert!(entries[2..7].iter().all(|entry| *entry == Entry::default()), "{entries:?}");
        assert!(serde_json::from_str::<Page>(r#"{"data":{}}"#).is_err());
    }
}
