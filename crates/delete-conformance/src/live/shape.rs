//! Shapes of JSON bodies: names of members and types of values, and no value.
//!
//! A shape is JSON itself: a word for a type (`string`, `number`, `bool`, `null`, `object`, `array`), an object of shapes, or
//! an array with the shape of its elements. Where elements differ, words are joined (`null|string`), and the name of a
//! member that some lack ends in `?`.

use serde_json::{Map, Value};

/// Reads an expected shape: JSON, or a word.
pub(crate) fn parse(text: &str) -> Value {
    if text.starts_with(['{', '[']) { serde_json::from_str(text).unwrap_or_default() } else { text.into() }
}

/// The shape of a body. Members of an object are named only where one of `guides` names members too: elsewhere names may be
/// the customer's own, such as those of attributes of a user.
pub(crate) fn of_body(body: &[u8], guides: &[&Value]) -> Value {
    if body.is_empty() {
        return "empty".into();
    }
    serde_json::from_slice(body).map_or_else(|_| "not_json".into(), |value| of(&value, guides))
}

fn of(value: &Value, guides: &[&Value]) -> Value {
    match value {
        Value::Object(members) if guides.iter().any(|guide| guide.is_object()) => {
            let shape = |(name, value): (&String, &Value)| (name.clone(), of(value, &guides_of_member(guides, name)));
            Value::Object(members.iter().map(shape).collect())
        }
        Value::Array(elements) if guides.iter().any(|guide| guide.is_array()) => {
            let inner: Vec<&Value> = guides.iter().filter_map(|guide| guide.get(0)).collect();
            elements.iter().map(|element| of(element, &inner)).reduce(merge).into_iter().collect()
        }
        _ => word(value).into(),
    }
}

fn guides_of_member<'a>(guides: &[&'a Value], name: &str) -> Vec<&'a Value> {
    let optional = format!("{name}?");
    guides.iter().filter_map(|guide| guide.get(name).or_else(|| guide.get(&optional))).collect()
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The shape that covers both.
fn merge(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => Value::Object(merge_members(one, other)),
        (Value::Array(one), Value::Array(other)) => one.into_iter().chain(other).reduce(merge).into_iter().collect(),
        (one, other) if one == other => one,
        (one, other) => {
            let mut words: Vec<String> = [one, other].iter().flat_map(words_of).collect();
            words.sort();
            words.dedup();
            words.join("|").into()
        }
    }
}

fn merge_members(one: Map<String, Value>, mut other: Map<String, Value>) -> Map<String, Value> {
    let mut merged = Map::new();
    for (name, shape) in one {
        let base = name.trim_end_matches('?').to_owned();
        let (same, optional) = (other.remove(&base), other.remove(&format!("{base}?")));
        let is_in_both = same.is_some() && name == base;
        let shape = same.or(optional).map_or(shape.clone(), |other| merge(shape, other));
        merged.insert(if is_in_both { base } else { format!("{base}?") }, shape);
    }
    let only_other = other.into_iter().map(|(name, shape)| (format!("{}?", name.trim_end_matches('?')), shape));
    merged.extend(only_other);
    merged
}

/// The words that a shape stands for.
fn words_of(shape: &Value) -> Vec<String> {
    match shape {
        Value::String(words) => words.split('|').map(str::to_owned).collect(),
        other => vec![word(other).to_owned()],
    }
}

/// Whether a response is an expected one. Of several fits the least counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    No,
    /// Nothing contradicts it, but not all of it can be seen.
    Undetermined,
    Yes,
}

impl From<bool> for Fit {
    fn from(fits: bool) -> Self {
        if fits { Self::Yes } else { Self::No }
    }
}

/// Whether a body of the shape `observed` is one of the shape `expected`. More members are accepted: all vendors announce
/// that they add some.
pub(crate) fn fit(expected: &Value, observed: &Value) -> Fit {
    match (expected, observed) {
        (Value::Object(expected), Value::Object(observed)) => {
            let members = expected.iter().map(|(name, shape)| member_fit(name, shape, observed));
            members.min().unwrap_or(Fit::Yes)
        }
        (Value::Array(expected), Value::Array(observed)) => match (expected.first(), observed.first()) {
            (Some(expected), Some(observed)) => fit(expected, observed),
            // Nothing shows what the elements are like.
            (Some(_), None) => Fit::Undetermined,
            (None, observed) => observed.is_none().into(),
        },
        (Value::String(expected), observed) => {
            let allowed: Vec<&str> = expected.split('|').collect();
            let is_allowed = |word: &String| allowed.contains(&word.as_str());
            (allowed.contains(&"any") || words_of(observed).iter().all(is_allowed)).into()
        }
        _ => Fit::No,
    }
}

