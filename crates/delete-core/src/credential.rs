use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::Error;

/// A text that `Debug`, errors and logs never show. It is wiped from memory when it is dropped; its copies in headers,
/// request bodies and token responses are not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Creates a secret that can be sent in a header: not empty, visible ASCII only.
    pub(crate) fn for_header(text: impl Into<String>, what: &str) -> Result<Self, Error> {
        let secret = Self::new(text);
        check_visible(secret.expose(), what)?;
        Ok(secret)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns `prefix` and the secret as a header value whose `Debug` hides it.
    pub(crate) fn to_header(&self, prefix: &str) -> Result<HeaderValue, Error> {
        let text = Zeroizing::new(format!("{prefix}{}", self.expose()));
        let mut value = HeaderValue::try_from(text.as_str())
            .map_err(|_| Error::configuration("the credential cannot be sent in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Replaces every occurrence of the secret in `text`, which comes from a server that may echo the request. The case
    /// of letters does not count, because host names and proxies change it.
    pub(crate) fn redact(&self, text: String) -> String {
        if text.len() < self.0.len() {
            return text;
        }
        let secret = Zeroizing::new(self.0.to_ascii_lowercase());
        let lower = text.to_ascii_lowercase();
        if secret.is_empty() || !lower.contains(secret.as_str()) {
            return text;
        }
        let mut clean = String::with_capacity(text.len());
        let mut end = 0;
        for (start, matched) in lower.match_indices(secret.as_str()) {
            clean.push_str(&text[end..start]);
            clean.push_str("[redacted]");
            end = start + matched.len();
        }
        clean + &text[end..]
    }
}

/// Refuses a text that is empty or holds anything but visible ASCII, without quoting it.
fn check_visible(text: &str, what: &str) -> Result<(), Error> {
    let reason = if text.is_empty() {
        "is empty"
    } else if text.bytes().any(|b| b.is_ascii_whitespace()) {
        "holds white space or a line break; was it copied with one?"
    } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
        "holds a character that is not visible ASCII; was an invisible one copied with it?"
    } else {
        return Ok(());
    };
    Err(Error::configuration(format!("the {what} {reason}")))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// An API key: not empty, visible ASCII only. `Debug` hides it.
///
/// ```
/// use delete_core::ApiKey;
///
/// let key = ApiKey::new("fini_0123456789")?;
/// assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
/// assert!(ApiKey::new("").is_err() && ApiKey::new("key\n").is_err());
/// # Ok::<(), delete_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey(pub(crate) Secret);

impl ApiKey {
    /// Takes `key` as it is, untrimmed.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty or holds anything but visible ASCII.
    /// The message does not show it.
    pub fn new(key: impl Into<String>) -> Result<Self, Error> {
        Secret::for_header(key, "API key").map(Self)
    }
}

/// A bearer token that was obtained elsewhere. `Debug` hides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    pub(crate) secret: Secret,
    pub(crate) lifetime: Option<Duration>,
}

impl AccessToken {
    /// Takes `token` as it is, untrimmed.
    ///
    /// # Errors
    /// As for [`ApiKey::new`].
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { secret: Secret::for_header(token, "access token")?, lifetime: None })
    }

    /// Sets for how long the token of a [`TokenSource`] is valid from now on. Default: a minute.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}

/// An async function that obtains access tokens, for logins other than client credentials: PKCE with a refresh token, a
/// broker, a command.
///
/// A client calls it when it needs a token, shares the token with its clones, and calls it again shortly before the token
/// expires or after the vendor refused it. Concurrent calls of the client share one call of the function. An error of the
/// function fails the call with [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated); its text is part of the
/// message, so it must not hold a secret.
///
/// ```
/// use std::time::Duration;
/// use delete_core::{AccessToken, TokenSource};
///
/// let source = TokenSource::new(|| async {
///     let token = AccessToken::new("from your login")?;
///     Ok(token.with_lifetime(Duration::from_secs(300)))
/// });
/// ```
#[derive(Clone)]
pub struct TokenSource(Arc<TokenFn>);

type TokenFn = dyn Fn() -> BoxFuture<'static, TokenResult> + Send + Sync;
type TokenResult = Result<AccessToken, Box<dyn std::error::Error + Send + Sync>>;

impl TokenSource {
    /// Creates a source from a function.
    pub fn new<F, R>(obtain: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = TokenResult> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(obtain())))
    }

    pub(crate) fn obtain(&self) -> BoxFuture<'static, TokenResult> {
        (self.0)()
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
    }
}

/// The id and secret of an OAuth2 client (RFC 6749, section 4.4). `Debug` hides the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCredentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
}

impl ClientCredentials {
    /// Takes both as they are, untrimmed.
    ///
    /// The `build` of a client's builder refuses an id or a secret that is empty or holds anything but visible ASCII, with
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) and a message that shows neither.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), client_secret: Secret::new(client_secret) }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_visible(&self.client_id, "client id")?;
        check_visible(self.client_secret.expose(), "client secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_keys_are_refused_without_being_shown() {
        for key in ["", "k3y\n", "k3y\r\nx: y", " k3y", "k3y ", "\u{200b}k3y", "k3y\u{e9}", "k3y\0", "k3y\u{7f}"] {
            let error = ApiKey::new(key).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert!(!format!("{error} {error:?}").contains("k3y"), "{key:?}");
            assert!(AccessToken::new(key).is_err());
            assert!(ClientCredentials::new(key, "secret").check().is_err());
            assert!(ClientCredentials::new("id", key).check().is_err());
        }
    }

    #[test]
    fn a_secret_is_taken_out_of_an_echo() {
        let secret = Secret::new("k3y");
        assert_eq!(secret.redact("bad ké k3y, K3Y!".into()), "bad ké [redacted], [redacted]!");
        assert_eq!(Secret::new("").redact("text".into()), "text");
    }

    #[test]
    fn nothing_shows_a_secret() {
        let shown = format!(
            "{:?} {:?} {:?} {:?}",
            ApiKey::new("k3y").unwrap(),
            AccessToken::new("k3y").unwrap(),
            ClientCredentials::new("id", "k3y"),
            Secret::new("k3y").to_header("Bearer ").unwrap(),
        );
        assert!(!shown.contains("k3y"), "{shown}");
    }
}
