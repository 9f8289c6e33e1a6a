//! URLs: the vendor's base, a collection below it, one record in the collection. Each step can only be left in order.

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use url::{Host, Url};

use crate::error::Error;
use crate::{RecordId, text};

/// The address of a vendor's API, or of a proxy before it: `https` (plain `http` for loopback alone), with a path
/// prefix if need be, without user, query and fragment.
///
/// ```
/// use delete_core::BaseUrl;
///
/// let base = BaseUrl::parse("https://proxy.example/tavus/")?;
/// assert_eq!(base.to_string(), "https://proxy.example/tavus");
/// assert!(BaseUrl::parse("http://tavusapi.com").is_err());
/// # Ok::<(), delete_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads a base URL. One slash at its end is dropped; nothing else is changed or guessed.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for anything else. The message does not repeat
    /// the text if it holds a user name or password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |reason: &str| Err(Error::configuration(format!("the base URL cannot be used: {reason}")));
        // The parser would quietly drop tabs and line breaks and turn `\` into `/`.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return refuse("it holds white space, a control character or a backslash");
        }
        // Nor may it climb unseen.
        if text.to_ascii_lowercase().replace("%2e", ".").split('/').any(|segment| matches!(segment, "." | "..")) {
            return refuse("its path has a segment of dots");
        }
        let Ok(mut url) = Url::parse(text) else {
            return refuse("it is no absolute URL such as https://api.example.com");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it holds a query or a fragment");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return refuse("plain http would send the credential in clear; only loopback may have it"),
            _ => return refuse("its scheme is not https"),
        }
        let path = url.path().strip_suffix('/').unwrap_or(url.path()).to_owned();
        if path.contains("//") || path.ends_with('/') {
            return refuse("its path has an empty segment");
        }
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The same URL without `segment` at its end, for a vendor whose clients disagree on whether the version belongs
    /// to the base.
    #[must_use]
    pub fn without_last_segment(mut self, segment: &str) -> Self {
        let path = self.0.path().trim_end_matches('/');
        if let Some(prefix) = path.strip_suffix(segment).and_then(|prefix| prefix.strip_suffix('/')) {
            let prefix = prefix.to_owned();
            self.0.set_path(&prefix);
        }
        self
    }

    /// The collection at these path segments below the base, each a plain word.
    pub fn collection(&self, segments: &[&str]) -> Collection {
        let mut url = self.0.clone();
        let mut path = url.path().trim_end_matches('/').to_owned();
        for segment in segments {
            path.push('/');
            path.push_str(segment);
        }
        url.set_path(&path);
        let (endpoint, template) = (url.as_str().into(), url.path().into());
        let url = Arc::new(url);
        Collection { url, endpoint, template, suffix: None, query: None, header: None, ends_in_slash: false }
    }

    /// The host, without the port.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn needs_tls(&self) -> bool {
        self.0.scheme() == "https"
    }
}

/// `localhost` counts as loopback, as in browsers (RFC 6761 reserves the name).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

