use std::time::Duration;

use conversation_delete::http::Proxy;
use conversation_delete::{ApiKey, ClientCredentials, Error, RetryPolicy, corti, tavus};

pub fn from_the_environment() -> Result<tavus::Client, Error> {
    tavus::Client::from_env() // TAVUS_API_KEY, and TAVUS_BASE_URL if it is set
}

pub fn with_options(key: &str) -> Result<tavus::Client, Error> {
    tavus::Client::builder(ApiKey::new(key)?)
        .attempt_timeout(Duration::from_secs(10))
        .total_timeout(Duration::from_secs(120))
        .retry(RetryPolicy::default().with_max_attempts(6))
        .on_retry(|event| eprintln!("attempt {} failed; next in {:?}", event.attempt, event.delay))
        .user_agent_suffix("erasure-service/1.2")
        .build()
}

pub fn through_a_proxy(secret: &str, corporate_root: &str) -> Result<corti::Client, Error> {
    let credentials = ClientCredentials::new("client-id", secret);
    corti::Client::builder(corti::Environment::Eu, "tenant", credentials)
        .proxy(Proxy::Url("http://proxy.example:3128".to_owned()))
        .root_certificate_pem(corporate_root)
        .build()
}
