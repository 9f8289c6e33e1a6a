//! The arguments about how requests are sent.

use std::time::Duration;

use clap::Args;

use super::time;

/// How requests travel.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct TravelArgs {
    /// How long one attempt may take, such as 500ms, 30s or 2m; at most 1d [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = time::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Send through the proxy of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY; for http HTTP_PROXY). Without this, no proxy is used
    #[arg(long)]
    pub(crate) system_proxy: bool,
}

/// How many requests may be in flight.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PaceArgs {
    /// The most requests in flight at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
}
