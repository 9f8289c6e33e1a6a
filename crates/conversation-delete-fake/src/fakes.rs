//! All four fakes together.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use crate::{Fake, Vendor};

/// All four fakes, each on its own port.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fakes {
    /// Corti.
    pub corti: Fake,
    /// Fini.
    pub fini: Fake,
    /// ElevenLabs.
    pub elevenlabs: Fake,
    /// Tavus.
    pub tavus: Fake,
}

impl Fakes {
    /// Starts all four on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// If a port cannot be opened.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(Ipv4Addr::LOCALHOST.into(), 0).await
    }

    /// Starts all four on this address: Corti on `first_port`, Fini, ElevenLabs and Tavus on the three ports after it;
    /// 0 picks free ones.
    ///
    /// Whoever reaches the address can use the control API, which has no password.
    ///
    /// # Errors
    /// If a port cannot be opened, or there are no three ports after `first_port`. The text names the address and the
    /// vendor.
    pub async fn start_on(ip: IpAddr, first_port: u16) -> io::Result<Self> {
        let start = async |vendor: Vendor| {
            let port = if first_port == 0 { Some(0) } else { first_port.checked_add(vendor as u16) };
            let no_port =
                || io::Error::new(io::ErrorKind::InvalidInput, format!("no port is left for {}", vendor.as_str()));
            Fake::start_on(vendor, (ip, port.ok_or_else(no_port)?)).await
        };
        Ok(Self {
            corti: start(Vendor::Corti).await?,
            fini: start(Vendor::Fini).await?,
            elevenlabs: start(Vendor::ElevenLabs).await?,
            tavus: start(Vendor::Tavus).await?,
        })
    }

    /// All of them, in the order of [`Vendor::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = &Fake> {
        [&self.corti, &self.fini, &self.elevenlabs, &self.tavus].into_iter()
    }

    /// The one of this vendor.
    pub fn get(&self, vendor: Vendor) -> &Fake {
        match vendor {
            Vendor::Corti => &self.corti,
            Vendor::Fini => &self.fini,
            Vendor::ElevenLabs => &self.elevenlabs,
            Vendor::Tavus => &self.tavus,
        }
    }

    /// The environment variables that point clients at all four.
    pub fn env(&self) -> Vec<(String, String)> {
        self.iter().flat_map(Fake::env).collect()
    }

    /// The same as lines `NAME=value`.
    pub fn env_lines(&self) -> String {
        self.env().into_iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}
