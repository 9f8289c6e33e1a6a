use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader, ErrorExt, optional_var};
use delete_core::{AccessToken, BaseUrl, ClientCredentials, ConversationId, Error, TokenSource};

use crate::client::Client;
use crate::environment::Environment;
use crate::token_claims::{TokenClaimsCheck, environment_of_host};
use crate::wire;

/// How a client authenticates.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// An API client of the tenant. Tokens are fetched when needed, and renewed before they expire.
    Client(ClientCredentials),
    /// A token that the caller renews. Corti's tokens live for 300 s.
    Token(AccessToken),
    /// An async function that obtains tokens, for logins such as PKCE.
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

impl Client {
    /// Returns a builder for a client of this tenant. `credentials` are [`ClientCredentials`], an [`AccessToken`] or a
    /// [`TokenSource`].
    pub fn builder(
        environment: Environment,
        tenant: impl Into<String>,
        credentials: impl Into<Credentials>,
    ) -> ClientBuilder {
        ClientBuilder {
            environment,
            tenant: tenant.into(),
            credentials: credentials.into(),
            auth_url: None,
            options: ClientOptions::default(),
        }
    }

    /// Creates a client from the variables that [`ClientBuilder::from_env`] reads.
    ///
    /// # Errors
    /// As for [`ClientBuilder::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct ClientBuilder {
    environment: Environment,
    tenant: String,
    credentials: Credentials,
    /// Parsed when it is set, so that `Debug` shows no password in it.
    auth_url: Option<Result<BaseUrl, Error>>,
    options: ClientOptions,
}

impl ClientBuilder {
    /// Creates a builder from `CORTI_ENVIRONMENT` (`eu` or `us`), `CORTI_TENANT_NAME`, and either `CORTI_CLIENT_ID` with
    /// `CORTI_CLIENT_SECRET` or `CORTI_ACCESS_TOKEN`. `CORTI_BASE_URL` and `CORTI_AUTH_URL` replace the URLs of the
    /// environment; with both, or with the first and a token, `CORTI_ENVIRONMENT` may be missing.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the variable, if one is missing, empty or unusable.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(optional_var)
    }

    /// Creates a builder from the variables of [`from_env`](Self::from_env) that `lookup` returns, such as those of a
    /// configuration file. It returns the value of a variable, or `None` if it is not set.
    ///
    /// # Errors
    /// As for [`from_env`](Self::from_env), and the errors of `lookup`.
    pub fn from_lookup(lookup: impl Fn(&str) -> Result<Option<String>, Error>) -> Result<Self, Error> {
        Self::read(EnvReader::new(wire::VENDOR, &lookup), None)
    }

    /// The same with these credentials, instead of those that `lookup` returns.
    ///
    /// # Errors
    /// As for [`from_lookup`](Self::from_lookup).
    pub fn from_lookup_with(
        credentials: impl Into<Credentials>,
        lookup: impl Fn(&str) -> Result<Option<String>, Error>,
    ) -> Result<Self, Error> {
        Self::read(EnvReader::new(wire::VENDOR, &lookup), Some(credentials.into()))
    }

    fn read(env: EnvReader<'_>, given: Option<Credentials>) -> Result<Self, Error> {
        let tenant = env.required("CORTI_TENANT_NAME", |tenant| check_tenant(&tenant).map(|()| tenant))?;
        let credentials = given.map_or_else(|| credentials(env), Ok)?;
        let environment = match env.optional("CORTI_ENVIRONMENT", |name| name.parse())? {
            Some(environment) => environment,
            None => custom_environment(env, !matches!(credentials, Credentials::Client(_)))?,
        };
        let mut builder = Client::builder(environment, tenant, credentials);
        builder.auth_url = env.optional("CORTI_AUTH_URL", |url| BaseUrl::parse(&url))?.map(Ok);
        builder.options = env.client_options("CORTI_BASE_URL")?;
        Ok(builder)
    }

    /// Sets the base URL of the token endpoint, instead of the environment's `https://auth.….corti.app`. The rules of
    /// [`base_url`](Self::base_url) apply.
    pub fn auth_url(mut self, url: impl AsRef<str>) -> Self {
        self.auth_url = Some(BaseUrl::parse(url.as_ref()));
        self
    }

    delete_core::client_options!();

    /// Builds the client. Nothing is sent. If the base URL has no path, `/v2` is added.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) if the tenant, a credential, a URL or an option is unusable.
    pub fn build(self) -> Result<Client, Error> {
        self.try_build().for_vendor(wire::VENDOR)
    }

    fn try_build(self) -> Result<Client, Error> {
        check_tenant(&self.tenant)?;
        let (api_url, auth_url) = self.environment.urls();
        let api_url = with_version(self.options.base_url_or(api_url)?)?;
        let auth_url = self.auth_url.unwrap_or_else(|| BaseUrl::parse(auth_url));
        let auth_url = auth_url.context("the URL of the token endpoint")?;
        let auth = match self.credentials {
            Credentials::Client(credentials) => {
                // The Keycloak realm is the tenant.
                let path = ["realms", &self.tenant, "protocol", "openid-connect", "token"];
                Auth::client_credentials(&auth_url, &path, credentials, "openid")?
            }
            Credentials::Token(token) => Auth::access_token(&token)?,
            Credentials::Source(source) => Auth::token_source(source),
        };
        let environment = environment_of_host(api_url.host()).or(self.environment.name());
        let token_claims = TokenClaimsCheck::new(&self.tenant, environment);
        let auth = auth.with_token_check({
            let token_claims = token_claims.clone();
            move |token| token_claims.check(token)
        });
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&api_url, &auth_url], auth)?;
        let collection = |name| api_url.collection(&[name]).with_header("tenant-name", &self.tenant);
        Ok(Client {
            pipeline,
            interactions: collection("interactions")?,
            documents: collection("documents")?,
            token_claims,
        })
    }
}

