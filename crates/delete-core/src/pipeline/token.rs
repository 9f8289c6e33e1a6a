//! How a client obtains the access tokens for its calls.

use std::time::{Duration, Instant};

use futures_util::FutureExt;

use super::Pipeline;
use crate::auth::{Caller, ClientCredentialsGrant, Credential, Fetch, TOKEN_RULES, Token, TokenOrigin, read_token};
use crate::credential::{Secret, TokenSource};
use crate::error::{Error, ErrorExt, ErrorKind};
use crate::operation::Operation;

impl Pipeline {
    /// The credential for the next attempt of a call that ends at `deadline`; `None` if the headers of all requests have it.
    pub(super) async fn credential(&self, deadline: Instant) -> Result<Option<Credential>, Error> {
        let fetch = |deadline| self.fetch_token(deadline);
        let caller = Caller {
            clock: &**self.clock(),
            deadline,
            attempt_timeout: self.shared.attempt_timeout,
            total_timeout: self.total_timeout,
            fetch: &fetch,
        };
        self.shared.auth.credential(caller).await
    }

    fn fetch_token(&self, deadline: Instant) -> Fetch<Credential> {
        let pipeline = self.clone();
        async move {
            let requested_at = pipeline.clock().now();
            let obtained = match pipeline.shared.auth.token_origin() {
                Some(TokenOrigin::Grant(grant)) => pipeline.request_token(grant, deadline).await,
                Some(TokenOrigin::Source(source)) => call_source(source).await,
                None => Err(Error::configuration("the client has no token to obtain")),
            };
            // The record was not touched by a token request, whatever became of that: its attempts are not the call's.
            let (token, lifetime) =
                obtained.map_err(|error| error.without_token().context("no access token could be obtained"))?;
            let credential = pipeline.shared.auth.check_token(token)?;
            Ok(Token::new(credential, lifetime, requested_at))
        }
        .boxed()
    }

    async fn request_token(
        &self,
        grant: &ClientCredentialsGrant,
        deadline: Instant,
    ) -> Result<(Secret, Option<Duration>), Error> {
        let endpoint = grant.endpoint();
        let spec = self.request(Operation::Token, endpoint, Ok(endpoint.to_string()), &TOKEN_RULES)?;
        let spec = spec.with_body("application/x-www-form-urlencoded", grant.form());
        let (done, _) = self.execute_until(&spec, deadline).await?;
        read_token(&done.response)
    }
}

async fn call_source(source: &TokenSource) -> Result<(Secret, Option<Duration>), Error> {
    let failed = |error| Error::builder(ErrorKind::Unauthenticated, "the token source failed").source(error).build();
    let token = source.obtain().await.map_err(failed)?;
    Ok((token.secret, token.lifetime))
}
