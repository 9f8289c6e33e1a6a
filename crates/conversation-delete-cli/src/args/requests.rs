//! The arguments about how requests are sent.

use std::time::Duration;

use clap::Args;

use super::time;

/// How requests travel.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Speed and network")]
pub(crate) struct TravelArgs {
    /// How long one attempt may take
    ///
    /// Such as 500ms, 30s or 2m; at most 1d. Default: 30s. A call with all its attempts may take 60s, or twice this if
    /// that is more.
    #[arg(long, hide_short_help = true, value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Use the proxy that the environment names
    ///
    /// HTTPS_PROXY, ALL_PROXY and NO_PROXY; for http also HTTP_PROXY. Without this, no proxy is
    /// used, whatever the environment contains.
    #[arg(long, hide_short_help = true)]
    pub(crate) system_proxy: bool,
}

/// How many requests may be in flight.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Speed and network")]
pub(crate) struct PaceArgs {
    /// The most requests in flight at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
}

/// How fast the requests of a job are sent.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Speed and network")]
pub(crate) struct SpeedArgs {
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// The most requests in a second, per vendor
    ///
    /// Also replaces Fini's documented 100 in a minute.
    #[arg(long, value_name = "N", value_parser = time::parse_rate)]
    pub(crate) rate: Option<f64>,
}
