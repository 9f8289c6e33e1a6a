//! The claims of a token: its tenant, environment and scope. With those of another tenant or environment, every interaction
//! would be "not found".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use delete_core::{Error, text};
use serde::Deserialize;

/// Compares the claims of each token with the configuration, and keeps those of the latest one. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct TokenClaimsCheck {
    tenant: String,
    /// `eu`, `us`; `None` if the URLs are not Corti's own.
    environment: Option<String>,
    latest: Arc<Mutex<Option<Claims>>>,
}

impl TokenClaimsCheck {
    pub(crate) fn new(tenant: &str, environment: Option<&str>) -> Self {
        Self { tenant: tenant.to_owned(), environment: environment.map(str::to_owned), latest: Arc::default() }
    }

    /// Refuses a token of another tenant or environment. A token that cannot be read passes.
    pub(crate) fn check(&self, token: &str) -> Result<(), Error> {
        let claims = Claims::read(token);
        if let Some(claims) = &claims {
            let variables = "CORTI_ENVIRONMENT, or CORTI_BASE_URL if it is set";
            compare("tenant", claims.tenant(), Some(&self.tenant), "CORTI_TENANT_NAME")?;
            compare("environment", claims.environment(), self.environment.as_deref(), variables)?;
        }
        *self.latest() = claims;
        Ok(())
    }

    /// What the latest token confirmed, for [`CredentialCheck`](delete_core::CredentialCheck).
    pub(crate) fn confirmed(&self) -> Vec<String> {
        let latest = self.latest();
        let Some(claims) = latest.as_ref() else { return Vec::new() };
        let tenant = claims.tenant().map(|tenant| format!("tenant {tenant}"));
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

fn compare(what: &str, claimed: Option<&str>, configured: Option<&str>, variables: &str) -> Result<(), Error> {
    match (claimed, configured) {
        (Some(claimed), Some(configured)) if claimed != configured => Err(Error::wrong_target(format!(
            "the token belongs to the {what} \"{}\", but the client is configured for \"{configured}\" ({variables})",
            text::sanitize(claimed, 64),
        ))),
        _ => Ok(()),
    }
}

/// Returns `eu` for `api.eu.corti.app`, and `None` for a host that is not Corti's own.
pub(crate) fn environment_of_host(host: &str) -> Option<&str> {
    let (role, rest) = host.split_once('.')?;
    let name = rest.strip_suffix(".corti.app")?;
    (matches!(role, "api" | "auth" | "keycloak") && !name.is_empty() && !name.contains('.')).then_some(name)
}

/// Returns the issuer and the client that an access token names in its claims `iss` and `azp`; `None` if it is not a JWT
/// that names both. The signature is not checked.
///
/// A token lives for minutes; two tokens with the same issuer and client are the same credential.
pub fn token_client(token: &str) -> Option<(String, String)> {
    let Claims { iss, azp, .. } = Claims::read(token)?;
    Some((iss, azp.as_str()?.to_owned()))
}

/// Returns when an access token expires, by its claim `exp`; `None` if it is not a JWT that has one. The signature is not
/// checked.
pub fn token_expiry(token: &str) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(Claims::read(token)?.exp.as_u64()?))
}

/// What is read of a token's payload. `iss` is `https://auth.{environment}.corti.app/realms/{tenant}`, or begins with
/// `keycloak` (the vendor's SDKs read both).
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    scope: String,
    /// A value of another kind must not keep the rest from being read.
    #[serde(default)]
    azp: serde_json::Value,
    #[serde(default)]
    exp: serde_json::Value,
}

