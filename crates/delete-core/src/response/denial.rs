//! JSON that denies the success that its status claims.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Whether the response to a delete denies its success: `false`; an object with `detail`, or with `error`, `errors`,
/// `details` or `fault` that are not empty, whose `success`, `ok` or `deleted` is not true, whose `status` or `type` is an
/// error, whose status code is one, or that has a message and no id; a list that holds one of these.
pub(crate) fn denies_success(body: &Value) -> bool {
    match body {
        Value::Bool(is_good) => !is_good,
        Value::Array(items) => items.iter().any(denies_success),
        Value::Object(fields) => {
            let top: Top = Top::deserialize(body).unwrap_or_default();
            let says_no = fields.contains_key("detail") || is_untrue(fields.get("deleted"));
            says_no || top.is_error() || has_word_of_failure(fields) || is_only_message(fields)
        }
        Value::String(text) => is_word_of_failure(text),
        Value::Null | Value::Number(_) => false,
    }
}

/// Whether the response to a read is an error, by what no record and no list has at its top. What lies below is not read.
pub(crate) fn is_error_page(body: &[u8]) -> bool {
    match body.trim_ascii_start().first() {
        Some(b'{') => serde_json::from_slice::<Top>(body).is_ok_and(|top| top.is_error()),
        Some(b't' | b'f') => true,
        _ => false,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Top {
    success: Option<Value>,
    ok: Option<Value>,
    detail: Option<Value>,
    details: Option<Value>,
    error: Option<Value>,
    errors: Option<Value>,
    fault: Option<Value>,
    status: Option<Value>,
    #[serde(rename = "statusCode", alias = "status_code")]
    status_code: Option<Value>,
    code: Option<Value>,
}

impl Top {
    fn is_error(&self) -> bool {
        let told = [&self.detail, &self.details, &self.error, &self.errors, &self.fault];
        let codes = [&self.status, &self.status_code, &self.code];
        is_untrue(self.success.as_ref())
            || is_untrue(self.ok.as_ref())
            || told.into_iter().flatten().any(|value| !is_nothing(value))
            || codes.into_iter().flatten().filter_map(Value::as_u64).any(|code| code >= 400)
    }
}

/// Whether it is there and not true.
fn is_untrue(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !matches!(value, Value::Bool(true) | Value::Null))
}

/// Whether a field for errors says that there is none.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

fn has_word_of_failure(fields: &Map<String, Value>) -> bool {
    let words = ["status", "type", "result"].iter().filter_map(|name| fields.get(*name));
    words.filter_map(Value::as_str).any(is_word_of_failure) || is_untrue_bool(fields.get("result"))
}

fn is_word_of_failure(word: &str) -> bool {
    ["error", "fail", "failed", "failure"].iter().any(|failure| word.eq_ignore_ascii_case(failure))
}

fn is_untrue_bool(value: Option<&Value>) -> bool {
    value == Some(&Value::Bool(false))
}

/// Whether it only explains something, and neither names a record nor says that all is well.
fn is_only_message(fields: &Map<String, Value>) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| fields.contains_key(*name));
    has(&["message", "error"]) && !has(&["id", "conversation_id", "success", "ok", "status"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_the_shape_of_an_error_is_told_from_a_success() {
        for body in [
            "false",
            "\"error\"",
            r#"{"success":false}"#,
            r#"{"success":"false"}"#,
            r#"{"ok":false,"reason":"x"}"#,
            r#"{"deleted":false}"#,
            r#"{"error":"x"}"#,
            r#"{"errors":[{"message":"x"}]}"#,
            r#"{"fault":{"faultstring":"x"}}"#,
            r#"{"detail":{"status":"x"}}"#,
            r#"{"detail":"x"}"#,
            r#"{"detail":[{"loc":[]}]}"#,
            r#"{"detail":null}"#,
            r#"{"message":"x","error":null}"#,
            r#"{"requestid":"r","details":"x"}"#,
            r#"{"message":"no Route matched with those values"}"#,
            r#"{"message":"x","request_id":"1"}"#,
            r#"{"status":"error","message":"x"}"#,
            r#"{"status":404,"title":"Not Found"}"#,
            r#"{"statusCode":404,"message":"x"}"#,
            r#"{"code":404}"#,
            r#"{"type":"error","code":"conversation_not_found"}"#,
            r#"[{"error":"x"}]"#,
        ] {
            assert!(denies_success(&serde_json::from_str(body).unwrap()), "{body}");
        }
        for body in [
            "null",
            "true",
            "{}",
            "[]",
            "[1]",
            "1",
            "\"\"",
            "\"ok\"",
            r#"{"success":true}"#,
            r#"{"success":true,"message":"done"}"#,
            r#"{"ok":true,"error":null}"#,
            r#"{"errors":[]}"#,
            r#"{"status":"ok","message":"done"}"#,
            r#"{"status":200}"#,
            r#"{"conversation_id":"c1","status":"ended"}"#,
        ] {
            assert!(!denies_success(&serde_json::from_str(body).unwrap()), "{body}");
        }
    }

    #[test]
    fn an_error_in_the_response_to_a_read_is_told_from_records_and_lists() {
        for body in [
            r#"{"data":null,"error":"index unavailable"}"#,
            r#"{"data":[],"requestid":"r","status":500,"detail":"x"}"#,
            r#"{"interactions":[],"hasMore":false,"success":false}"#,
            r#"{"interactions":[],"hasMore":false,"statusCode":503}"#,
            r#" {"data":[],"errors":[{"message":"x"}]}"#,
            "false",
            "true",
        ] {
            assert!(is_error_page(body.as_bytes()), "{body}");
        }
        for body in [
            r#"{"data":[{"error":"of a record"}],"total_count":1}"#,
            r#"{"conversation_id":"c1","status":"error"}"#,
            r#"{"conversation_id":"c1","status":"failed","metadata":{"error":{"code":1}}}"#,
            r#"{"conversations":[],"has_more":false,"error":null}"#,
            r#"[{"id":"x","error":"of a record"}]"#,
            "[]",
            "null",
            "",
        ] {
            assert!(!is_error_page(body.as_bytes()), "{body}");
        }
    }
}
