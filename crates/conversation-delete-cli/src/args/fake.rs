//! The arguments of the command `fake`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Args, Debug)]
pub(crate) struct FakeArgs {
    /// How many records each vendor holds
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=5_000_000))]
    pub(crate) count: u32,
    /// Make the same records for the same number
    ///
    /// The same ids, times and tokens, on every machine.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The IP address to serve on
    ///
    /// The fakes and their control API are open to whoever reaches it.
    #[arg(long, value_name = "ADDR", default_value_t = Ipv4Addr::LOCALHOST.into())]
    pub(crate) listen: IpAddr,
    /// The first of four ports; 0 picks free ones
    ///
    /// Corti gets this port; Fini, ElevenLabs and Tavus get the next three.
    #[arg(long, value_name = "BASE", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=65_532))]
    pub(crate) port: u16,
    /// Also write the variables to this new file
    ///
    /// Only its owner can read it. It must not exist.
    #[arg(long, value_hint = ValueHint::FilePath, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}
