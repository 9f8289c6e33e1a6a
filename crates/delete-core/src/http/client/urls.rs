use std::sync::{Arc, PoisonError, RwLock};

use http::Uri;
use http::uri::{Authority, Scheme};
use url::Url;

use crate::http::TransportError;

/// Makes the `Url` that reqwest takes of the URI of a request. It keeps the latest origin: most requests go to one,
/// and parsing it costs more than the rest of the URL. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Urls(Arc<RwLock<Option<Origin>>>);

#[derive(Debug)]
struct Origin {
    scheme: Scheme,
    authority: Authority,
    url: Url,
}

impl Urls {
    pub(super) fn parse(&self, uri: &Uri) -> Result<Url, TransportError> {
        if let Some(url) = self.parse_by_origin(uri) {
            return Ok(url);
        }
        let url = Url::parse(&uri.to_string()).map_err(|error| {
            TransportError::invalid_request(format!("the URL cannot be parsed: {error}")).with_source(error)
        })?;
        if let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) {
            let mut origin = url.clone();
            origin.set_path("");
            origin.set_query(None);
            let origin = Origin { scheme: scheme.clone(), authority: authority.clone(), url: origin };
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(origin);
        }
        Ok(url)
    }

    /// The path and query of `uri` at the latest origin; `None` if it has another one.
    fn parse_by_origin(&self, uri: &Uri) -> Option<Url> {
        let path = uri.path_and_query()?.as_str();
        let origin = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let origin = origin.as_ref()?;
        let is_same_origin = uri.scheme() == Some(&origin.scheme)
            && uri.authority().is_some_and(|authority| authority.as_str() == origin.authority.as_str());
        // Two slashes would begin another host.
        let is_path = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
        if is_same_origin && is_path { origin.url.join(path).ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGINS: [&str; 7] = [
        "https://h",
        "http://h",
        "https://H",
        "https://h:8443",
        "https://u@h",
        "http://127.0.0.1:9",
        "https://xn--mnchen-3ya.example",
    ];

    proptest! {
        #[test]
        fn a_url_is_the_same_whatever_was_parsed_before(
            requests in prop::collection::vec((0..ORIGINS.len(), r#"(/[/a-z0-9.%2eE~?&=:@\\|{}"'é-]{0,12})?"#), 1..8),
        ) {
            let urls = Urls::default();
            for (origin, path) in requests {
                if let Ok(uri) = Uri::try_from(format!("{}{path}", ORIGINS[origin])) {
                    let parsed = Url::parse(&uri.to_string());
                    prop_assert_eq!(urls.parse(&uri).ok(), parsed.ok(), "{}", uri);
                }
            }
        }
    }
}
