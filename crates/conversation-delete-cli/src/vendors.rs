//! The clients of the four vendors, made from the environment.

use std::time::Duration;

use delete_core::transport::{Proxy, Transport};
use delete_core::vendor_kit::optional_var;
use delete_core::{AccessToken, ApiKey, Deleter, Erasure, Error, RetryPolicy, Vendor};

use crate::cli::{DeleteArgs, VendorName};
use crate::ids::IdForm;
use crate::run::MAX_ATTEMPTS;

/// Where to delete, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Corti,
    Fini,
    ElevenLabs,
    Tavus(Erasure),
}

impl Target {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// What is wrong with their combination.
    pub(crate) fn from_args(args: &DeleteArgs) -> Result<Self, &'static str> {
        let is_tavus = args.vendor == VendorName::Tavus;
        if (args.hard || args.soft) && !is_tavus {
            return Err("--hard and --soft are for tavus alone: no other vendor knows two ways to delete");
        }
        if args.one_by_one && args.vendor != VendorName::Fini {
            return Err("--one-by-one is for fini alone: at the other vendors each id has its own request anyway");
        }
        match (args.vendor, args.hard, args.soft) {
            (VendorName::Corti, ..) => Ok(Self::Corti),
            (VendorName::Fini, ..) => Ok(Self::Fini),
            (VendorName::Elevenlabs, ..) => Ok(Self::ElevenLabs),
            (VendorName::Tavus, true, _) => Ok(Self::Tavus(Erasure::Hard)),
            (VendorName::Tavus, _, true) => Ok(Self::Tavus(Erasure::Soft)),
            (VendorName::Tavus, false, false) => {
                Err("tavus needs --hard (the records and their assets, irrevocably) or --soft: there is no default")
            }
        }
    }

    pub(crate) fn vendor(self) -> Vendor {
        match self {
            Self::Corti => corti_delete::VENDOR,
            Self::Fini => fini_delete::VENDOR,
            Self::ElevenLabs => elevenlabs_delete::VENDOR,
            Self::Tavus(_) => tavus_delete::VENDOR,
        }
    }

    pub(crate) fn id_form(self) -> IdForm {
        match self {
            Self::Corti | Self::Fini => IdForm::Uuid,
            Self::ElevenLabs | Self::Tavus(_) => IdForm::Opaque,
        }
    }

    pub(crate) fn erasure(self) -> Option<Erasure> {
        match self {
            Self::Tavus(erasure) => Some(erasure),
            _ => None,
        }
    }

    /// The variables that say which part of the vendor the records are in.
    pub(crate) fn workspace_variables(self) -> &'static [&'static str] {
        match self {
            Self::Corti => &["CORTI_ENVIRONMENT", "CORTI_TENANT_NAME"],
            Self::ElevenLabs => &["ELEVENLABS_RESIDENCY"],
            Self::Fini | Self::Tavus(_) => &[],
        }
    }
}

/// How requests travel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Travel {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) uses_system_proxy: bool,
}

/// The least time that a call may take with all its attempts.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);

macro_rules! with_travel {
    ($builder:expr, $travel:expr) => {{
        let mut builder = $builder
            .user_agent_suffix(concat!("conversation-delete/", env!("CARGO_PKG_VERSION")))
            .retry(RetryPolicy::default().max_attempts(MAX_ATTEMPTS));
        if $travel.uses_system_proxy {
            builder = builder.proxy(Proxy::System);
        }
        if let Some(timeout) = $travel.attempt_timeout {
            // Two attempts should fit.
            builder = builder.attempt_timeout(timeout).total_timeout(TOTAL_TIMEOUT.max(timeout * 2));
        }
        builder.build()?
    }};
}

/// The client of the target's vendor, with the credential of the environment. Nothing is sent yet.
///
/// # Errors
/// What is missing or wrong in the environment.
pub(crate) fn connect(target: Target, travel: Travel) -> Result<Box<dyn Deleter>, Error> {
    Ok(match target {
        Target::Corti => Box::new(with_travel!(corti_delete::Client::builder_from_env()?, travel)),
        Target::Fini => Box::new(with_travel!(fini_delete::Client::builder_from_env()?, travel)),
        Target::ElevenLabs => Box::new(with_travel!(elevenlabs_delete::Client::builder_from_env()?, travel)),
        Target::Tavus(erasure) => {
            let client = with_travel!(tavus_delete::Client::builder_from_env()?, travel);
            Box::new(client.with_mode(erasure))
        }
    })
}

/// The same client with a made-up credential, and `transport` in the place of the network.
///
/// # Errors
/// What is wrong with the addresses in the environment.
pub(crate) fn rehearse(target: Target, transport: impl Transport) -> Result<Box<dyn Deleter>, Error> {
    rehearse_with(target, transport).map_err(|error| error.for_vendor(target.vendor()))
}

macro_rules! at {
    ($builder:expr, $variable:literal) => {
        match optional_var($variable)? {
            Some(url) => $builder.base_url(url),
            None => $builder,
        }
    };
}

fn rehearse_with(target: Target, transport: impl Transport) -> Result<Box<dyn Deleter>, Error> {
    let key = || ApiKey::new("rehearsal");
    Ok(match target {
        Target::Corti => {
            let builder =
                corti_delete::Client::builder(corti_environment()?, "rehearsal", AccessToken::new("rehearsal")?);
            Box::new(at!(builder, "CORTI_BASE_URL").transport(transport).build()?)
        }
        Target::Fini => {
            let builder = fini_delete::Client::builder(key()?);
            Box::new(at!(builder, "FINI_BASE_URL").transport(transport).build()?)
        }
        Target::ElevenLabs => {
            let residency = match optional_var("ELEVENLABS_RESIDENCY")? {
                Some(name) => name.parse().map_err(|error: Error| error.about("ELEVENLABS_RESIDENCY"))?,
                None => elevenlabs_delete::Residency::default(),
            };
            let builder = elevenlabs_delete::Client::builder(key()?).residency(residency);
            Box::new(at!(builder, "ELEVENLABS_BASE_URL").transport(transport).build()?)
        }
        Target::Tavus(erasure) => {
            let builder = tavus_delete::Client::builder(key()?);
            Box::new(at!(builder, "TAVUS_BASE_URL").transport(transport).build()?.with_mode(erasure))
        }
    })
}

fn corti_environment() -> Result<corti_delete::Environment, Error> {
    match (optional_var("CORTI_ENVIRONMENT")?, optional_var("CORTI_BASE_URL")?) {
        (Some(name), _) => name.parse().map_err(|error: Error| error.about("CORTI_ENVIRONMENT")),
        // The base URL stands in its place, and no token is fetched in a rehearsal.
        (None, Some(_)) => Ok(corti_delete::Environment::Eu),
        (None, None) => Err(Error::configuration("the variable CORTI_ENVIRONMENT is not set (eu or us)")),
    }
}
