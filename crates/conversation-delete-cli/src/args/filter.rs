//! The arguments that select some of all records.

use clap::Args;

use super::time::{self, Moment};

/// Which of all records.
#[derive(Args, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Records")]
pub(crate) struct FilterArgs {
    /// Only of this time or later
    ///
    /// A time (2026-04-29T12:00:00Z), a date (2026-04-29, midnight UTC), or an age (30m, 12h, 90d, 1d12h).
    #[arg(long, value_name = "TIME", value_parser = time::parse_moment)]
    pub(crate) since: Option<Moment>,
    /// Only before this time; 90d: older than 90 days
    ///
    /// Written like --since: `--until 90d` selects what is older than 90 days. The time that an age stands for is printed
    /// on stderr.
    #[arg(long, value_name = "TIME", value_parser = time::parse_moment)]
    pub(crate) until: Option<Moment>,
    /// Use an age although the clocks differ
    ///
    /// Without this, an age such as 90d is refused if this computer's clock and the vendor's differ by more than five
    /// minutes.
    #[arg(long, hide_short_help = true)]
    pub(crate) trust_clock: bool,
    /// Only of this status; several with commas
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<String>,
    /// Only of this agent (ElevenLabs)
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// Only of this user (ElevenLabs)
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}

impl FilterArgs {
    /// Whether a bound is an age, which is as good as this computer's clock.
    pub(crate) fn is_by_age(&self) -> bool {
        [self.since, self.until].iter().any(|moment| matches!(moment, Some(Moment::Ago(_))))
    }

    /// Whether it narrows nothing.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self { trust_clock: self.trust_clock, ..Self::default() }
    }
}