fn member_fit(name: &str, expected: &Value, observed: &Map<String, Value>) -> Fit {
    let base = name.trim_end_matches('?');
    let is_optional = base != name;
    match (observed.get(base), observed.get(&format!("{base}?"))) {
        (Some(shape), _) => fit(expected, shape),
        (None, Some(shape)) if is_optional => fit(expected, shape),
        (None, shape) => (is_optional && shape.is_none()).into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(body: &Value, guide: &str) -> Value {
        of_body(body.to_string().as_bytes(), &[&parse(guide)])
    }

    #[test]
    fn a_shape_has_no_value_and_names_members_only_where_the_guide_does() {
        let body = json!({
            "data": [
                { "id": "secret-1", "at": 7, "attributes": { "Jane": 1 } },
                { "id": null, "at": 8, "new": true, "attributes": {} },
            ],
            "total": 2,
        });
        let shown = shape(&body, r#"{"data":[{"id":"string"}]}"#);
        assert_eq!(
            shown,
            json!({
                "data": [{ "id": "null|string", "at": "number", "new?": "bool", "attributes": "object" }],
                "total": "number",
            })
        );
        assert_eq!(shape(&body, "any"), "object");
        assert_eq!(of_body(b"", &[]), "empty");
        assert_eq!(of_body(b"<html>", &[]), "not_json");
        assert_eq!(shape(&json!({ "data": [] }), r#"{"data":[{"id":"string"}]}"#), json!({ "data": [] }));
    }

    #[test]
    fn a_member_that_any_element_lacks_is_optional() {
        for elements in
            [json!([{}, {}, { "a": 1 }]), json!([{ "a": 1 }, {}, { "a": 1 }]), json!([{ "a": 1 }, { "a": 1 }, {}])]
        {
            assert_eq!(shape(&elements, r#"[{"a":"any"}]"#), json!([{ "a?": "number" }]), "{elements}");
        }
    }

    #[test]
    fn only_what_is_expected_counts() {
        let fit = |expected: &str, observed: &Value| fit(&parse(expected), observed);
        for (expected, observed) in [
            (r#"{"id":"string"}"#, json!({ "id": "string", "more": "number" })),
            (r#"{"id?":"string"}"#, json!({})),
            (r#"{"id?":"string"}"#, json!({ "id?": "string" })),
            (r#"{"id":"null|string"}"#, json!({ "id": "string" })),
            (r#"{"data":[]}"#, json!({ "data": [] })),
            (r#"{"data":"array"}"#, json!({ "data": [] })),
            (r#"{"data":"array"}"#, json!({ "data": [{ "id": "string" }] })),
            ("object", json!({ "id": "string" })),
            ("any", json!("not_json")),
            ("empty", json!("empty")),
        ] {
            assert_eq!(fit(expected, &observed), Fit::Yes, "{expected} {observed}");
        }
        for (expected, observed) in [
            (r#"{"id":"string"}"#, json!({})),
            (r#"{"id":"string"}"#, json!({ "id?": "string" })),
            (r#"{"id":"string"}"#, json!({ "id": "null|string" })),
            (r#"[{"id":"string"}]"#, json!([{ "id": "number" }])),
            (r#"{"id":"string"}"#, json!("empty")),
            ("empty", json!({})),
            (r#"{"data":[]}"#, json!({ "data": ["string"] })),
        ] {
            assert_eq!(fit(expected, &observed), Fit::No, "{expected} {observed}");
        }
    }

    #[test]
    fn elements_that_are_not_there_show_nothing() {
        for (expected, observed, fits) in [
            (r#"[{"id":"string"}]"#, json!([]), Fit::Undetermined),
            (r#"{"data":[{"id":"string"}],"more":"bool"}"#, json!({ "data": [], "more": "bool" }), Fit::Undetermined),
            (r#"[{"inner":["string"]}]"#, json!([{ "inner": [] }]), Fit::Undetermined),
            (r#"{"data?":["string"]}"#, json!({ "data": [] }), Fit::Undetermined),
            (r#"{"data":[{"id":"string"}],"more":"bool"}"#, json!({ "data": [], "more": "null" }), Fit::No),
        ] {
            assert_eq!(fit(&parse(expected), &observed), fits, "{expected} {observed}");
        }
    }
}
