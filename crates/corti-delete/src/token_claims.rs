//! The claims of a token: its tenant, environment and scope. In the wrong tenant or environment every interaction is
//! "not found".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use delete_core::{Error, text};
use serde::Deserialize;

/// The tenant and environment that a token must belong to, and the claims of the latest token that does. Clones share
/// them.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    tenant: String,
    /// `eu`, `us`; `None` if the addresses are not Corti's own.
    environment: Option<String>,
    latest: Arc<Mutex<Option<Claims>>>,
}

impl Expectation {
    pub(crate) fn new(tenant: &str, environment: Option<String>) -> Self {
        Self { tenant: tenant.to_owned(), environment, latest: Arc::default() }
    }

    /// Refuses a token that belongs to another tenant or environment. A token that cannot be read passes.
    pub(crate) fn check(&self, token: &str) -> Result<(), Error> {
        let claims = Claims::read(token);
        if let Some(claims) = &claims {
            self.compare(claims)?;
        }
        *self.latest() = claims;
        Ok(())
    }

    fn compare(&self, claims: &Claims) -> Result<(), Error> {
        if let Some(realm) = claims.realm().filter(|realm| *realm != self.tenant) {
            return Err(Error::wrong_target(format!(
                "the token belongs to the tenant \"{}\", but the configured tenant is \"{}\" (CORTI_TENANT_NAME)",
                text::sanitize(realm, 64),
                self.tenant
            )));
        }
        if let (Some(environment), Some(own)) = (claims.environment(), &self.environment) {
            if environment != own {
                return Err(Error::wrong_target(format!(
                    "the token belongs to the environment \"{}\", but requests would go to \"{own}\" (CORTI_ENVIRONMENT, \
                     or CORTI_BASE_URL if it is set)",
                    text::sanitize(environment, 64)
                )));
            }
        }
        Ok(())
    }

    /// What the latest token confirmed, in words.
    pub(crate) fn confirmed(&self) -> Vec<String> {
        let latest = self.latest();
        let Some(claims) = latest.as_ref() else { return Vec::new() };
        let tenant = claims.realm().map(|realm| format!("tenant {realm}"));
        let environment = self.environment.as_ref().and(claims.environment()).map(|name| format!("environment {name}"));
        tenant.into_iter().chain(environment).collect()
    }

    /// Whether the latest token may delete, if its scope shows it.
    pub(crate) fn may_delete(&self) -> Option<bool> {
        self.latest().as_ref()?.may_delete()
    }

    fn latest(&self) -> MutexGuard<'_, Option<Claims>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `eu` of `api.eu.corti.app`.
pub(crate) fn environment_of_host(host: &str) -> Option<&str> {
    let (role, rest) = host.split_once('.')?;
    let name = rest.strip_suffix(".corti.app")?;
    (matches!(role, "api" | "auth" | "keycloak") && !name.is_empty() && !name.contains('.')).then_some(name)
}

/// What is read of a token's payload. `iss` is `https://auth.{environment}.corti.app/realms/{tenant}`, with `auth` or
/// `keycloak` at the beginning (the vendor's SDKs read it so).
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    scope: String,
}

impl Claims {
    fn read(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&payload).ok()
    }

    fn realm(&self) -> Option<&str> {
        let (_, path) = self.iss.split_once("/realms/")?;
        path.split('/').next().filter(|realm| !realm.is_empty())
    }

    fn environment(&self) -> Option<&str> {
        let host = self.iss.strip_prefix("https://")?.split('/').next()?;
        environment_of_host(host)
    }

    /// The scopes `streams` and `transcribe` "restrict" a token to streaming (authentication page). Whether a token
    /// without any of the interactions' scopes may delete is not documented.
    fn may_delete(&self) -> Option<bool> {
        let has = |wanted: &str| self.scope.split(' ').any(|scope| scope == wanted);
        if has("interactions:delete") {
            return Some(true);
        }
        (has("streams") || has("transcribe")).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use delete_core::ErrorKind;

    use super::*;

    fn token(payload: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload))
    }

    fn expectation() -> Expectation {
        Expectation::new("base", Some("eu".to_owned()))
    }

    #[test]
    fn a_token_of_another_place_is_refused_by_name() {
        for (issuer, named) in [
            ("https://auth.us.corti.app/realms/base", "CORTI_ENVIRONMENT"),
            ("https://keycloak.beta-eu.corti.app/realms/base", "CORTI_ENVIRONMENT"),
            ("https://auth.eu.corti.app/realms/other", "CORTI_TENANT_NAME"),
            ("http://127.0.0.1:9/realms/other", "CORTI_TENANT_NAME"),
        ] {
            let error = expectation().check(&token(&format!(r#"{{"iss":"{issuer}"}}"#))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WrongTarget, "{issuer}");
            assert!(error.to_string().contains(named) && error.is_fatal_for_client(), "{error}");
        }
    }

    #[test]
    fn a_token_that_belongs_here_or_says_nothing_passes() {
        for good in [
            token(r#"{"iss":"https://auth.eu.corti.app/realms/base"}"#),
            token(r#"{"iss":"https://keycloak.eu.corti.app/realms/base/"}"#),
            token(r#"{"iss":"https://sso.example/realms/base"}"#),
            token(r#"{"iss":"https://sso.example/"}"#),
            token(r#"{"iss":7}"#),
            token("not json"),
            "opaque".to_owned(),
            "a.%%%.c".to_owned(),
            String::new(),
        ] {
            expectation().check(&good).unwrap();
        }
        Expectation::new("base", None).check(&token(r#"{"iss":"https://auth.us.corti.app/realms/base"}"#)).unwrap();
    }

    #[test]
    fn what_was_confirmed_is_told() {
        let own = expectation();
        assert!(own.confirmed().is_empty() && own.may_delete().is_none());
        own.check(&token(r#"{"iss":"https://auth.eu.corti.app/realms/base","scope":"openid streams"}"#)).unwrap();
        assert_eq!(own.confirmed(), ["tenant base", "environment eu"]);
        assert_eq!(own.may_delete(), Some(false));
    }

    #[test]
    fn the_claims_of_the_latest_token_count() {
        let own = expectation();
        let with_scope =
            |scope| token(&format!(r#"{{"iss":"https://auth.eu.corti.app/realms/base","scope":"{scope}"}}"#));
        own.check(&with_scope("openid streams")).unwrap();
        own.clone().check(&with_scope("openid interactions:delete")).unwrap();
        assert_eq!(own.may_delete(), Some(true));
        own.check(&token(r#"{"iss":"https://auth.us.corti.app/realms/base","scope":"streams"}"#)).unwrap_err();
        assert_eq!(own.may_delete(), Some(true), "a refused token is never sent");
        own.check("opaque").unwrap();
        assert!(own.confirmed().is_empty() && own.may_delete().is_none());
    }

    #[test]
    fn environments_are_read_from_cortis_own_hosts_alone() {
        assert_eq!(environment_of_host("api.eu.corti.app"), Some("eu"));
        assert_eq!(environment_of_host("auth.beta-eu.corti.app"), Some("beta-eu"));
        for other in
            ["127.0.0.1", "api.corti.app", "api.eu.evil.corti.app", "api.eu.corti.app.evil.example", "corti.app"]
        {
            assert_eq!(environment_of_host(other), None, "{other}");
        }
    }
}
