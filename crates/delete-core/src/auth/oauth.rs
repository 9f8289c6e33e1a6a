//! The OAuth2 client credentials grant (RFC 6749, section 4.4): its form, and how its responses are read.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::base_url::Collection;
use crate::credential::{ClientCredentials, Secret};
use crate::error::{Error, ErrorKind};
use crate::response::{BufferedResponse, ResponseRules, VendorError, Verdict};

#[derive(Debug)]
pub(crate) struct ClientCredentialsGrant {
    endpoint: Collection,
    credentials: ClientCredentials,
    scope: &'static str,
}

impl ClientCredentialsGrant {
    pub(super) fn new(endpoint: Collection, credentials: ClientCredentials, scope: &'static str) -> Self {
        Self { endpoint, credentials, scope }
    }

    pub(crate) fn endpoint(&self) -> &Collection {
        &self.endpoint
    }

    /// The body of the request, URL-encoded.
    pub(crate) fn form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.credentials.client_id)
            .append_pair("client_secret", self.credentials.client_secret.expose())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", self.scope)
            .finish()
    }

    /// `text` without the secret, which the token endpoint may echo as it is or as in the form.
    pub(super) fn redact(&self, text: String) -> String {
        let secret = &self.credentials.client_secret;
        let encoded = Secret::new(form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect::<String>());
        encoded.redact(secret.redact(text))
    }
}

/// The bearer token of a response, and its lifetime.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`] if there is none that can be sent.
pub(crate) fn read_token(response: &BufferedResponse) -> Result<(Secret, Option<Duration>), Error> {
    parse_token(response.body()).ok_or_else(|| {
        let message = "the response to the token request holds no bearer token";
        Error::builder(ErrorKind::UnexpectedResponse, message).status(response.status()).build()
    })
}

fn parse_token(body: &[u8]) -> Option<(Secret, Option<Duration>)> {
    #[derive(Deserialize)]
    struct TokenResponse {
        access_token: String,
        expires_in: Option<Value>,
        token_type: Option<String>,
    }
    // An array would be read as the fields in their order.
    let body: Value = serde_json::from_slice(body).ok().filter(Value::is_object)?;
    let token = TokenResponse::deserialize(body).ok()?;
    if token.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return None;
    }
    let secret = Secret::for_header(token.access_token, "access token").ok()?;
    Some((secret, token.expires_in.as_ref().and_then(read_seconds)))
}

/// A number, as the standard says, or a text that holds one.
fn read_seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}

/// The responses of a token endpoint (RFC 6749, sections 5.1 and 5.2).
pub(crate) const RULES: ResponseRules = ResponseRules {
    classify_success: |response| if response.is_complete() { Verdict::Ok } else { Verdict::BodyLost },
    read_error,
    override_by_code: |response, error| {
        // Keycloak sends 404 for a realm, 400 or 401 for a client that it does not know.
        let refusals = ["invalid_client", "unauthorized_client", "invalid_grant", "Realm does not exist"];
        let is_refused = response.status() == 403 || refusals.iter().any(|code| error.has_code(code));
        (response.status() < 500 && is_refused).then_some(Verdict::Fail(ErrorKind::Unauthenticated))
    },
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct OauthError {
    error: Option<String>,
    error_description: Option<String>,
}

fn read_error(response: &BufferedResponse) -> VendorError {
    let body: OauthError = serde_json::from_slice(response.body()).unwrap_or_default();
    VendorError { codes: body.error.into_iter().collect(), message: body.error_description, ..VendorError::default() }
}
