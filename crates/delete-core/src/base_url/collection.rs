use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use url::Url;

use crate::error::Error;
use crate::record::RecordId;
use crate::text;

/// The URL of a vendor's records, from which the URL of each is made. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Collection {
    url: Arc<Url>,
    endpoint: Arc<str>,
    /// The path, with `{id}` for each id.
    template: Arc<str>,
    suffix: Option<&'static str>,
    query: Option<&'static str>,
    header: Option<(HeaderName, HeaderValue)>,
    ends_in_slash: bool,
}

impl Collection {
    pub(super) fn new(url: Url) -> Self {
        let (endpoint, template) = (url.as_str().into(), url.path().into());
        let url = Arc::new(url);
        Self { url, endpoint, template, suffix: None, query: None, header: None, ends_in_slash: false }
    }

    /// Adds a fixed segment after each record's id.
    #[must_use]
    pub fn with_suffix(mut self, suffix: &'static str) -> Self {
        self.suffix = Some(suffix);
        self
    }

    /// Adds a fixed query to each record's URL.
    #[must_use]
    pub fn with_query(mut self, query: &'static str) -> Self {
        self.query = Some(query);
        self
    }

    /// Adds a header to every request, such as the tenant whose records these are.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if HTTP does not allow the value.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Result<Self, Error> {
        let value = HeaderValue::try_from(value)
            .map_err(|_| Error::configuration(format!("the value of the header {name} cannot be sent")))?;
        self.header = Some((HeaderName::from_static(name), value));
        Ok(self)
    }

    /// Adds a slash to the end of the list's URL, but not of a record's.
    #[must_use]
    pub fn with_slash(mut self) -> Self {
        self.ends_in_slash = true;
        self
    }

    /// The collection of this name below one record.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the id would lead to another URL.
    pub fn child_collection(&self, id: &RecordId, name: &'static str) -> Result<Self, Error> {
        let plain = Self { suffix: Some(name), query: None, ..self.clone() };
        let url = Url::parse(&plain.record_url(id)?)
            .map_err(|error| Error::invalid_input(format!("the URL of the record cannot be parsed: {error}")))?;
        let (endpoint, template) = (url.as_str().into(), format!("{}/{{id}}/{name}", self.template).into());
        Ok(Self { url: Arc::new(url), endpoint, template, suffix: None, ..plain })
    }

    /// The URL of the collection, as text.
    pub(crate) fn endpoint(&self) -> &Arc<str> {
        &self.endpoint
    }

    /// The path of a URL that was made here, with `{id}` instead of each id.
    pub(crate) fn url_template(&self, path: &str) -> String {
        match self.suffix {
            _ if path.trim_end_matches('/') == self.url.path() => self.template.to_string(),
            None => format!("{}/{{id}}", self.template),
            Some(suffix) => format!("{}/{{id}}/{suffix}", self.template),
        }
    }

    pub(crate) fn header(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.header.as_ref()
    }

    /// The URL of a page of the list.
    pub(crate) fn page_url(&self, query: &[(&str, String)]) -> Url {
        let mut url = Url::clone(&self.url);
        if self.ends_in_slash {
            url.set_path(&format!("{}/", self.url.path()));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The URL of one record.
    ///
    /// The types of ids alone ensure that the id is one more path segment. The finished URL is checked all the same,
    /// because what it names will be deleted.
    pub(crate) fn record_url(&self, id: &RecordId) -> Result<String, Error> {
        let id = id.to_string();
        let (suffix, query) = (self.suffix.unwrap_or_default(), self.query.unwrap_or_default());
        let mut url = String::with_capacity(self.endpoint.len() + id.len() + suffix.len() + query.len() + 3);
        url.extend([&*self.endpoint, "/", &id]);
        url.extend(self.suffix.iter().flat_map(|suffix| ["/", suffix]));
        url.extend(self.query.iter().flat_map(|query| ["?", query]));
        if self.is_record_url(&url, &id) {
            Ok(url)
        } else {
            Err(Error::invalid_input(format!("{} would lead to another URL than the record's", text::quoted(&id))))
        }
    }

    /// Whether the URL is that of the collection, then exactly the id as one more segment, the suffix, and our query.
    fn is_record_url(&self, url: &str, id: &str) -> bool {
        let segment = without_end(url, '?', self.query)
            .and_then(|path| without_end(path, '/', self.suffix))
            .and_then(|record| record.strip_prefix(&*self.endpoint)?.strip_prefix('/'));
        segment == Some(id) && is_plain_segment(id) && !self.endpoint.ends_with('/')
    }
}

fn without_end<'a>(text: &'a str, separator: char, end: Option<&str>) -> Option<&'a str> {
    match end {
        None => Some(text),
        Some(end) => text.strip_suffix(end)?.strip_suffix(separator),
    }
}

