//! The clients of a dry run: a made-up credential, and a transport of the caller's instead of the network.

use delete_core::http::Transport;
use delete_core::vendor_kit::{ErrorExt, optional_var};
use delete_core::{AccessToken, ApiKey, Error, RetryPolicy};

use super::{Clients, Target};
use crate::args::ChildrenChoice;
use crate::vendor::children::cascade_options;

/// The same clients with a made-up credential, and `transport` instead of the network.
///
/// # Errors
/// What is wrong with the addresses in the environment.
pub(crate) fn rehearse(
    target: Target,
    children: Option<ChildrenChoice>,
    transport: impl Transport,
) -> Result<Clients, Error> {
    rehearse_with(target, children, transport).map_err(|error| error.for_vendor(target.vendor()))
}

/// Corti's client with the credential of the environment, and `transport` instead of the network.
///
/// # Errors
/// What is missing or wrong in the environment.
pub(crate) fn corti_over(transport: impl Transport) -> Result<Clients, Error> {
    let builder = corti_delete::ClientBuilder::from_env()?.transport(transport).retry(RetryPolicy::none());
    let client = builder.build()?;
    Ok(Clients::of(client))
}

macro_rules! at {
    ($builder:expr, $variable:literal) => {
        match optional_var($variable)? {
            Some(url) => $builder.base_url(url),
            None => $builder,
        }
    };
}

fn rehearse_with(
    target: Target,
    children: Option<ChildrenChoice>,
    transport: impl Transport,
) -> Result<Clients, Error> {
    let key = || ApiKey::new("rehearsal");
    Ok(match target {
        Target::Corti => {
            let builder =
                corti_delete::Client::builder(corti_environment()?, "rehearsal", AccessToken::new("rehearsal")?);
            let client = at!(builder, "CORTI_BASE_URL").transport(transport).build()?;
            match children {
                Some(choice) => Clients::with_children(client, cascade_options(choice, None)),
                None => Clients::of(client),
            }
        }
        Target::Fini(route) => {
            let builder = fini_delete::Client::builder(key()?);
            let client = at!(builder, "FINI_BASE_URL").transport(transport).no_rate_limit().build()?;
            Clients::over(client, route)
        }
        Target::ElevenLabs => {
            let residency = match optional_var("ELEVENLABS_RESIDENCY")? {
                Some(name) => name.parse().map_err(|error: Error| error.context("ELEVENLABS_RESIDENCY"))?,
                None => elevenlabs_delete::Residency::default(),
            };
            let builder = elevenlabs_delete::Client::builder(key()?).residency(residency);
            let client = at!(builder, "ELEVENLABS_BASE_URL").transport(transport).build()?;
            Clients::of(client)
        }
        Target::Tavus(erasure) => {
            let builder = tavus_delete::Client::builder(key()?);
            let client = at!(builder, "TAVUS_BASE_URL").transport(transport).build()?;
            Clients::of(client.with_erasure_mode(erasure))
        }
    })
}

fn corti_environment() -> Result<corti_delete::Environment, Error> {
    match (optional_var("CORTI_ENVIRONMENT")?, optional_var("CORTI_BASE_URL")?) {
        (Some(name), _) => name.parse().map_err(|error: Error| error.context("CORTI_ENVIRONMENT")),
        // A rehearsal sends to the base URL instead, and fetches no token.
        (None, Some(_)) => Ok(corti_delete::Environment::Eu),
        (None, None) => Err(Error::configuration("the variable CORTI_ENVIRONMENT is not set (eu or us)")),
    }
}
