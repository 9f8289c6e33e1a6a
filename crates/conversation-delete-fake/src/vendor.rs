//! The four vendors and what differs between them outside of HTTP.

use serde::{Deserialize, Serialize};

use crate::backend::{Backend, Route};
use crate::corti::Corti;
use crate::elevenlabs::ElevenLabs;
use crate::fini::Fini;
use crate::keys::{Key, Role};
use crate::options::OptionSpec;
use crate::tavus::Tavus;
use crate::{corti, elevenlabs, fini, tavus};

/// A vendor that has a fake here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Vendor {
    /// Corti: interactions.
    Corti,
    /// Fini: conversations, one by one or in bulk.
    Fini,
    /// ElevenLabs: conversations of voice agents.
    ElevenLabs,
    /// Tavus: video conversations.
    Tavus,
}

impl Vendor {
    /// All of them, in the order in which the project names them.
    pub const ALL: &'static [Self] = &[Self::Corti, Self::Fini, Self::ElevenLabs, Self::Tavus];

    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Corti => "corti",
            Self::Fini => "fini",
            Self::ElevenLabs => "elevenlabs",
            Self::Tavus => "tavus",
        }
    }

    /// The named options of this vendor's fake: what nobody has documented, with every variant.
    pub fn options(self) -> Vec<&'static OptionSpec> {
        let own = match self {
            Self::Corti => corti::OPTIONS,
            Self::Fini => fini::OPTIONS,
            Self::ElevenLabs => elevenlabs::OPTIONS,
            Self::Tavus => tavus::OPTIONS,
        };
        crate::options::COMMON.iter().chain(own).collect()
    }

    /// The names that a fault's `route` may have at this vendor.
    pub fn routes(self) -> &'static [Route] {
        match self {
            Self::Corti => &[Route::Any, Route::Delete, Route::Get, Route::List, Route::Child, Route::Token],
            Self::Fini => &[Route::Any, Route::Delete, Route::BulkDelete, Route::Get, Route::List],
            Self::ElevenLabs => &[Route::Any, Route::Delete, Route::Get, Route::List, Route::AdjacentResource],
            Self::Tavus => &[Route::Any, Route::Delete, Route::Get, Route::List, Route::End, Route::AdjacentResource],
        }
    }

    /// The life-cycle states a record can be in; the first is that of a newly seeded one. Empty if none is known.
    pub fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Corti => corti::STATUSES,
            Self::Fini => &[],
            Self::ElevenLabs => elevenlabs::STATUSES,
            Self::Tavus => tavus::STATUSES,
        }
    }

    /// The agent of a record unless a test says otherwise.
    pub(crate) fn usual_agent(self) -> &'static str {
        match self {
            Self::Corti => corti::USER,
            Self::Fini => "",
            Self::ElevenLabs => elevenlabs::AGENT,
            Self::Tavus => tavus::PERSONA,
        }
    }

    /// The person a record is about unless a test says otherwise; elsewhere than at Corti it may be nobody known.
    pub(crate) fn usual_user(self) -> &'static str {
        if self == Self::Corti { corti::PATIENT } else { "" }
    }

    pub(crate) fn backend(self) -> Box<dyn Backend> {
        match self {
            Self::Corti => Box::new(Corti::default()),
            Self::Fini => Box::new(Fini::default()),
            Self::ElevenLabs => Box::new(ElevenLabs),
            Self::Tavus => Box::new(Tavus),
        }
    }

    pub(crate) fn adjacent_resources(self) -> &'static [&'static str] {
        match self {
            Self::Corti | Self::Fini => &[],
            Self::ElevenLabs => elevenlabs::ADJACENT_RESOURCES,
            Self::Tavus => tavus::ADJACENT_RESOURCES,
        }
    }

    /// Whether an error body of this vendor names a code.
    pub(crate) fn has_error_codes(self) -> bool {
        matches!(self, Self::Corti | Self::ElevenLabs)
    }

    /// Corti's and Fini's ids are UUIDs, which are the same in upper and lower case.
    pub(crate) fn has_uuid_ids(self) -> bool {
        matches!(self, Self::Corti | Self::Fini)
    }

    /// The base URL of the real vendor, for clients that use the in-process transport.
    pub(crate) fn documented_base_url(self) -> &'static str {
        match self {
            Self::Corti => "https://api.eu.corti.app/v2",
            Self::Fini => "https://api-prod.usefini.com",
            Self::ElevenLabs => "https://api.elevenlabs.io",
            Self::Tavus => "https://tavusapi.com",
        }
    }

    /// The environment that points a client at `origin` (or at the vendor's own hosts) with this key.
    pub(crate) fn env(self, key: &Key, origin: Option<&str>) -> Vec<(String, String)> {
        let base_url = self.base_url(origin);
        let pairs = match self {
            Self::Corti => vec![
                ("CORTI_ENVIRONMENT", "eu".to_owned()),
                ("CORTI_TENANT_NAME", corti::TENANT.to_owned()),
                ("CORTI_CLIENT_ID", key.client_id.to_owned()),
                ("CORTI_CLIENT_SECRET", key.secret.to_owned()),
                ("CORTI_BASE_URL", base_url),
                ("CORTI_AUTH_URL", origin.unwrap_or(corti::AUTH_ORIGIN).to_owned()),
            ],
            Self::Fini => vec![("FINI_API_KEY", key.secret.to_owned()), ("FINI_BASE_URL", base_url)],
            Self::ElevenLabs => {
                vec![("ELEVENLABS_API_KEY", key.secret.to_owned()), ("ELEVENLABS_BASE_URL", base_url)]
            }
            Self::Tavus => vec![("TAVUS_API_KEY", key.secret.to_owned()), ("TAVUS_BASE_URL", base_url)],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub(crate) fn base_url(self, origin: Option<&str>) -> String {
        match (self, origin) {
            (Self::Corti, Some(origin)) => format!("{origin}/v2"),
            (_, Some(origin)) => origin.to_owned(),
            (_, None) => self.documented_base_url().to_owned(),
        }
    }

    pub(crate) fn key(self, role: Role) -> &'static Key {
        let keys = match self {
            Self::Corti => &corti::KEYS,
            Self::Fini => &fini::KEYS,
            Self::ElevenLabs => &elevenlabs::KEYS,
            Self::Tavus => &tavus::KEYS,
        };
        &keys[role as usize]
    }
}
