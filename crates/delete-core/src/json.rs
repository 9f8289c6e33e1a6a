//! The results as JSON (feature `serde`), as documented at [`Deletion`](crate::Deletion).

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