impl Claims {
    fn read(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&payload).ok()
    }

    fn tenant(&self) -> Option<&str> {
        let (_, path) = self.iss.split_once("/realms/")?;
        path.split('/').next().filter(|tenant| !tenant.is_empty())
    }

    fn environment(&self) -> Option<&str> {
        environment_of_host(self.iss.strip_prefix("https://")?.split('/').next()?)
    }

    /// The scopes `streams` and `transcribe` restrict a token to streaming (authentication page). What a token without
    /// any scope of interactions may do is not documented.
    fn may_delete(&self) -> Option<bool> {
        let has = |wanted: &str| self.scope.split(' ').any(|scope| scope == wanted);
        match has("interactions:delete") {
            true => Some(true),
            false => (has("streams") || has("transcribe")).then_some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use delete_core::ErrorKind;

    use super::*;

    fn token(payload: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload))
    }

    fn eu_check() -> TokenClaimsCheck {
        TokenClaimsCheck::new("base", Some("eu"))
    }

    #[test]
    fn a_token_of_another_tenant_or_environment_is_refused_and_the_variable_named() {
        for (issuer, variable) in [
            ("https://auth.us.corti.app/realms/base", "CORTI_ENVIRONMENT"),
            ("https://keycloak.beta-eu.corti.app/realms/base", "CORTI_ENVIRONMENT"),
            ("https://auth.eu.corti.app/realms/other", "CORTI_TENANT_NAME"),
            ("http://127.0.0.1:9/realms/other", "CORTI_TENANT_NAME"),
        ] {
            let error = eu_check().check(&token(&format!(r#"{{"iss":"{issuer}"}}"#))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WrongTarget, "{issuer}");
            assert!(error.to_string().contains(variable) && error.is_fatal_for_client(), "{error}");
        }
    }

    #[test]
    fn a_token_that_matches_or_cannot_be_read_passes() {
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
            eu_check().check(&good).unwrap();
        }
        TokenClaimsCheck::new("base", None)
            .check(&token(r#"{"iss":"https://auth.us.corti.app/realms/base"}"#))
            .unwrap();
    }

    #[test]
    fn confirmed_claims_are_reported() {
        let check = eu_check();
        assert!(check.confirmed().is_empty() && check.may_delete().is_none());
        check.check(&token(r#"{"iss":"https://auth.eu.corti.app/realms/base","scope":"openid streams"}"#)).unwrap();
        assert_eq!(check.confirmed(), ["tenant base", "environment eu"]);
        assert_eq!(check.may_delete(), Some(false));
    }

    #[test]
    fn the_claims_of_the_latest_token_count() {
        let check = eu_check();
        let with_scope =
            |scope| token(&format!(r#"{{"iss":"https://auth.eu.corti.app/realms/base","scope":"{scope}"}}"#));
        check.check(&with_scope("openid streams")).unwrap();
        check.clone().check(&with_scope("openid interactions:delete")).unwrap();
        assert_eq!(check.may_delete(), Some(true));
        check.check(&token(r#"{"iss":"https://auth.us.corti.app/realms/base","scope":"streams"}"#)).unwrap_err();
        assert_eq!(check.may_delete(), Some(true), "a refused token is never sent");
        check.check("opaque").unwrap();
        assert!(check.confirmed().is_empty() && check.may_delete().is_none());
    }

    #[test]
    fn tokens_of_one_client_name_the_same_issuer_and_client() {
        let issuer = "https://auth.eu.corti.app/realms/base";
        let of =
            |azp: &str, time: u32| token_client(&token(&format!(r#"{{"iss":"{issuer}","azp":{azp},"iat":{time}}}"#)));
        assert_eq!(of("\"me\"", 1), Some((issuer.to_owned(), "me".to_owned())));
        assert_eq!(of("\"me\"", 1), of("\"me\"", 2));
        assert_ne!(of("\"me\"", 1), of("\"you\"", 1));
        assert_eq!(of("1", 1), None);
        for opaque in ["opaque", "a.b.c", &token(r#"{"iss":"x"}"#)] {
            assert_eq!(token_client(opaque), None);
        }
    }

    #[test]
    fn a_token_names_the_time_of_its_end() {
        let of = |exp: &str| token_expiry(&token(&format!(r#"{{"iss":"x","exp":{exp}}}"#)));
        assert_eq!(of("1767225600"), Some(UNIX_EPOCH + Duration::from_secs(1_767_225_600)));
        for bad in ["-1", "1.5", "\"1\"", "null", "99999999999999999999"] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert_eq!(token_expiry("opaque"), None);
    }

    #[test]
    fn only_hosts_of_corti_name_an_environment() {
        assert_eq!(environment_of_host("api.eu.corti.app"), Some("eu"));
        assert_eq!(environment_of_host("auth.beta-eu.corti.app"), Some("beta-eu"));
        for other in
            ["127.0.0.1", "api.corti.app", "api.eu.evil.corti.app", "api.eu.corti.app.evil.example", "corti.app"]
        {
            assert_eq!(environment_of_host(other), None, "{other}");
        }
    }
}