/// Adds the version to a base URL without a path.
fn with_version(base: BaseUrl) -> Result<BaseUrl, Error> {
    let text = base.to_string();
    let has_path = text.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if has_path { Ok(base) } else { BaseUrl::parse(&format!("{text}/v2")) }
}

/// With a token, or a source of tokens, the URL of the token endpoint does not matter.
fn custom_environment(env: EnvReader<'_>, has_token: bool) -> Result<Environment, Error> {
    let api_url = env.base_url("CORTI_BASE_URL")?;
    let auth_url = env.base_url("CORTI_AUTH_URL")?.or_else(|| api_url.clone().filter(|_| has_token));
    match api_url.zip(auth_url) {
        Some((api_url, auth_url)) => Ok(Environment::Custom { api_url, auth_url }),
        None => Err(configuration("the variable CORTI_ENVIRONMENT is not set (eu or us)")),
    }
}

fn credentials(env: EnvReader<'_>) -> Result<Credentials, Error> {
    let token = env.optional("CORTI_ACCESS_TOKEN", AccessToken::new)?;
    let secret = env.optional("CORTI_CLIENT_SECRET", Ok)?;
    match (token, secret) {
        (Some(token), None) => Ok(token.into()),
        (None, Some(secret)) => Ok(ClientCredentials::new(env.required("CORTI_CLIENT_ID", Ok)?, secret).into()),
        (Some(_), Some(_)) => {
            Err(configuration("CORTI_CLIENT_SECRET and CORTI_ACCESS_TOKEN are both set; unset one of them"))
        }
        (None, None) => Err(configuration("neither CORTI_CLIENT_SECRET nor CORTI_ACCESS_TOKEN is set")),
    }
}

/// The tenant is sent in a header, and as one segment of the token endpoint's path.
fn check_tenant(tenant: &str) -> Result<(), Error> {
    let message = "the tenant name is empty or has characters other than letters, digits and - . _ ~";
    ConversationId::new(tenant).map(drop).map_err(|_| configuration(message))
}

fn configuration(message: &str) -> Error {
    Error::configuration(message).for_vendor(wire::VENDOR)
}

#[cfg(test)]
mod tests {
    use delete_core::ErrorKind;

    use super::*;

    /// A builder from these variables, with a token of its own or with their credentials.
    fn build(token: Option<&str>, set: &[(&str, &str)]) -> Result<Client, Error> {
        let lookup = |name: &str| Ok(set.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()));
        let builder = match token {
            Some(token) => ClientBuilder::from_lookup_with(AccessToken::new(token)?, lookup),
            None => ClientBuilder::from_lookup(lookup),
        };
        builder?.build()
    }

    #[test]
    fn a_builder_reads_its_variables_from_a_lookup() {
        let (tenant, environment) = (("CORTI_TENANT_NAME", "t"), ("CORTI_ENVIRONMENT", "eu"));
        let (id, secret) = (("CORTI_CLIENT_ID", "i"), ("CORTI_CLIENT_SECRET", "s"));
        let (token, base) = (("CORTI_ACCESS_TOKEN", "t"), ("CORTI_BASE_URL", "https://gateway.example"));
        build(None, &[tenant, environment, id, secret]).unwrap();
        build(None, &[tenant, base, token]).unwrap();
        // A given credential takes precedence over those of the lookup.
        build(Some("own"), &[tenant, base]).unwrap();
        build(Some("own"), &[tenant, environment, secret, token]).unwrap();
        for (set, named) in [
            (&[environment, id, secret][..], "CORTI_TENANT_NAME"),
            (&[tenant, environment], "CORTI_CLIENT_SECRET"),
            (&[tenant, environment, secret], "CORTI_CLIENT_ID"),
            (&[tenant, environment, id, secret, token], "both set"),
            (&[tenant, base, id, secret], "CORTI_ENVIRONMENT"),
        ] {
            let error = build(None, set).unwrap_err();
            assert!(error.kind() == ErrorKind::Configuration && error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn an_error_of_the_lookup_is_that_of_the_builder() {
        let error = ClientBuilder::from_lookup(|name| Err(Error::configuration(format!("{name} is locked"))));
        assert!(error.unwrap_err().to_string().contains("CORTI_TENANT_NAME is locked"));
    }
}
