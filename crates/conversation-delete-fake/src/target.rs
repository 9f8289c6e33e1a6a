//! The raw request target, read as a server reads it.

use percent_encoding::percent_decode_str;

/// Decoded path segments and query pairs of a raw target.
///
/// Dot segments are removed first, plain and percent-encoded alike, as gateways and URL parsers do: a client that lets
/// `../agents/x` out then really meets the adjacent resource (FIDELITY.md: assumed, the worst case on purpose).
pub(crate) struct Target {
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
}

impl Target {
    pub(crate) fn parse(raw: &str) -> Self {
        let raw = without_origin(raw);
        let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
        Self { segments: segments(path), query: form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }

    /// All values of a query parameter.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a query parameter that is not empty; an empty one counts as absent (assumed).
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let values = self.query.iter().rev().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        values.into_iter().find(|value| !value.is_empty())
    }

    /// The number in a query parameter, or `usual` if there is none; `None` if it is not a number.
    pub(crate) fn number(&self, name: &str, usual: u64) -> Option<u64> {
        self.value(name).map_or(Some(usual), |value| value.parse().ok())
    }
}

/// A proxy is sent `http://host/path`; only the path matters.
fn without_origin(raw: &str) -> &str {
    match raw.split_once("://") {
        Some((_, rest)) if !raw.starts_with('/') => rest.find('/').map_or("/", |slash| &rest[slash..]),
        _ => raw,
    }
}

fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let segment = percent_decode_str(part).decode_utf8_lossy().into_owned();
        let climbs = segment == "..";
        if climbs {
            segments.pop();
        }
        if !climbs && segment != "." {
            segments.push(segment);
        } else if parts.peek().is_none() {
            // A dot segment at the end leaves its slash.
            segments.push(String::new());
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_and_dot_segments_climb() {
        let cases: [(&str, &[&str]); 9] = [
            ("/v2/conversations/c1?hard=true", &["v2", "conversations", "c1"]),
            ("/v2/conversations/../pals/p1", &["v2", "pals", "p1"]),
            ("/v2/conversations/%2e%2E/pals/p1", &["v2", "pals", "p1"]),
            ("/v2/conversations/a%2Fb", &["v2", "conversations", "a/b"]),
            ("/v2/conversations/", &["v2", "conversations", ""]),
            ("/v2/conversations/..", &["v2", ""]),
            ("/a//b", &["a", "", "b"]),
            ("http://127.0.0.1:1/a/%zz%4", &["a", "%zz%4"]),
            ("/../../a", &["a"]),
        ];
        for (raw, expected) in cases {
            assert_eq!(Target::parse(raw).segments, expected, "{raw}");
        }
    }

    #[test]
    fn pairs_are_decoded() {
        let expected = [("a", "b c"), ("d", "e f"), ("g", ""), ("h", "=")];
        let query = Target::parse("/?a=b+c&d=e%20f&g&&h==").query;
        assert!(query.iter().map(|(a, b)| (a.as_str(), b.as_str())).eq(expected));
    }
}
