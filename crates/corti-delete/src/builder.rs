use std::fmt;
use std::str::FromStr;

use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader, ErrorExt};
use delete_core::{AccessToken, BaseUrl, ClientCredentials, ConversationId, Error, TokenSource};

use crate::token_claims::{Expectation, environment_of_host};
use crate::{Client, wire};

/// The installation that the tenant belongs to. In the wrong environment every id is "not found".
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// `api.eu.corti.app` and `auth.eu.corti.app`
    Eu,
    /// `api.us.corti.app` and `auth.us.corti.app`
    Us,
    /// Another installation.
    Custom {
        /// Replaces `https://api.eu.corti.app/v2`, including the version, which is added if the URL has no path.
        api_url: String,
        /// Replaces `https://auth.eu.corti.app`.
        auth_url: String,
    },
}

impl fmt::Debug for Environment {
    /// An address is shown only if it can be parsed, because the text may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eu => f.write_str("Eu"),
            Self::Us => f.write_str("Us"),
            Self::Custom { api_url, auth_url } => f
                .debug_struct("Custom")
                .field("api_url", &BaseUrl::parse(api_url))
                .field("auth_url", &BaseUrl::parse(auth_url))
                .finish(),
        }
    }
}

impl FromStr for Environment {
    type Err = Error;

    /// Reads `eu` or `us`. An unknown name is an error: it is never put into a host name.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "eu" => Ok(Self::Eu),
            "us" => Ok(Self::Us),
            _ => Err(Error::configuration("the environment is neither eu nor us").for_vendor(wire::VENDOR)),
        }
    }
}

/// How a client authenticates.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// An API client of the tenant: tokens are fetched when they are needed, and renewed before they expire.
    Client(ClientCredentials),
    /// A token that the caller renews. Corti's tokens live for 300 s.
    Token(AccessToken),
    /// A function that obtains tokens, for logins that are not client credentials, such as PKCE.
    Source(TokenSource),
}

impl From<ClientCredentials> for Credentials {
    fn from(credentials: ClientCredentials) -> Self {
        Self::Client(credentials)
    }
}

impl From<AccessToken> for Credentials {
    fn from(token: AccessToken) -> Self {
        Self::Token(token)
    }
}

impl From<TokenSource> for Credentials {
    fn from(source: TokenSource) -> Self {
        Self::Source(source)
    }
}

/// Builds a [`Client`].
#[derive(Clone)]
#[must_use = "call `build`"]
pub struct ClientBuilder {
    environment: Environment,
    tenant: String,
    credentials: Credentials,
    auth_url: Option<String>,
    options: ClientOptions,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .field("tenant", &self.tenant)
            .field("credentials", &self.credentials)
            .field("auth_url", &self.auth_url.as_deref().map(BaseUrl::parse))
            .field("options", &self.options)
            .finish()
    }
}

impl ClientBuilder {
    pub(crate) fn new(environment: Environment, tenant: String, credentials: Credentials) -> Self {
        Self { environment, tenant, credentials, auth_url: None, options: ClientOptions::default() }
    }

    /// Creates a builder from `CORTI_TENANT_NAME`, `CORTI_ENVIRONMENT` (`eu` or `us`), the credential in
    /// `CORTI_CLIENT_ID` and `CORTI_CLIENT_SECRET` or in `CORTI_ACCESS_TOKEN`, and, if they are set, `CORTI_BASE_URL` and
    /// `CORTI_AUTH_URL`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming the variable, if one is missing or cannot
    /// be used.
    pub fn from_env() -> Result<Self, Error> {
        let env = EnvReader::new(wire::VENDOR);
        let tenant = env.required("CORTI_TENANT_NAME", |tenant| check_tenant(&tenant).map(|()| tenant))?;
        let credentials = credentials_from_env(env)?;
        let api_url = env.base_url("CORTI_BASE_URL")?;
        let auth_url = env.base_url("CORTI_AUTH_URL")?;
        let environment = match env.optional("CORTI_ENVIRONMENT", |name| name.parse())? {
            Some(environment) => environment,
            None => custom_environment(&credentials, api_url.as_deref(), auth_url.as_deref())
                .map_err(|error| error.for_vendor(wire::VENDOR))?,
        };
        let mut builder = Self::new(environment, tenant, credentials);
        if let Some(url) = api_url {
            builder = builder.base_url(url);
        }
        if let Some(url) = auth_url {
            builder = builder.auth_url(url);
        }
        Ok(builder)
    }

