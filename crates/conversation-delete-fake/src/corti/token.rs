//! Corti's token endpoint: OAuth2 client credentials, as Keycloak serves it.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{ENVIRONMENTS, KEYS, TENANT};
use crate::backend::Call;
use crate::clock::FIXED_START;
use crate::keys::{Key, Role};
use crate::message::{FakeReply, object};
use crate::options::Options;
use crate::world::World;

/// A tenant that the client did not ask for.
const OTHER_REALM: &str = "other";

const REALMS: [&str; 2] = [TENANT, OTHER_REALM];

/// Ten years.
const FIXED_TOKEN_LIFE: u64 = 315_360_000;

/// The tokens given out.
pub(super) struct Tokens {
    issued: HashMap<String, Issued>,
    fixed: HashMap<String, Role>,
    count: u64,
}

struct Issued {
    role: Role,
    ends: Duration,
}

impl Default for Tokens {
    fn default() -> Self {
        let issuers = ENVIRONMENTS.iter().flat_map(|environment| REALMS.map(|realm| issuer(environment, realm)));
        let tokens = |issuer: String| Role::ALL.iter().map(move |role| (fixed_token(*role, &issuer), *role));
        let fixed = issuers.flat_map(tokens).collect();
        Self { issued: HashMap::new(), fixed, count: 0 }
    }
}

impl Tokens {
    /// The role of a token that is still good.
    pub(super) fn role_of(&self, token: &str, world: &World) -> Option<Role> {
        let issued = self.issued.get(token).filter(|issued| issued.ends > world.clock.now()).map(|issued| issued.role);
        let role = issued.or_else(|| self.fixed.get(token).copied())?;
        world.keys.is_live(role).then_some(role)
    }

    /// All tokens given out so far are worthless; the fixed ones stay.
    pub(super) fn forget(&mut self) {
        self.issued.clear();
    }

    /// `POST /realms/{tenant}/protocol/openid-connect/token` with the form fields of the vendor's SDK (docs, SDK).
    pub(super) fn issue(&mut self, call: &Call<'_>, world: &World) -> FakeReply {
        match grant(call, world) {
            Ok(key) => self.give(key, world),
            Err(refusal) => refusal,
        }
    }

    fn give(&mut self, key: &'static Key, world: &World) -> FakeReply {
        self.count += 1;
        let now = world.clock.now();
        self.issued.retain(|_, issued| issued.ends > now);
        let life = world.options.number("expires_in");
        let issuer = chosen_issuer(&world.options);
        // With a random seed the claims are the same in every run; `expires_in` is the token's life all the same.
        let (starts, claimed_life) =
            world.random_seed.map_or((world.clock.unix_secs(), life), |_| (FIXED_START, FIXED_TOKEN_LIFE));
        let claims = Claims { issuer: &issuer, key, starts, life: claimed_life, number: self.count };
        let token = claims.jwt("Bearer");
        let ends = now.saturating_add(Duration::from_secs(life));
        self.issued.insert(token.clone(), Issued { role: key.role, ends });
        // Docs: note the hyphens of `not-before-policy`, and no refresh token for this grant.
        let reply = object(&[
            ("access_token", token.into()),
            ("expires_in", life.into()),
            ("refresh_expires_in", 0.into()),
            ("token_type", "Bearer".into()),
            ("id_token", claims.jwt("ID").into()),
            ("not-before-policy", 0.into()),
            ("scope", "openid email profile".into()),
        ]);
        FakeReply::json(200, reply).with_header("cache-control", "no-store")
    }
}

/// A token for `CORTI_ACCESS_TOKEN` that needs no token endpoint, issued as the options say.
pub(crate) fn fixed_access_token(role: Role, options: &Options) -> String {
    fixed_token(role, &chosen_issuer(options))
}

fn chosen_issuer(options: &Options) -> String {
    let realm = if options.is("issuer_realm", "other") { OTHER_REALM } else { TENANT };
    issuer(options.get("issuer_environment"), realm)
}

/// SDK: the form of the `iss` claim.
fn issuer(environment: &str, realm: &str) -> String {
    format!("https://auth.{environment}.corti.app/realms/{realm}")
}

fn fixed_token(role: Role, issuer: &str) -> String {
    let key = &KEYS[role as usize];
    Claims { issuer, key, starts: FIXED_START, life: FIXED_TOKEN_LIFE, number: 0 }.jwt("Bearer")
}

/// Checks a token request. Docs: 401 `invalid_client` for the id, 401 `unauthorized_client` for the secret, 400
/// `bad_request`; the shape of the bodies is OAuth's (assumed).
fn grant(call: &Call<'_>, world: &World) -> Result<&'static Key, FakeReply> {
    if call.subject != TENANT {
        // Keycloak's response for a realm that it does not have (assumed).
        return Err(FakeReply::json(404, object(&[("error", "Realm does not exist".into())])));
    }
    let content_type = call.request.header("content-type").unwrap_or_default();
    if !content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(refusal(400, "bad_request", "The body must be a form"));
    }
    let form: HashMap<String, String> = form_urlencoded::parse(call.request.body()).into_owned().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    match field("grant_type") {
        "client_credentials" => {}
        "" => return Err(refusal(400, "bad_request", "Missing form parameter: grant_type")),
        _ => return Err(refusal(400, "bad_request", "Unsupported grant_type")),
    }
    match world.keys.client(field("client_id")) {
        None => Err(refusal(401, "invalid_client", "Invalid client or Invalid client credentials")),
        Some(key) if key.secret != field("client_secret") => {
            Err(refusal(401, "unauthorized_client", "Invalid client or Invalid client credentials"))
        }
        Some(key) => Ok(key),
    }
}

fn refusal(status: u16, error: &str, description: &str) -> FakeReply {
    FakeReply::json(status, object(&[("error", error.into()), ("error_description", description.into())]))
}

/// What a token says; the signature is made up.
struct Claims<'a> {
    issuer: &'a str,
    key: &'a Key,
    starts: u64,
    life: u64,
    number: u64,
}

impl Claims<'_> {
    fn jwt(&self, kind: &str) -> String {
        let header = object(&[("alg", "RS256".into()), ("typ", "JWT".into()), ("kid", "fake-key".into())]);
        let payload = object(&[
            ("exp", self.starts.saturating_add(self.life).into()),
            ("iat", self.starts.into()),
            ("jti", crate::ids::request_uuid(self.number).into()),
            ("iss", self.issuer.into()),
            ("sub", format!("service-account-{}", self.key.client_id).into()),
            ("typ", kind.into()),
            ("azp", self.key.client_id.into()),
            ("scope", "openid email profile".into()),
        ]);
        let signature = format!("signature of the fake for {}", self.key.client_id);
        [header, payload, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
    }
}
