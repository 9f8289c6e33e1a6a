//! The access token of a client: obtained once for all who need it, replaced shortly before its end.
//!
//! A request for a token is a shared future that any of those who wait for it drives, so that it goes on if one of them
//! is dropped or not polled.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::Credential;
use super::oauth::ClientCredentialsGrant;
use crate::TokenSource;
use crate::credential::Secret;
use crate::error::{Error, ErrorExt, ErrorKind};
use crate::pipeline::Pipeline;

/// A token is replaced this long before its end, or at half of its life if that is sooner.
const MARGIN: Duration = Duration::from_secs(60);

/// While a token is still valid, the caller that replaces it waits no longer than this for the new one, and after a
/// failure nobody tries again for as long.
const REFRESH_LIMIT: Duration = Duration::from_secs(5);

/// The lifetime of a token that comes without one.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// No token is kept for longer, whatever its lifetime.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub(super) struct TokenCache {
    origin: Origin,
    check: Check,
    state: Mutex<State>,
}

/// Where tokens come from.
#[derive(Debug)]
pub(super) enum Origin {
    Grant(ClientCredentialsGrant),
    Function(TokenSource),
}

/// What a token must pass before it is used.
struct Check(Box<CheckFn>);

type CheckFn = dyn Fn(&str) -> Result<(), Error> + Send + Sync;

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    /// The tokens that calls in flight may still carry: the present one and the one before.
    recent: [Option<Secret>; 2],
    /// The request for a token that is in flight, as long as somebody waits for it.
    request: Option<WeakShared<TokenFuture>>,
    /// No refresh begins earlier, because the last one failed.
    next_refresh: Option<Instant>,
}

type TokenFuture = BoxFuture<'static, Result<Token, Error>>;

#[derive(Clone, Debug)]
pub(super) struct Token {
    credential: Credential,
    renew_at: Instant,
    ends_at: Instant,
}

impl Token {
    /// A token that was asked for at `asked_at`; `None` if it cannot be sent.
    pub(super) fn new(secret: Secret, lifetime: Option<Duration>, asked_at: Instant) -> Option<Self> {
        let credential = Credential::bearer(secret).ok()?;
        let lifetime = lifetime.unwrap_or(DEFAULT_LIFETIME).min(MAX_LIFETIME);
        let renew_at = asked_at + (lifetime - MARGIN.min(lifetime / 2));
        Some(Self { credential, renew_at, ends_at: asked_at + lifetime })
    }
}

/// What a caller has to do for a token.
enum Plan {
    Use(Credential),
    /// The token is still valid; this caller alone replaces it.
    Refresh(Credential, Shared<TokenFuture>),
    /// There is no token yet.
    Wait(Shared<TokenFuture>),
}

impl TokenCache {
    pub(super) fn new(origin: Origin) -> Self {
        Self { origin, check: Check(Box::new(|_| Ok(()))), state: Mutex::default() }
    }

    pub(super) fn with_check(mut self, check: impl Fn(&str) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        self.check = Check(Box::new(check));
        self
    }

    pub(super) async fn credential(&self, pipeline: &Pipeline, deadline: Instant) -> Result<Credential, Error> {
        match self.plan(pipeline) {
            Plan::Use(credential) => Ok(credential),
            Plan::Refresh(current, request) => self.refresh(pipeline, current, request).await,
            Plan::Wait(request) => self.wait(pipeline, deadline, request).await,
        }
    }