    /// Sets the address that tokens are fetched from, instead of the environment's `https://auth.….corti.app`. The rules
    /// for it are those of [`base_url`](Self::base_url); it is checked when the client is built.
    pub fn auth_url(mut self, url: impl Into<String>) -> Self {
        self.auth_url = Some(url.into());
        self
    }

    delete_core::client_options!();

    /// Builds the client. Nothing is sent.
    ///
    /// A base URL without a path lacks the version `/v2`, which is added; any other path is kept as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the tenant, a credential, a URL or an option
    /// cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        self.try_build().map_err(|error| error.for_vendor(wire::VENDOR))
    }

    fn try_build(self) -> Result<Client, Error> {
        check_tenant(&self.tenant)?;
        let (api_url, auth_url) = wire::urls(&self.environment);
        let api = with_version(self.options.base_url_or(api_url)?)?;
        let auth_base = BaseUrl::parse(self.auth_url.as_deref().unwrap_or(auth_url))
            .map_err(|error| error.context("the address of the token endpoint"))?;
        let auth = match self.credentials {
            Credentials::Client(credentials) => {
                Auth::client_credentials(&auth_base, &wire::token_path(&self.tenant), credentials, wire::SCOPE)?
            }
            Credentials::Token(token) => Auth::access_token(&token)?,
            Credentials::Source(source) => Auth::token_source(source),
        };
        let environment = environment_of_host(api.host()).or_else(|| wire::environment_name(&self.environment));
        let expectation = Expectation::new(&self.tenant, environment.map(str::to_owned));
        let auth = auth.with_token_check({
            let expectation = expectation.clone();
            move |token| expectation.check(token)
        });
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&api, &auth_base], auth)?;
        let collection = |name| api.collection(&[name]).with_header(wire::TENANT_HEADER, &self.tenant);
        let (interactions, documents) = (collection(wire::INTERACTIONS)?, collection(wire::DOCUMENTS)?);
        Ok(Client { pipeline, interactions, documents, expectation })
    }
}

/// The seed's server is `https://api.eu.corti.app/v2`. A base URL without any path lacks the version; a path is kept as it
/// is, because a proxy may have a prefix of its own.
fn with_version(base: BaseUrl) -> Result<BaseUrl, Error> {
    let text = base.to_string();
    let has_path = text.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if has_path { Ok(base) } else { BaseUrl::parse(&format!("{text}/{}", wire::VERSION)) }
}

/// The environment need not be named if both addresses are.
fn custom_environment(
    credentials: &Credentials,
    api_url: Option<&str>,
    auth_url: Option<&str>,
) -> Result<Environment, Error> {
    match (api_url, auth_url, credentials) {
        (Some(api_url), Some(auth_url), _) => {
            Ok(Environment::Custom { api_url: api_url.to_owned(), auth_url: auth_url.to_owned() })
        }
        // With a fixed token, none is fetched.
        (Some(api_url), None, Credentials::Token(_)) => {
            Ok(Environment::Custom { api_url: api_url.to_owned(), auth_url: api_url.to_owned() })
        }
        _ => Err(Error::configuration("the variable CORTI_ENVIRONMENT is not set (eu or us)")),
    }
}

fn credentials_from_env(env: EnvReader) -> Result<Credentials, Error> {
    let token = env.optional("CORTI_ACCESS_TOKEN", AccessToken::new)?;
    let secret = env.optional("CORTI_CLIENT_SECRET", Ok)?;
    let message = match (token, secret) {
        (Some(token), None) => return Ok(token.into()),
        (None, Some(secret)) => {
            return Ok(ClientCredentials::new(env.required("CORTI_CLIENT_ID", Ok)?, secret).into());
        }
        (Some(_), Some(_)) => "CORTI_CLIENT_SECRET and CORTI_ACCESS_TOKEN are both set; unset one of them",
        (None, None) => "neither CORTI_CLIENT_SECRET nor CORTI_ACCESS_TOKEN is set",
    };
    Err(Error::configuration(message).for_vendor(wire::VENDOR))
}

/// The tenant is sent in a header, and as one segment of the token endpoint's path.
fn check_tenant(tenant: &str) -> Result<(), Error> {
    match ConversationId::new(tenant) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::configuration(
            "the tenant name is empty or has characters other than letters, digits and - . _ ~",
        )),
    }
}
