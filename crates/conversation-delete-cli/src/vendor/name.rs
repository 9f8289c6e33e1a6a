//! The four vendors.

use clap::ValueEnum;
use delete_core::Vendor;

use crate::ids::IdForm;

/// Whose records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VendorName {
    /// Corti: interactions
    Corti,
    /// Fini: conversations
    Fini,
    /// ElevenLabs: conversations of agents
    Elevenlabs,
    /// Tavus: video conversations
    Tavus,
}

impl VendorName {
    /// The vendor of this name for machines.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Corti, Self::Fini, Self::Elevenlabs, Self::Tavus]
            .into_iter()
            .find(|vendor| vendor.vendor().as_str() == name)
    }

    pub(crate) fn vendor(self) -> Vendor {
        match self {
            Self::Corti => corti_delete::VENDOR,
            Self::Fini => fini_delete::VENDOR,
            Self::Elevenlabs => elevenlabs_delete::VENDOR,
            Self::Tavus => tavus_delete::VENDOR,
        }
    }

    pub(crate) fn id_form(self) -> IdForm {
        match self {
            Self::Corti | Self::Fini => IdForm::Uuid,
            Self::Elevenlabs | Self::Tavus => IdForm::Opaque,
        }
    }

    /// The variables that say which part of the vendor the records are in.
    pub(crate) fn workspace_variables(self) -> &'static [&'static str] {
        match self {
            Self::Corti => &["CORTI_ENVIRONMENT", "CORTI_TENANT_NAME"],
            Self::Elevenlabs => &["ELEVENLABS_RESIDENCY"],
            Self::Fini | Self::Tavus => &[],
        }
    }

    /// All variables that decide whose records are seen, to be looked at when they are not the ones that were meant.
    pub(crate) fn variables(self) -> &'static str {
        match self {
            Self::Corti => {
                "CORTI_ENVIRONMENT, CORTI_TENANT_NAME, CORTI_CLIENT_ID with CORTI_CLIENT_SECRET or CORTI_ACCESS_TOKEN, \
                 CORTI_BASE_URL, CORTI_AUTH_URL"
            }
            Self::Fini => "FINI_API_KEY, FINI_BASE_URL",
            Self::Elevenlabs => "ELEVENLABS_API_KEY, ELEVENLABS_RESIDENCY, ELEVENLABS_BASE_URL",
            Self::Tavus => "TAVUS_API_KEY, TAVUS_BASE_URL",
        }
    }
}
