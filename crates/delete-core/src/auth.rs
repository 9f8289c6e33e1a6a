//! Credentials on their way into a request: a fixed header, or a token that is fetched and kept fresh.

mod oauth;
mod token_cache;

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, header};

use crate::base_url::BaseUrl;
use crate::credential::{AccessToken, ApiKey, ClientCredentials, Secret, TokenSource};
use crate::error::Error;
use token_cache::TokenCache;

pub(crate) use oauth::{ClientCredentialsGrant, RULES as TOKEN_RULES, read_token};
pub(crate) use token_cache::{Caller, Fetch, Token};

/// How a client authenticates.
#[derive(Debug)]
pub struct Auth(Kind);

#[derive(Debug)]
enum Kind {
    Fixed(Credential),
    /// A fixed token that belongs to another target. It is never sent.
    Refused(Credential, Error),
    Token(Box<TokenAuth>),
}

#[derive(Debug)]
struct TokenAuth {
    cache: TokenCache<Credential>,
    origin: TokenOrigin,
    check: Check,
}

/// Where tokens come from.
#[derive(Debug)]
pub(crate) enum TokenOrigin {
    Grant(ClientCredentialsGrant),
    Source(TokenSource),
}

/// What a token must pass before it is sent.
struct Check(Box<CheckFn>);

type CheckFn = dyn Fn(&str) -> Result<(), Error> + Send + Sync;

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

impl Auth {
    /// Sends the key as it is, in a header of this (lower-case) name.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the key cannot be sent in a header.
    pub fn api_key(header: &'static str, key: &ApiKey) -> Result<Self, Error> {
        Credential::new(HeaderName::from_static(header), "", key.0.clone()).map(Self::fixed)
    }

    /// Sends the key as a bearer token.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the key cannot be sent in a header.
    pub fn bearer_key(key: &ApiKey) -> Result<Self, Error> {
        Credential::bearer(key.0.clone()).map(Self::fixed)
    }

    /// Sends a token that the caller keeps fresh.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the token cannot be sent in a header.
    pub fn access_token(token: &AccessToken) -> Result<Self, Error> {
        Credential::bearer(token.secret.clone()).map(Self::fixed)
    }

    /// Authenticates with OAuth2 client credentials (RFC 6749, section 4.4): a token is fetched at `path` below `base` when
    /// one is needed, shared by all clones of the client, and replaced before it expires.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the id or the secret is empty or holds white space.
    pub fn client_credentials(
        base: &BaseUrl,
        path: &[&str],
        credentials: ClientCredentials,
        scope: &'static str,
    ) -> Result<Self, Error> {
        credentials.check()?;
        let grant = ClientCredentialsGrant::new(base.collection(path), credentials, scope);
        Ok(Self::from_origin(TokenOrigin::Grant(grant)))
    }

    /// Sends tokens that the user's function obtains.
    pub fn token_source(source: TokenSource) -> Self {
        Self::from_origin(TokenOrigin::Source(source))
    }

    fn from_origin(origin: TokenOrigin) -> Self {
        let check = Check(Box::new(|_| Ok(())));
        Self(Kind::Token(Box::new(TokenAuth { cache: TokenCache::new(), origin, check })))
    }

    /// Checks each credential before it is sent. If `check` fails, the call fails with its error, and the credential is not
    /// sent. `check` must not keep it.
    #[must_use]
    pub fn with_token_check(self, check: impl Fn(&str) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self(match self.0 {
            Kind::Fixed(credential) | Kind::Refused(credential, _) => match check(credential.secret()) {
                Ok(()) => Kind::Fixed(credential),
                Err(error) => Kind::Refused(credential, error),
            },
            Kind::Token(auth) => Kind::Token(Box::new(TokenAuth { check: Check(Box::new(check)), ..*auth })),
        })
    }

    fn fixed(credential: Credential) -> Self {
        Self(Kind::Fixed(credential))
    }

    /// The header of a fixed credential.
    pub(crate) fn fixed_header(&self) -> Option<(HeaderName, HeaderValue)> {
        match &self.0 {
            Kind::Fixed(credential) => Some(credential.header()),
            Kind::Refused(..) | Kind::Token(_) => None,
        }
    }

    /// The credential for the next attempt besides a [fixed](Self::fixed_header) one; `caller` fetches a token if one is
    /// needed.
    pub(crate) async fn credential(&self, caller: Caller<'_, Credential>) -> Result<Option<Credential>, Error> {
        match &self.0 {
            Kind::Fixed(_) => Ok(None),
            Kind::Refused(_, error) => Err(error.clone()),
            // Boxed, so that a fixed credential needs no room for it.
            Kind::Token(auth) => Box::pin(auth.cache.get(&caller)).await.map(Some),
        }
    }

    /// Where tokens come from, if the credential is not fixed.
    pub(crate) fn token_origin(&self) -> Option<&TokenOrigin> {
        match &self.0 {
            Kind::Token(auth) => Some(&auth.origin),
            Kind::Fixed(_) | Kind::Refused(..) => None,
        }
    }

    /// A new token as a credential, if it passes the check.
    pub(crate) fn check_token(&self, token: Secret) -> Result<Credential, Error> {
        let credential = Credential::bearer(token)?;
        if let Kind::Token(auth) = &self.0 {
            (auth.check.0)(credential.secret())?;
        }
        Ok(credential)
    }

    /// `text` without any secret that this client holds.
    pub(crate) fn redact(&self, text: String) -> String {
        match &self.0 {
            Kind::Fixed(credential) | Kind::Refused(credential, _) => credential.0.secret.redact(text),
            Kind::Token(auth) => {
                let recent = auth.cache.recent();
                let text = recent.iter().flatten().fold(text, |text, credential| credential.0.secret.redact(text));
                match &auth.origin {
                    TokenOrigin::Grant(grant) => grant.redact(text),
                    TokenOrigin::Source(_) => text,
                }
            }
        }
    }

    /// Drops a credential that the vendor rejected. True if a fresh one can be obtained.
    pub(crate) fn renew(&self, rejected: &Credential) -> bool {
        match &self.0 {
            Kind::Fixed(_) | Kind::Refused(..) => false,
            Kind::Token(auth) => {
                auth.cache.forget(rejected);
                true
            }
        }
    }
}

/// What one attempt authenticates with. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Credential(Arc<CredentialHeader>);

#[derive(Debug, PartialEq)]
struct CredentialHeader {
    name: HeaderName,
    value: HeaderValue,
    secret: Secret,
}

impl Credential {
    fn new(name: HeaderName, prefix: &str, secret: Secret) -> Result<Self, Error> {
        let value = secret.to_header(prefix)?;
        Ok(Self(Arc::new(CredentialHeader { name, value, secret })))
    }

    fn bearer(token: Secret) -> Result<Self, Error> {
        Self::new(header::AUTHORIZATION, "Bearer ", token)
    }

    fn secret(&self) -> &str {
        self.0.secret.expose()
    }

    pub(crate) fn header(&self) -> (HeaderName, HeaderValue) {
        (self.0.name.clone(), self.0.value.clone())
    }
}
