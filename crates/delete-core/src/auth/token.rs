//! The token of an OAuth2 client: fetched once for all who wait, used until shortly before its end.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::MutexGuard;
use url::form_urlencoded;

use super::Credential;
use crate::answer::Answer;
use crate::base_url::Collection;
use crate::classify::{Dialect, VendorError, Verdict};
use crate::error::{Error, ErrorKind};
use crate::pipeline::{Call, Pipeline};
use crate::secret::Secret;
use crate::transport::Method;
use crate::{ClientCredentials, Outcome};

/// A token is renewed this long before its end, or at half of its life if that is sooner.
const MARGIN: Duration = Duration::from_secs(60);

/// The life of a token whose answer does not tell it.
const UNTOLD_LIFE: Duration = Duration::from_secs(60);

/// No token is kept for longer, whatever its answer tells.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub(super) struct TokenSource {
    endpoint: Collection,
    credentials: ClientCredentials,
    scope: &'static str,
    check: Check,
    cache: Mutex<Cache>,
    /// Held by the one who fetches; the others wait for it. A fetch that is dropped half-way frees it.
    fetching: tokio::sync::Mutex<()>,
}

/// What a token must stand before it is used.
struct Check(Box<CheckFn>);

type CheckFn = dyn Fn(&str) -> Result<(), Error> + Send + Sync;

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

#[derive(Debug, Default)]
struct Cache {
    token: Option<Token>,
    /// The tokens that calls under way may still carry: the present one and the one before.
    recent: [Option<Secret>; 2],
    /// The number of fetches that ended, and the error of the last, so that those who waited for it share it.
    fetches: u64,
    failure: Option<Error>,
}

#[derive(Clone, Debug)]
struct Token {
    credential: Credential,
    renew_at: Instant,
    ends_at: Instant,
}

impl TokenSource {
    pub(super) fn new(endpoint: Collection, credentials: ClientCredentials, scope: &'static str) -> Self {
        let check = Check(Box::new(|_| Ok(())));
        Self { endpoint, credentials, scope, check, cache: Mutex::default(), fetching: tokio::sync::Mutex::default() }
    }

    pub(super) fn with_check(mut self, check: impl Fn(&str) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        self.check = Check(Box::new(check));
        self
    }

    pub(super) async fn credential(&self, pipeline: &Pipeline, deadline: Instant) -> Result<Credential, Error> {
        let fetches_before = match self.cached(pipeline) {
            Ok(credential) => return Ok(credential),
            Err(fetches) => fetches,
        };
        let _turn = self.turn(pipeline, deadline).await?;
        match self.cached(pipeline) {
            Ok(credential) => return Ok(credential),
            Err(fetches) if fetches > fetches_before => {
                let failure = self.cache().failure.clone().filter(concerns_all);
                if let Some(failure) = failure {
                    return self.without_renewal(failure, pipeline);
                }
            }
            Err(_) => {}
        }
        let fetched = Box::pin(self.fetch(pipeline, deadline)).await;
        self.note(&fetched);
        match fetched {
            Ok(token) => Ok(token.credential),
            Err(failure) => self.without_renewal(failure, pipeline),
        }
    }

    /// Keeps what came of a fetch, for all.
    fn note(&self, fetched: &Result<Token, Error>) {
        let mut cache = self.cache();
        cache.fetches += 1;
        cache.failure = fetched.as_ref().err().cloned();
        if let Ok(token) = fetched {
            cache.recent = [Some(token.credential.secret.clone()), cache.recent[0].take()];
            cache.token = Some(token.clone());
        }
    }

    /// The old token, if it is good for a while yet and the failure may pass: the margin is there for this.
    fn without_renewal(&self, failure: Error, pipeline: &Pipeline) -> Result<Credential, Error> {
        match &self.cache().token {
            Some(old) if failure.is_retryable() && pipeline.clock().now() < old.ends_at => Ok(old.credential.clone()),
            _ => Err(failure),
        }
    }

    pub(super) fn redact(&self, text: String) -> String {
        let recent = self.cache().recent.clone();
        let secret = &self.credentials.client_secret;
        // As it stands in the form that the token endpoint may echo.
        let encoded = Secret::new(form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect::<String>());
        recent.iter().flatten().chain([secret, &encoded]).fold(text, |text, secret| secret.redact(text))
    }

