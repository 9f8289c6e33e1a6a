//! All four fakes together.

use std::io;

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
        Ok(Self {
            corti: Fake::start(Vendor::Corti).await?,
            fini: Fake::start(Vendor::Fini).await?,
            elevenlabs: Fake::start(Vendor::ElevenLabs).await?,
            tavus: Fake::start(Vendor::Tavus).await?,
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
