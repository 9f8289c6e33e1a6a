//! The clients of the four vendors, made from their settings.

pub(crate) mod children;
mod dry_run;
mod lister;
mod name;
mod single;

use std::sync::Arc;
use std::time::Duration;

use corti_delete::CascadeOptions;
use delete_core::http::Proxy;
use delete_core::{Deleter, ErasureMode, Error, RateLimit, RateLimiter, RecordReader, RetryPolicy, Vendor};

use crate::args::{DeleteArgs, MethodArgs, TravelArgs};
use crate::settings::Settings;
use crate::signals;
use crate::vendor::children::{ChildReports, WithChildren};
pub(crate) use dry_run::{DryRunClients, Planned};
pub(crate) use lister::{Lister, is_documented_status};
pub(crate) use name::VendorName;
use single::SingleRoute;

/// Where to delete, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Corti,
    Fini(FiniRoute),
    ElevenLabs,
    Tavus(ErasureMode),
}

/// The route over which Fini's conversations are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FiniRoute {
    /// Up to 50 ids in a request.
    Bulk,
    /// One id in a request, whose outcome is only acknowledged.
    Single,
}

impl Target {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// What is wrong with their combination.
    pub(crate) fn from_args(args: &DeleteArgs) -> Result<Self, &'static str> {
        args.method.check(&[args.input.vendor])?;
        Self::of(args.input.vendor, &args.method)
    }

    /// The target at a vendor, with those of the options that mean something there.
    ///
    /// # Errors
    /// When Tavus' mode is missing.
    pub(crate) fn of(vendor: VendorName, method: &MethodArgs) -> Result<Self, &'static str> {
        match vendor {
            VendorName::Corti => Ok(Self::Corti),
            VendorName::Fini if method.single => Ok(Self::Fini(FiniRoute::Single)),
            VendorName::Fini => Ok(Self::Fini(FiniRoute::Bulk)),
            VendorName::Elevenlabs => Ok(Self::ElevenLabs),
            VendorName::Tavus if method.hard => Ok(Self::Tavus(ErasureMode::Hard)),
            VendorName::Tavus if method.soft => Ok(Self::Tavus(ErasureMode::Soft)),
            VendorName::Tavus => {
                Err("tavus needs --hard (the records and their assets, irrevocably) or --soft: there is no default")
            }
        }
    }

    /// The target of somebody who only reads. A record is present or not, however it was deleted; a hard delete leaves
    /// nothing to be seen.
    pub(crate) fn to_read(vendor: VendorName) -> Self {
        match vendor {
            VendorName::Corti => Self::Corti,
            VendorName::Fini => Self::Fini(FiniRoute::Bulk),
            VendorName::Elevenlabs => Self::ElevenLabs,
            VendorName::Tavus => Self::Tavus(ErasureMode::Hard),
        }
    }

    pub(crate) fn vendor(self) -> Vendor {
        self.vendor_name().vendor()
    }

    pub(crate) fn vendor_name(self) -> VendorName {
        match self {
            Self::Corti => VendorName::Corti,
            Self::Fini(_) => VendorName::Fini,
            Self::ElevenLabs => VendorName::Elevenlabs,
            Self::Tavus(_) => VendorName::Tavus,
        }
    }

    pub(crate) fn erasure_mode(self) -> Option<ErasureMode> {
        match self {
            Self::Tavus(erasure) => Some(erasure),
            _ => None,
        }
    }
}

/// How often a client that repeats calls itself sends a request at most.
const MAX_ATTEMPTS: u32 = 4;

/// The least time that a call may take with all its attempts.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);

/// The most that a client takes for it.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// The requests that Fini documents for a key in a minute. The second more is for the way, which takes one request longer
/// than another.
pub(crate) const FINI_LIMIT: (u32, Duration) = (100, Duration::from_secs(61));

/// The limit for all requests of the vendor's credential in a run: `rate` requests in a second if somebody names one, else
/// what the vendor documents.
pub(crate) fn rate_limiter(vendor: VendorName, rate: Option<f64>) -> Option<RateLimiter> {
    let limit = match rate {
        Some(rate) => RateLimit::per_second(rate),
        None if vendor == VendorName::Fini => RateLimit::new(FINI_LIMIT.0, FINI_LIMIT.1),
        None => return None,
    };
    Some(RateLimiter::new(limit))
}

macro_rules! with_travel {
    ($builder:expr, $travel:expr, $attempts:expr, $limiter:expr) => {{
        let mut builder = $builder
            .user_agent_suffix(concat!("conversation-delete/", env!("CARGO_PKG_VERSION")))
            .retry(RetryPolicy::default().with_max_attempts($attempts))
            .stop_token(signals::stop_token());
        if let Some(limiter) = $limiter {
            builder = builder.rate_limiter(limiter.clone());
        }
        if $travel.system_proxy {
            builder = builder.proxy(Proxy::System);
        }
        if let Some(timeout) = $travel.timeout {
            // Two attempts should fit.
            let total = TOTAL_TIMEOUT.max(timeout.saturating_mul(2)).min(LONGEST_TIMEOUT);
            builder = builder.attempt_timeout(timeout).total_timeout(total);
        }
        builder.build()?
    }};
}

