//! What every part of the page shows, and how it names it.

use maud::{Markup, html};

use super::digest::Digest;
use super::format::{Format, safe};
use crate::manifest::ManifestHead;

/// What every part of the page shows.
pub(super) struct Report<'a> {
    pub(super) about: &'a ManifestHead,
    pub(super) digest: &'a Digest,
    pub(super) format: Format,
}

/// The name as the vendor writes it.
pub(super) fn vendor_name(vendor: &str) -> String {
    match vendor {
        "corti" => "Corti".to_owned(),
        "fini" => "Fini".to_owned(),
        "elevenlabs" => "ElevenLabs".to_owned(),
        "tavus" => "Tavus".to_owned(),
        other => safe(other),
    }
}

/// The name within the verifier key.
pub(super) fn signer_name(about: &ManifestHead) -> Option<String> {
    let key = about.signer.as_deref()?;
    Some(safe(key.split('+').next().unwrap_or(key)))
}

/// A value for machines.
pub(super) fn code(value: &str) -> Markup {
    html! { code dir="ltr" { (safe(value)) } }
}