    /// Waits until nobody else fetches.
    async fn turn(&self, pipeline: &Pipeline, deadline: Instant) -> Result<MutexGuard<'_, ()>, Error> {
        let time_left = deadline.saturating_duration_since(pipeline.clock().now());
        tokio::time::timeout(time_left, self.fetching.lock()).await.map_err(|_| {
            let message = "another call was still fetching it when the time for this one ended";
            about_token(Error::new(ErrorKind::Timeout, message).with_retryable(true), pipeline)
        })
    }

    /// Drops the token if it is still the refused one; another caller may have renewed it.
    pub(super) fn forget(&self, refused: &Credential) {
        let mut cache = self.cache();
        if cache.token.as_ref().is_some_and(|token| token.credential == *refused) {
            cache.token = None;
        }
    }

    /// The token at hand, or the number of fetches so far.
    fn cached(&self, pipeline: &Pipeline) -> Result<Credential, u64> {
        let cache = self.cache();
        match &cache.token {
            Some(token) if pipeline.clock().now() < token.renew_at => Ok(token.credential.clone()),
            _ => Err(cache.fetches),
        }
    }

    async fn fetch(&self, pipeline: &Pipeline, deadline: Instant) -> Result<Token, Error> {
        let asked_at = pipeline.clock().now();
        let call = self.call(&TOKEN_DIALECT).for_credential(deadline);
        let answer = match pipeline.execute(&call).await {
            Ok(exchange) => exchange.answer,
            Err(error) => return Err(about_token(error, pipeline)),
        };
        let token = read_token(&answer, asked_at).ok_or_else(|| {
            let message = "the answer to the token request holds no bearer token";
            about_token(Error::new(ErrorKind::UnexpectedResponse, message).with_status(Some(answer.status())), pipeline)
        })?;
        self.check.0(token.credential.secret.expose()).map_err(|error| error.for_vendor(pipeline.vendor()))?;
        Ok(token)
    }

    fn call<'a>(&'a self, dialect: &'a Dialect) -> Call<'a> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.credentials.client_id)
            .append_pair("client_secret", self.credentials.client_secret.expose())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", self.scope)
            .finish();
        let call = Call::new(Method::Post, &self.endpoint, self.endpoint.url(), dialect);
        call.with_body("application/x-www-form-urlencoded", form.into_bytes())
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a failed fetch would have failed for everybody. One that ran out of time may have had less of it.
fn concerns_all(failure: &Error) -> bool {
    !matches!(failure.kind(), ErrorKind::Timeout | ErrorKind::RateLimited)
}

/// The record was not touched by a token request, whatever became of that: its attempts are not those of the delete.
fn about_token(error: Error, pipeline: &Pipeline) -> Error {
    error.without_token().about("no access token could be obtained").for_vendor(pipeline.vendor())
}

/// The token of an answer, where it is one that can be sent.
fn read_token(answer: &Answer, asked_at: Instant) -> Option<Token> {
    #[derive(Deserialize)]
    struct TokenAnswer {
        access_token: String,
        expires_in: Option<Value>,
        token_type: Option<String>,
    }
    let body: Value = serde_json::from_slice(answer.body()).ok().filter(Value::is_object)?;
    let token = TokenAnswer::deserialize(body).ok()?;
    if token.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return None;
    }
    let credential = Credential::bearer(Secret::for_header(token.access_token, "access token").ok()?).ok()?;
    let life = token.expires_in.as_ref().and_then(read_seconds).unwrap_or(UNTOLD_LIFE).min(LONGEST_LIFE);
    Some(Token { credential, renew_at: asked_at + (life - MARGIN.min(life / 2)), ends_at: asked_at + life })
}

/// A number, as the standard says, or a text that holds one. Anything else tells nothing.
fn read_seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}

/// The answers of a token endpoint (RFC 6749, sections 5.1 and 5.2). `Acknowledged` stands for "there is a token".
const TOKEN_DIALECT: Dialect = Dialect {
    success: |answer| {
        if answer.is_complete() { Verdict::Done(Outcome::Acknowledged) } else { Verdict::BodyLost }
    },
    read_error: read_token_error,
    by_code: |answer, error| {
        // Keycloak answers 404 for a realm, 400 or 401 for a client that it does not know.
        let refusals = ["invalid_client", "unauthorized_client", "invalid_grant", "Realm does not exist"];
        let is_refused = answer.status() == 403 || refusals.iter().any(|code| error.has_code(code));
        (answer.status() < 500 && is_refused).then_some(Verdict::Fail(ErrorKind::Unauthenticated))
    },
};

#[derive(Default, Deserialize)]
struct OauthError {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

fn read_token_error(answer: &Answer) -> VendorError {
    let body: OauthError = serde_json::from_slice(answer.body()).unwrap_or_default();
    VendorError { codes: body.error.into_iter().collect(), message: body.error_description, ..VendorError::default() }
}
