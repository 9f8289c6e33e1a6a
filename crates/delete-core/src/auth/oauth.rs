//! The OAuth2 client credentials grant (RFC 6749, section 4.4).

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::token_cache::Token;
use crate::base_url::Collection;
use crate::credential::Secret;
use crate::error::{Error, ErrorKind};
use crate::http::Method;
use crate::pipeline::{Call, Pipeline};
use crate::response::BufferedResponse;
use crate::response::{ResponseRules, VendorError, Verdict};
use crate::{ClientCredentials, Outcome};

#[derive(Debug)]
pub(super) struct ClientCredentialsGrant {
    endpoint: Collection,
    credentials: ClientCredentials,
    scope: &'static str,
}

impl ClientCredentialsGrant {
    pub(super) fn new(endpoint: Collection, credentials: ClientCredentials, scope: &'static str) -> Self {
        Self { endpoint, credentials, scope }
    }

    pub(super) async fn obtain(&self, pipeline: &Pipeline, deadline: Instant) -> Result<Token, Error> {
        let asked_at = pipeline.clock().now();
        let response = pipeline.execute(&self.call().for_token(deadline)).await?.response;
        read_token(&response, asked_at).ok_or_else(|| {
            let message = "the response to the token request holds no bearer token";
            Error::builder(ErrorKind::UnexpectedResponse, message).status(response.status()).build()
        })
    }

    /// `text` without the secret, which the token endpoint may echo as it is or as in the form.
    pub(super) fn redact(&self, text: String) -> String {
        let secret = &self.credentials.client_secret;
        let encoded = Secret::new(form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect::<String>());
        encoded.redact(secret.redact(text))
    }

    fn call(&self) -> Call<'_> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.credentials.client_id)
            .append_pair("client_secret", self.credentials.client_secret.expose())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", self.scope)
            .finish();
        let call = Call::new(Method::POST, &self.endpoint, self.endpoint.url(), &RULES);
        call.with_body("application/x-www-form-urlencoded", form.into_bytes())
    }
}

/// The token of a response, if it is one that can be sent.
fn read_token(response: &BufferedResponse, asked_at: Instant) -> Option<Token> {
    #[derive(Deserialize)]
    struct TokenResponse {
        access_token: String,
        expires_in: Option<Value>,
        token_type: Option<String>,
    }
    let body: Value = serde_json::from_slice(response.body()).ok().filter(Value::is_object)?;
    let token = TokenResponse::deserialize(body).ok()?;
    if token.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return None;
    }
    let secret = Secret::for_header(token.access_token, "access token").ok()?;
    Token::new(secret, token.expires_in.as_ref().and_then(read_seconds), asked_at)
}

/// A number, as the standard says, or a text that holds one.
fn read_seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}

/// The responses of a token endpoint (RFC 6749, sections 5.1 and 5.2). `Acknowledged` stands for "there is a token".
const RULES: ResponseRules = ResponseRules {
    classify_success: |response| {
        if response.is_complete() { Verdict::Done(Outcome::Acknowledged) } else { Verdict::BodyLost }
    },
    read_error,
    override_by_code: |response, error| {
        // Keycloak answers 404 for a realm, 400 or 401 for a client that it does not know.
        let refusals = ["invalid_client", "unauthorized_client", "invalid_grant", "Realm does not exist"];
        let is_refused = response.status() == 403 || refusals.iter().any(|code| error.has_code(code));
        (response.status() < 500 && is_refused).then_some(Verdict::Fail(ErrorKind::Unauthenticated))
    },
};

#[derive(Default, Deserialize)]
struct OauthError {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

fn read_error(response: &BufferedResponse) -> VendorError {
    let body: OauthError = serde_json::from_slice(response.body()).unwrap_or_default();
    VendorError { codes: body.error.into_iter().collect(), message: body.error_description, ..VendorError::default() }
}
