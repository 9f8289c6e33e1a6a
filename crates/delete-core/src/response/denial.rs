//! JSON that denies the success that its status claims.

use serde_json::{Map, Value};

/// Whether the response to a delete denies its success: `false`; an object with `detail`, or with `error`, `errors`,
/// `details` or `fault` that are not empty, whose `success`, `ok` or `deleted` is not true, whose `status` or `type` is an
/// error, whose status code is one, or that has a message and no id; a list that holds one of these.
pub(super) fn denies_success(body: &Value) -> bool {
    match body {
        Value::Bool(is_good) => !is_good,
        Value::Array(items) => items.iter().any(denies_success),
        Value::Object(fields) => {
            let is_denial = fields.contains_key("detail") || fields.get("deleted").is_some_and(is_untrue);
            let has_error =
                fields.iter().any(|(name, value)| error_check(name).is_some_and(|is_error| is_error(value)));
            is_denial || has_error || has_word_of_failure(fields) || is_only_message(fields)
        }
        Value::String(text) => is_word_of_failure(text),
        Value::Null | Value::Number(_) => false,
    }
}

/// How to find out whether this field at the top of a response makes it an error; `None` if it cannot. No record and no
/// list has such a field for something else.
pub(super) fn error_check(name: &str) -> Option<fn(&Value) -> bool> {
    match name {
        "success" | "ok" => Some(is_untrue),
        "detail" | "details" | "error" | "errors" | "fault" => Some(|value| !is_nothing(value)),
        "status" | "statusCode" | "status_code" | "code" => {
            Some(|value| value.as_u64().is_some_and(|code| code >= 400))
        }
        _ => None,
    }
}

fn is_untrue(value: &Value) -> bool {
    !matches!(value, Value::Bool(true) | Value::Null)
}

/// Whether a field for errors holds none.
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

/// Whether the object only explains something: it neither names a record nor reports a success.
fn is_only_message(fields: &Map<String, Value>) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| fields.contains_key(*name));
    has(&["message", "error"]) && !has(&["id", "conversation_id", "success", "ok", "status"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_the_form_of_an_error_denies_a_success() {
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
}
