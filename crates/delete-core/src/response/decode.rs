//! Reads the body of a successful read in one pass: what is kept of it, and whether it is an error after all.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::denial::error_check;

/// Decodes an object or an array. Fails if the body is not JSON of this form, or has a field of an error at its top.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = T::deserialize(Checked(&mut json))?;
    json.end()?;
    Ok(value)
}

/// A deserializer, visitor or map that checks the fields at the top while a `T` is read.
struct Checked<I>(I);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Checked<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Checked(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Checked<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(CheckedFields { fields, is_error: None })
    }
}

struct CheckedFields<A> {
    fields: A,
    /// Whether the next value makes the response an error.
    is_error: Option<fn(&Value) -> bool>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for CheckedFields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.fields.next_key::<String>()? else { return Ok(None) };
        self.is_error = error_check(&name);
        let name: StringDeserializer<A::Error> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        let Some(is_error) = self.is_error else { return self.fields.next_value_seed(seed) };
        let value: Value = self.fields.next_value()?;
        if is_error(&value) {
            return Err(A::Error::custom("the response is an error"));
        }
        seed.deserialize(value).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    fn is_readable(body: &str) -> bool {
        decode::<IgnoredAny>(body.as_bytes()).is_ok()
    }

    #[test]
    fn an_error_instead_of_records_is_refused() {
        for body in [
            r#"{"data":null,"error":"index unavailable"}"#,
            r#"{"data":[],"requestid":"r","status":500,"detail":"x"}"#,
            r#"{"interactions":[],"hasMore":false,"success":false}"#,
            r#"{"interactions":[],"hasMore":false,"statusCode":503}"#,
            r#" {"data":[],"errors":[{"message":"x"}]}"#,
            "false",
            "true",
            "null",
            "",
            "<html>",
            r#"{"data":[]}{}"#,
            r#"{"data":["#,
        ] {
            assert!(!is_readable(body), "{body}");
        }
        for body in [
            r#"{"data":[{"error":"of a record"}],"total_count":1}"#,
            r#"{"conversation_id":"c1","status":"error"}"#,
            r#"{"conversation_id":"c1","status":"failed","metadata":{"error":{"code":1}}}"#,
            r#"{"conversations":[],"has_more":false,"error":null}"#,
            r#"[{"id":"x","error":"of a record"}]"#,
            "[]",
        ] {
            assert!(is_readable(body), "{body}");
        }
    }

    #[test]
    fn structs_enums_and_maps_get_their_fields() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Page {
            data: Vec<u32>,
            status: Option<Value>,
            total: Option<u64>,
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            List(Vec<u32>),
            Page(Page),
        }
        let page = || Page { data: vec![1, 2], status: Some("ended".into()), total: None };
        let body = br#"{"data":[1,2],"status":"ended","more":{"error":1}}"#;
        assert_eq!(decode::<Page>(body).unwrap(), page());
        assert_eq!(decode::<Form>(body).unwrap(), Form::Page(page()));
        assert_eq!(decode::<Form>(b"[1,2]").unwrap(), Form::List(vec![1, 2]));
        let fields: std::collections::HashMap<String, IgnoredAny> = decode(body).unwrap();
        assert_eq!(fields.len(), 3);
    }
}
