//! Clients that list by what their vendors can list by.

use delete_core::vendor_kit::ErrorExt;
use delete_core::{Error, Filter, Listing, RecordReader, Status};

use super::{MAX_ATTEMPTS, VendorName, corti, elevenlabs, fini, tavus};
use crate::args::{FilterArgs, TravelArgs};
use crate::settings::Settings;

/// A client of one vendor.
pub(crate) enum Lister {
    Corti(corti_delete::Client),
    Fini(fini_delete::Client),
    ElevenLabs(elevenlabs_delete::Client),
    Tavus(tavus_delete::Client),
}

impl Lister {
    /// A client with these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// What is missing or wrong in the settings.
    pub(crate) fn connect(settings: &Settings, travel: TravelArgs) -> Result<Self, Error> {
        Ok(match settings.vendor {
            VendorName::Corti => Self::Corti(corti(settings, travel, MAX_ATTEMPTS, None)?),
            VendorName::Fini => Self::Fini(fini(settings, travel, MAX_ATTEMPTS, None)?),
            VendorName::Elevenlabs => Self::ElevenLabs(elevenlabs(settings, travel, MAX_ATTEMPTS, None)?),
            VendorName::Tavus => Self::Tavus(tavus(settings, travel, MAX_ATTEMPTS, None)?),
        })
    }

    pub(crate) fn reader(&self) -> &dyn RecordReader {
        match self {
            Self::Corti(client) => client,
            Self::Fini(client) => client,
            Self::ElevenLabs(client) => client,
            Self::Tavus(client) => client,
        }
    }

    /// Lists the records of these times that the other arguments select too.
    ///
    /// # Errors
    /// An argument that the vendor cannot list by, or that could mean everything; nothing is sent then.
    pub(crate) fn list(&self, times: &Filter, args: &FilterArgs) -> Result<Listing, Error> {
        let times = times.clone();
        let statuses = || args.status.iter().map(|word| Status::new(word.clone()));
        let (status, agent, user) = (!args.status.is_empty(), args.agent.is_some(), args.user.is_some());
        match self {
            Self::Corti(client) => {
                self.reject([("agent", agent), ("user", user)])?;
                client.list(&statuses().fold(times.into(), corti_delete::Filter::with_status))
            }
            Self::Fini(client) => {
                self.reject([("status", status), ("agent", agent), ("user", user)])?;
                client.list(&times)
            }
            Self::ElevenLabs(client) => {
                let mut filter = statuses().fold(times.into(), elevenlabs_delete::Filter::with_status);
                if let Some(agent) = &args.agent {
                    filter = filter.with_agent(agent);
                }
                if let Some(user) = &args.user {
                    filter = filter.with_user(user);
                }
                client.list(&filter)
            }
            Self::Tavus(client) => {
                self.reject([("agent", agent), ("user", user)])?;
                client.list(&statuses().fold(times.into(), tavus_delete::Filter::with_status))
            }
        }
    }

    /// Rejects the first of these options that is given.
    fn reject(&self, options: impl IntoIterator<Item = (&'static str, bool)>) -> Result<(), Error> {
        let Some((name, _)) = options.into_iter().find(|(_, is_given)| *is_given) else { return Ok(()) };
        let message = format!("--{name} cannot be used here: this vendor's list cannot be narrowed by {name}");
        Err(Error::invalid_input(message).for_vendor(self.reader().vendor()))
    }
}

/// Whether any vendor documents this status.
pub(crate) fn is_documented_status(word: &str) -> bool {
    let vendors = [corti_delete::status::ALL, elevenlabs_delete::status::ALL, tavus_delete::status::ALL];
    vendors.into_iter().flatten().any(|status| status.as_str() == word)
}