/// What deletes and what reads, with one credential and over the same connections.
pub(crate) struct Clients {
    pub(crate) deleter: Box<dyn Deleter>,
    pub(crate) reader: Box<dyn RecordReader>,
    /// The reports on children, if the deleter deletes them.
    pub(crate) children: Option<Arc<ChildReports>>,
}

impl Clients {
    fn of(client: impl Deleter + RecordReader + Clone + 'static) -> Self {
        Self { deleter: Box::new(client.clone()), reader: Box::new(client), children: None }
    }

    fn over(client: fini_delete::Client, route: FiniRoute) -> Self {
        let clients = Self::of(client.clone());
        match route {
            FiniRoute::Bulk => clients,
            FiniRoute::Single => Self { deleter: Box::new(SingleRoute(client)), ..clients },
        }
    }

    fn with_children(client: corti_delete::Client, options: CascadeOptions) -> Self {
        let reports = Arc::<ChildReports>::default();
        let deleter = WithChildren::new(client.clone(), options, Arc::clone(&reports));
        Self { deleter: Box::new(deleter), reader: Box::new(client), children: Some(reports) }
    }
}

/// The clients for a job, which repeats calls itself: each is tried once. They keep `limiter` with other clients of the
/// credential. With `cascade`, children are deleted before an interaction.
///
/// # Errors
/// What is missing or wrong in the settings.
pub(crate) fn connect_for_job(
    settings: &Settings,
    target: Target,
    travel: TravelArgs,
    limiter: Option<&RateLimiter>,
    cascade: Option<CascadeOptions>,
) -> Result<Clients, Error> {
    Ok(match target {
        Target::Corti => {
            let client = corti(settings, travel, 1, limiter)?;
            match cascade {
                Some(options) => Clients::with_children(client, options),
                None => Clients::of(client),
            }
        }
        Target::Fini(route) => Clients::over(fini(settings, travel, 1, limiter)?, route),
        Target::ElevenLabs => Clients::of(elevenlabs(settings, travel, 1, limiter)?),
        Target::Tavus(erasure) => Clients::of(tavus(settings, travel, 1, limiter)?.with_erasure_mode(erasure)),
    })
}

/// What reads at the vendor of these settings. Nothing is sent yet. It keeps `limiter` with other clients of the credential.
///
/// # Errors
/// What is missing or wrong in the settings.
pub(crate) fn connect_reader(
    settings: &Settings,
    travel: TravelArgs,
    limiter: Option<&RateLimiter>,
) -> Result<Box<dyn RecordReader>, Error> {
    Ok(match settings.vendor {
        VendorName::Corti => Box::new(corti(settings, travel, MAX_ATTEMPTS, limiter)?),
        VendorName::Fini => Box::new(fini(settings, travel, MAX_ATTEMPTS, limiter)?),
        VendorName::Elevenlabs => Box::new(elevenlabs(settings, travel, MAX_ATTEMPTS, limiter)?),
        VendorName::Tavus => Box::new(tavus(settings, travel, MAX_ATTEMPTS, limiter)?),
    })
}

macro_rules! connect {
    ($name:ident, $vendor:ident, $builder:expr) => {
        fn $name(
            settings: &Settings,
            travel: TravelArgs,
            attempts: u32,
            limiter: Option<&RateLimiter>,
        ) -> Result<$vendor::Client, Error> {
            Ok(with_travel!($builder(settings)?, travel, attempts, limiter))
        }
    };
}

connect!(corti, corti_delete, corti_builder);
connect!(fini, fini_delete, |settings: &Settings| fini_delete::ClientBuilder::from_lookup(|name| settings.get(name)));
connect!(elevenlabs, elevenlabs_delete, |settings: &Settings| {
    elevenlabs_delete::ClientBuilder::from_lookup(|name| settings.get(name))
});
connect!(
    tavus,
    tavus_delete,
    |settings: &Settings| tavus_delete::ClientBuilder::from_lookup(|name| settings.get(name))
);

/// The client of Tavus with these settings. Nothing is sent yet.
///
/// # Errors
/// What is missing or wrong in the settings.
pub(crate) fn connect_tavus(settings: &Settings, travel: TravelArgs) -> Result<tavus_delete::Client, Error> {
    tavus(settings, travel, MAX_ATTEMPTS, None)
}

fn corti_builder(settings: &Settings) -> Result<corti_delete::ClientBuilder, Error> {
    match settings.token_source()? {
        Some(source) => corti_delete::ClientBuilder::from_lookup_with(source, |name| settings.get(name)),
        None => corti_delete::ClientBuilder::from_lookup(|name| settings.get(name)),
    }
}
