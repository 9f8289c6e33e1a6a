//! Credentials on their way into a request: a fixed header, or a token that is fetched and kept fresh.

mod oauth;
mod token_cache;

use std::time::Instant;

use http::{HeaderName, HeaderValue, header};

use crate::credential::Secret;
use crate::error::{Error, ErrorExt};
use crate::pipeline::Pipeline;
use crate::{AccessToken, ApiKey, BaseUrl, ClientCredentials, TokenSource};

use oauth::ClientCredentialsGrant;
use token_cache::{Origin, TokenCache};

/// How a client proves who it is.
#[derive(Debug)]
pub struct Auth(Kind);

#[derive(Debug)]
enum Kind {
    Fixed(Credential),
    /// A fixed token that belongs elsewhere. It is never sent.
    Refused(Credential, Error),
    Token(Box<TokenCache>),
}

impl Auth {
    /// The key as it is, in a header of this (lower-case) name.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key cannot travel in a header.
    pub fn api_key(header: &'static str, key: &ApiKey) -> Result<Self, Error> {
        Credential::new(HeaderName::from_static(header), "", key.0.clone()).map(Self::fixed)
    }

    /// The key as bearer token.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key cannot travel in a header.
    pub fn bearer_key(key: &ApiKey) -> Result<Self, Error> {
        Credential::bearer(key.0.clone()).map(Self::fixed)
    }

    /// A token that somebody else keeps fresh.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the token cannot travel in a header.
    pub fn access_token(token: &AccessToken) -> Result<Self, Error> {
        Credential::bearer(token.secret.clone()).map(Self::fixed)
    }

    /// OAuth2 client credentials (RFC 6749, section 4.4): a token is fetched at `path` below `base` when one is needed,
    /// kept for all clones of the client, and fetched anew before it ends.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the id or the secret is empty or unreadable.
    pub fn client_credentials(
        base: &BaseUrl,
        path: &[&str],
        credentials: ClientCredentials,
        scope: &'static str,
    ) -> Result<Self, Error> {
        credentials.check()?;
        let grant = ClientCredentialsGrant::new(base.collection(path), credentials, scope);
        Ok(Self(Kind::Token(Box::new(TokenCache::new(Origin::Grant(grant))))))
    }

    /// Tokens that an async function of the user obtains.
    pub fn token_source(source: TokenSource) -> Self {
        Self(Kind::Token(Box::new(TokenCache::new(Origin::Function(source)))))
    }

    /// Checks each credential before it is sent. If `check` refuses one, the call fails with its error, and nothing is
    /// sent with that credential. `check` must not keep it.
    #[must_use]
    pub fn with_token_check(self, check: impl Fn(&str) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self(match self.0 {
            Kind::Fixed(credential) | Kind::Refused(credential, _) => match check(credential.secret.expose()) {
                Ok(()) => Kind::Fixed(credential),
                Err(error) => Kind::Refused(credential, error),
            },
            Kind::Token(source) => Kind::Token(Box::new(source.with_check(check))),
        })
    }

    fn fixed(credential: Credential) -> Self {
        Self(Kind::Fixed(credential))
    }

    /// The credential for the next attempt. A token may have to be obtained through `pipeline` first, by `deadline`.
    pub(crate) async fn credential(&self, pipeline: &Pipeline, deadline: Instant) -> Result<Credential, Error> {
        match &self.0 {
            Kind::Fixed(credential) => Ok(credential.clone()),
            Kind::Refused(_, error) => Err(error.clone().for_vendor(pipeline.vendor())),
            Kind::Token(cache) => cache.credential(pipeline, deadline).await,
        }
    }

    /// Where tokens come from and are kept, if they are not fixed.
    fn token_cache(&self) -> Option<&TokenCache> {
        match &self.0 {
            Kind::Token(cache) => Some(cache),
            Kind::Fixed(_) | Kind::Refused(..) => None,
        }
    }

    /// `text` without any secret that this client holds.
    pub(crate) fn redact(&self, text: String) -> String {
        match &self.0 {
            Kind::Fixed(credential) | Kind::Refused(credential, _) => credential.secret.redact(text),
            Kind::Token(source) => source.redact(text),
        }
    }

    /// The vendor refused `credential`. True when a fresh one can be had.
    pub(crate) fn renew(&self, credential: &Credential) -> bool {
        match &self.0 {
            Kind::Fixed(_) | Kind::Refused(..) => false,
            Kind::Token(source) => {
                source.forget(credential);
                true
            }
        }
    }
}

/// What one attempt proves itself with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Credential {
    header: HeaderName,
    value: HeaderValue,
    secret: Secret,
}

impl Credential {
    fn new(header: HeaderName, prefix: &str, secret: Secret) -> Result<Self, Error> {
        let value = secret.to_header(prefix)?;
        Ok(Self { header, value, secret })
    }

    fn bearer(token: Secret) -> Result<Self, Error> {
        Self::new(header::AUTHORIZATION, "Bearer ", token)
    }

    pub(crate) fn header(&self) -> (HeaderName, HeaderValue) {
        (self.header.clone(), self.value.clone())
    }
}
