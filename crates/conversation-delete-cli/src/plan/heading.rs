//! A target and its vendor, as people read them.

use conversation_delete_job::{Target, TargetStatus};
use delete_core::ErasureMode;

use crate::args::VendorName;
use crate::report::visible;

/// A target on a line.
pub(crate) fn heading(target: &TargetStatus) -> String {
    of(&target.target)
}

pub(crate) fn of(planned: &Target) -> String {
    let place = planned.place.as_deref().map_or(String::new(), |place| format!(" ({})", visible(place)));
    let mode = planned.mode.map_or(String::new(), |mode| format!(", {} delete", ErasureMode::as_str(mode)));
    let options = if planned.options.is_empty() { String::new() } else { format!(", {}", visible(&planned.options)) };
    let credential = visible(&planned.credential);
    let vendor = name(&planned.vendor);
    format!(
        "{vendor} at {}{place}{mode}{options}, credential {credential}",
        visible(planned.base_url.as_ref().unwrap_or(&planned.origin))
    )
}

/// The vendor's name for people.
pub(crate) fn name(vendor: &str) -> String {
    VendorName::of(vendor).map_or_else(|| visible(vendor), |vendor| vendor.vendor().to_string())
}
