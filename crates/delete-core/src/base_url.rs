mod collection;

use std::fmt;

use url::{Host, Url};

use crate::error::Error;

pub use collection::Collection;

/// The address of a vendor's API, or of a proxy in front of it: `https` (plain `http` only on loopback), optionally with a
/// path prefix, without user name, query and fragment.
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
    /// Parses a base URL. One slash at its end is dropped; nothing else is changed or guessed.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for anything else. The message does not quote the
    /// text, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |reason: &str| Err(Error::configuration(format!("the base URL cannot be used: {reason}")));
        // The parser would silently drop tabs and line breaks and turn `\` into `/`.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return refuse("it holds white space, a control character or a backslash");
        }
        // It would resolve these, too.
        if text.to_ascii_lowercase().replace("%2e", ".").split('/').any(|segment| matches!(segment, "." | "..")) {
            return refuse("its path has a segment of dots");
        }
        let Ok(mut url) = Url::parse(text) else {
            return refuse("it is not an absolute URL such as https://api.example.com");
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

    /// Removes `segment` from the end of the path, for a vendor whose clients disagree on whether the version belongs to the
    /// base URL.
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
        Collection::new(url)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn no_base_url_panics(text in any::<String>(), tail in "[a-z:/@.%\\[\\]]{0,20}") {
            let _ = BaseUrl::parse(&text);
            let _ = BaseUrl::parse(&format!("https://{tail}"));
        }
    }
}