/// The place of a vendor's records, from which the URL of each is made. Cheap to clone.
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
    /// A fixed segment that follows each record's id.
    #[must_use]
    pub fn with_suffix(mut self, suffix: &'static str) -> Self {
        self.suffix = Some(suffix);
        self
    }

    /// A fixed query of each record's URL.
    #[must_use]
    pub fn with_query(mut self, query: &'static str) -> Self {
        self.query = Some(query);
        self
    }

    /// A header that every request to this place carries, such as the tenant whose records these are.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when HTTP does not allow the value.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Result<Self, Error> {
        let value = HeaderValue::try_from(value)
            .map_err(|_| Error::configuration(format!("the value of the header {name} cannot be sent")))?;
        self.header = Some((HeaderName::from_static(name), value));
        Ok(self)
    }

    /// The list of the collection has a slash at its end; the records have none.
    #[must_use]
    pub fn with_slash(mut self) -> Self {
        self.ends_in_slash = true;
        self
    }

    /// The collection of this name below one record.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the id would lead elsewhere.
    pub fn below(&self, id: &RecordId, name: &'static str) -> Result<Self, Error> {
        let plain = Self { suffix: None, query: None, ..self.clone() };
        let url = plain.with_suffix(name).record_url(id)?;
        let (endpoint, template) = (url.as_str().into(), format!("{}/{{id}}/{name}", self.template).into());
        Ok(Self { url: Arc::new(url), endpoint, template, suffix: None, query: None, ..self.clone() })
    }

    /// The URL of the collection, as text.
    pub(crate) fn endpoint(&self) -> &Arc<str> {
        &self.endpoint
    }

    /// The path of a URL that was made here, with `{id}` instead of each id.
    pub(crate) fn url_template(&self, path: &str) -> String {
        if path.trim_end_matches('/') == self.url.path() {
            return self.template.to_string();
        }
        let suffix = self.suffix.map(|suffix| format!("/{suffix}")).unwrap_or_default();
        format!("{}/{{id}}{suffix}", self.template)
    }

    /// The URL of the collection itself.
    pub(crate) fn url(&self) -> Url {
        Url::clone(&self.url)
    }

    /// The URL of a page of its list.
    pub(crate) fn page_url(&self, query: &[(&str, String)]) -> Url {
        let mut url = self.url();
        if self.ends_in_slash {
            url.set_path(&format!("{}/", self.url.path()));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The header that every request to this place carries.
    pub(crate) fn header(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.header.as_ref()
    }

    /// The URL of one record.
    ///
    /// The id types alone make sure that this is one more path segment. The finished URL is compared all the same,
    /// because what it names will be deleted.
    pub(crate) fn record_url(&self, id: &RecordId) -> Result<Url, Error> {
        let id = id.to_string();
        let mut url = self.url();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(&id).extend(self.suffix);
        }
        url.set_query(self.query);
        if self.names_record(&url, &id) {
            Ok(url)
        } else {
            Err(Error::invalid_input(format!("{} would reach another place than the record's", text::quoted(&id))))
        }
    }

    /// Same origin, same prefix, exactly the id as one more segment, the suffix, and no query but ours.
    fn names_record(&self, url: &Url, id: &str) -> bool {
        let segment = url.path().strip_prefix(self.url.path()).and_then(|rest| rest.strip_prefix('/'));
        let segment = match self.suffix {
            None => segment,
            Some(suffix) => segment.and_then(|rest| rest.strip_suffix(suffix)?.strip_suffix('/')),
        };
        let same_origin = url[..url::Position::BeforePath] == self.url[..url::Position::BeforePath];
        same_origin
            && segment == Some(id)
            && !id.is_empty()
            && !id.contains('/')
            && url.query() == self.query
            && url.fragment().is_none()
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ConversationId;

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
            assert_eq!(tavus(base).record_url(&id).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn refuses_a_base_url_that_would_leak_or_mislead() {
        for base in [
            "",
            "h",
            "//h",
            "/v2",
            "http://h",
            "http://tavusapi.com",
            "http://128.0.0.1",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "file:///etc",
            "data:x",
            "https://u@h",
            "https://u:secret@h",
            "https://h?x",
            "https://h#x",
            "https://h/?",
            "https://h//",
            "https://h/a/../b",
            "https://h/%2E%2e/b",
            "https://h/./b",
            "https://h/a//b",
            " https://h",
            "https://h\n",
            "https://h\\@evil.example",
            "https://eu.evil.example/#.corti.app",
        ] {
            let error = BaseUrl::parse(base).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{base:?}");
            assert!(!error.to_string().contains("secret"), "{base:?}");
        }
    }

    #[test]
    fn the_check_of_the_finished_url_refuses_every_other_place() {
        let collection = tavus("https://h/p").with_suffix("public");
        let good = "https://h/p/v2/conversations/x/public?hard=true";
        assert!(collection.names_record(&Url::parse(good).unwrap(), "x"));
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
            assert!(!collection.names_record(&Url::parse(other).unwrap(), "x"), "{other}");
        }
        let empty = Url::parse("https://h/p/v2/conversations//public?hard=true").unwrap();
        assert!(!collection.names_record(&empty, ""));
    }

    #[test]
    fn a_collection_may_lie_below_a_record() {
        let id = RecordId::from(uuid::Uuid::nil());
        let recordings = tavus("https://h/p").below(&id, "recordings").unwrap().with_slash();
        let nil = "https://h/p/v2/conversations/00000000-0000-0000-0000-000000000000";
        assert_eq!(recordings.page_url(&[]).as_str(), format!("{nil}/recordings/"));
        let url = recordings.record_url(&id).unwrap();
        assert_eq!(url.as_str(), format!("{nil}/recordings/{}", uuid::Uuid::nil()));
        assert_eq!(recordings.url_template(url.path()), "/p/v2/conversations/{id}/recordings/{id}");
        let page = recordings.page_url(&[]);
        assert_eq!(recordings.url_template(page.path()), "/p/v2/conversations/{id}/recordings");
    }

    proptest! {
        #[test]
        fn any_filter_value_stays_in_its_place(value in any::<String>()) {
            let url = tavus("https://h/p").page_url(&[("agent_id", value.clone()), ("limit", "1".to_owned())]);
            prop_assert_eq!(url.path(), "/p/v2/conversations");
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("agent_id".to_owned(), value), ("limit".to_owned(), "1".to_owned())]);
        }

        #[test]
        fn any_text_is_refused_or_one_segment(text in ".{0,40}|[./%\\\\?#a-z0-9]{0,12}") {
            if let Ok(id) = ConversationId::new(&text) {
                let url = tavus("https://h/p").record_url(&id.into()).unwrap();
                prop_assert_eq!(url.as_str(), format!("https://h/p/v2/conversations/{text}?hard=true"));
                // What a server sees after parsing is the same again.
                prop_assert_eq!(Url::parse(url.as_str()).unwrap(), url);
            }
        }

        #[test]
        fn any_uuid_is_one_segment(bytes in any::<[u8; 16]>()) {
            let id = uuid::Uuid::from_bytes(bytes);
            let fini = BaseUrl::parse("https://h").unwrap().collection(&["v2", "hc-interactions"]).with_suffix("public");
            let url = fini.record_url(&id.into()).unwrap();
            prop_assert_eq!(url.as_str(), format!("https://h/v2/hc-interactions/{id}/public"));
        }

        #[test]
        fn no_base_url_panics(text in any::<String>(), tail in "[a-z:/@.%\\[\\]]{0,20}") {
            let _ = BaseUrl::parse(&text);
            let _ = BaseUrl::parse(&format!("https://{tail}"));
        }
    }
}