    /// Waits for the first token, or the one after the last has ended.
    async fn wait(
        &self,
        pipeline: &Pipeline,
        deadline: Instant,
        mut request: Shared<TokenFuture>,
    ) -> Result<Credential, Error> {
        loop {
            // Calls that come at the same time share one request, and its failure.
            tokio::task::yield_now().await;
            let time_left = deadline.saturating_duration_since(pipeline.clock().now());
            let is_timeout = |error: &Error| error.kind() == ErrorKind::Timeout;
            match tokio::time::timeout(time_left, request).await {
                Ok(Ok(token)) => return Ok(token.credential),
                // Whoever began the request had less time than this call.
                Ok(Err(error)) if is_timeout(&error) && pipeline.clock().now() < deadline => {
                    request = match self.plan(pipeline) {
                        Plan::Use(credential) | Plan::Refresh(credential, _) => return Ok(credential),
                        Plan::Wait(request) => request,
                    };
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(token_error(out_of_time(), pipeline)),
            }
        }
    }

    fn plan(&self, pipeline: &Pipeline) -> Plan {
        let now = pipeline.clock().now();
        let mut state = self.state();
        let request = state.request.as_ref().and_then(WeakShared::upgrade).filter(|request| request.peek().is_none());
        let valid = state.token.as_ref().filter(|token| now < token.ends_at);
        match (valid, request) {
            (Some(token), _) if now < token.renew_at => Plan::Use(token.credential.clone()),
            (Some(token), Some(_)) => Plan::Use(token.credential.clone()),
            (Some(token), None) if state.next_refresh.is_some_and(|at| now < at) => Plan::Use(token.credential.clone()),
            (Some(token), None) => {
                let current = token.credential.clone();
                Plan::Refresh(current, state.begin(pipeline, now + refresh_limit(pipeline)))
            }
            (None, Some(request)) => Plan::Wait(request),
            (None, None) => Plan::Wait(state.begin(pipeline, now + pipeline.total_timeout())),
        }
    }

    /// Replaces a token that is still valid, which stays in use if that fails, whatever the reason. Only a new token that
    /// belongs elsewhere is an error at once.
    async fn refresh(
        &self,
        pipeline: &Pipeline,
        current: Credential,
        request: Shared<TokenFuture>,
    ) -> Result<Credential, Error> {
        match tokio::time::timeout(refresh_limit(pipeline), request).await {
            Ok(Ok(token)) => return Ok(token.credential),
            Ok(Err(error)) if error.kind() == ErrorKind::WrongTarget => return Err(error),
            Ok(Err(_)) | Err(_) => {}
        }
        self.state().next_refresh = Some(pipeline.clock().now() + REFRESH_LIMIT);
        Ok(current)
    }

    fn store(&self, token: &Token) {
        let mut state = self.state();
        state.recent = [Some(token.credential.secret.clone()), state.recent[0].take()];
        state.token = Some(token.clone());
        state.next_refresh = None;
    }

    /// Drops the token if it is still the refused one; another caller may have replaced it.
    pub(super) fn forget(&self, refused: &Credential) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|token| token.credential == *refused) {
            state.token = None;
        }
    }

    pub(super) fn redact(&self, text: String) -> String {
        let recent = self.state().recent.clone();
        let text = recent.iter().flatten().fold(text, |text, secret| secret.redact(text));
        match &self.origin {
            Origin::Grant(grant) => grant.redact(text),
            Origin::Function(_) => text,
        }
    }

    /// Obtains a token and keeps it for all.
    async fn obtain(&self, pipeline: &Pipeline, deadline: Instant) -> Result<Token, Error> {
        let token = match &self.origin {
            Origin::Grant(grant) => grant.obtain(pipeline, deadline).await,
            Origin::Function(source) => obtain_from(source, pipeline).await,
        };
        let token = token.map_err(|error| token_error(error, pipeline))?;
        self.check.0(token.credential.secret.expose()).for_vendor(pipeline.vendor())?;
        self.store(&token);
        Ok(token)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Begins a request for a token, which ends with the last of those who wait for it.
    fn begin(&mut self, pipeline: &Pipeline, deadline: Instant) -> Shared<TokenFuture> {
        let pipeline = pipeline.clone();
        let request = async move {
            match pipeline.auth().token_cache() {
                Some(cache) => cache.obtain(&pipeline, deadline).await,
                None => Err(Error::configuration("the client has no token to obtain")),
            }
        };
        let request = request.boxed().shared();
        self.request = request.downgrade();
        request
    }
}

fn refresh_limit(pipeline: &Pipeline) -> Duration {
    REFRESH_LIMIT.min(pipeline.attempt_timeout())
}

async fn obtain_from(source: &TokenSource, pipeline: &Pipeline) -> Result<Token, Error> {
    let asked_at = pipeline.clock().now();
    let token = source
        .obtain()
        .await
        .map_err(|error| Error::builder(ErrorKind::Unauthenticated, "the token source failed").source(error).build())?;
    Token::new(token.secret, token.lifetime, asked_at)
        .ok_or_else(|| Error::configuration("the token of the token source cannot be sent"))
}

fn out_of_time() -> Error {
    let message = "none came within the time of this call";
    Error::builder(ErrorKind::Timeout, message).retryable(true).build()
}

/// The record was not touched by a token request, whatever became of that: its attempts are not those of the delete.
fn token_error(error: Error, pipeline: &Pipeline) -> Error {
    error.without_token().context("no access token could be obtained").for_vendor(pipeline.vendor())
}