/// Whether no server and no parser of URLs reads anything else than one segment in it: characters that are unreserved in
/// RFC 3986, and not dots alone.
fn is_plain_segment(segment: &str) -> bool {
    segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
        && segment.bytes().any(|b| b != b'.')
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base_url::BaseUrl;
    use crate::record::ConversationId;

    fn tavus(base: &str) -> Collection {
        let base = BaseUrl::parse(base).unwrap().without_last_segment("v2");
        base.collection(&["v2", "conversations"]).with_query("hard=true")
    }

    #[test]
    fn a_base_url_keeps_its_prefix() {
        let id = RecordId::from(ConversationId::new("c123456").unwrap());
        for (base, expected) in [
            ("https://h", "https://h/v2/conversations/c123456?hard=true"),
            ("https://h/", "https://h/v2/conversations/c123456?hard=true"),
            ("https://h/v2", "https://h/v2/conversations/c123456?hard=true"),
            ("https://h/v2/", "https://h/v2/conversations/c123456?hard=true"),
            ("https://h:8443/p/q/", "https://h:8443/p/q/v2/conversations/c123456?hard=true"),
            ("https://h/p/v2", "https://h/p/v2/conversations/c123456?hard=true"),
            ("https://h/pv2", "https://h/pv2/v2/conversations/c123456?hard=true"),
            ("http://127.0.0.1:80", "http://127.0.0.1/v2/conversations/c123456?hard=true"),
            ("http://127.9.9.9", "http://127.9.9.9/v2/conversations/c123456?hard=true"),
            ("http://[::1]:9", "http://[::1]:9/v2/conversations/c123456?hard=true"),
            ("http://localhost:9", "http://localhost:9/v2/conversations/c123456?hard=true"),
        ] {
            assert_eq!(tavus(base).record_url(&id).unwrap(), expected);
        }
    }

    #[test]
    fn the_check_of_the_finished_url_refuses_every_other_url() {
        let collection = tavus("https://h/p").with_suffix("public");
        let good = "https://h/p/v2/conversations/x/public?hard=true";
        assert!(collection.is_record_url(good, "x"));
        for other in [
            "https://evil/p/v2/conversations/x/public?hard=true",
            "http://h/p/v2/conversations/x/public?hard=true",
            "https://h:444/p/v2/conversations/x/public?hard=true",
            "https://u@h/p/v2/conversations/x/public?hard=true",
            "https://h/v2/conversations/x/public?hard=true",
            "https://h/p/v2/conversations/public?hard=true",
            "https://h/p/v2/conversations//public?hard=true",
            "https://h/p/v2/conversations/y/public?hard=true",
            "https://h/p/v2/conversations/x/y/public?hard=true",
            "https://h/p/v2/conversations/x?hard=true",
            "https://h/p/v2/conversations/x/public",
            "https://h/p/v2/conversations/x/public?hard=false",
            "https://h/p/v2/conversations/x/public?hard=true#f",
        ] {
            assert!(!collection.is_record_url(other, "x"), "{other}");
        }
        assert!(!collection.is_record_url("https://h/p/v2/conversations//public?hard=true", ""));
        for id in [".", "..", "%2e%2e", "x/y", "x?y", "x#y", "x\\y", "é"] {
            let url = format!("https://h/p/v2/conversations/{id}/public?hard=true");
            assert!(!collection.is_record_url(&url, id), "{id}");
        }
    }

    #[test]
    fn a_collection_may_be_below_a_record() {
        let id = RecordId::from(uuid::Uuid::nil());
        let recordings = tavus("https://h/p").child_collection(&id, "recordings").unwrap().with_slash();
        let nil = "https://h/p/v2/conversations/00000000-0000-0000-0000-000000000000";
        assert_eq!(recordings.page_url(&[]).as_str(), format!("{nil}/recordings/"));
        let url = Url::parse(&recordings.record_url(&id).unwrap()).unwrap();
        assert_eq!(url.as_str(), format!("{nil}/recordings/{}", uuid::Uuid::nil()));
        assert_eq!(recordings.url_template(url.path()), "/p/v2/conversations/{id}/recordings/{id}");
        let page = recordings.page_url(&[]);
        assert_eq!(recordings.url_template(page.path()), "/p/v2/conversations/{id}/recordings");
    }

    proptest! {
        #[test]
        fn any_filter_value_stays_in_the_query(value in any::<String>()) {
            let url = tavus("https://h/p").page_url(&[("agent_id", value.clone()), ("limit", "1".to_owned())]);
            prop_assert_eq!(url.path(), "/p/v2/conversations");
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("agent_id".to_owned(), value), ("limit".to_owned(), "1".to_owned())]);
        }

        #[test]
        fn any_text_is_refused_or_one_segment(text in ".{0,40}|[./%\\\\?#a-z0-9]{0,12}") {
            if let Ok(id) = ConversationId::new(&text) {
                let url = tavus("https://h/p").record_url(&id.into()).unwrap();
                prop_assert_eq!(&url, &format!("https://h/p/v2/conversations/{text}?hard=true"));
                // What a server sees after parsing is the same again.
                let parsed = Url::parse(&url).unwrap();
                prop_assert_eq!(parsed.as_str(), url);
            }
        }

        #[test]
        fn any_uuid_is_one_segment(bytes in any::<[u8; 16]>()) {
            let id = uuid::Uuid::from_bytes(bytes);
            let fini = BaseUrl::parse("https://h").unwrap().collection(&["v2", "hc-interactions"]).with_suffix("public");
            let url = fini.record_url(&id.into()).unwrap();
            prop_assert_eq!(url, format!("https://h/v2/hc-interactions/{id}/public"));
        }
    }
}
