//! The results as JSON (feature `serde`), and back.
//!
//! Words are those of `as_str`, times RFC 3339 text, and durations milliseconds with a fraction. `attempts` is the number
//! of requests; `requests` lists them. When reading, unknown fields are ignored, fields that may be `null` may be missing,
//! and `attempts` and the `status` of a deletion are not read, because they follow from `requests`. An unknown word is an
//! error.
//!
//! What does not come back as it was: an [`Error`](crate::Error)'s source becomes its text, a
//! [`Vendor`](crate::Vendor) is displayed by its name for machines, and an opaque id that looks like a UUID becomes one
//! (parse ids with [`Deleter::parse_id`](crate::Deleter::parse_id) where that matters).

mod ids;
mod lookups;
mod results;
pub(crate) mod units;

/// Implements `Serialize` and `Deserialize` for a type by another one with the fields of its JSON.
macro_rules! via {
    ($type:ty, $json:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$json>::from(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$json>::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use via;
