//! The vendors.

mod corti;
mod elevenlabs;
mod fini;
mod tavus;

use crate::live::vendor::Vendor;

/// All vendors.
pub static VENDORS: [&Vendor; 4] = [&corti::CORTI, &fini::FINI, &elevenlabs::ELEVENLABS, &tavus::TAVUS];

/// The vendor of this name.
pub fn vendor_named(name: &str) -> Option<&'static Vendor> {
    VENDORS.into_iter().find(|vendor| vendor.name == name)
}

#[cfg(test)]
mod tests {
    use delete_core::ErasureMode;

    use super::*;

    #[test]
    fn a_delete_is_only_of_the_given_ids() {
        let given = ["one".to_owned(), "two".to_owned()];
        let is_of_given = |vendor: &Vendor, path: &str, body: &str| vendor.deletes_only(path, body.as_bytes(), &given);
        let [corti, fini, elevenlabs, tavus] = VENDORS;
        for (vendor, path, body) in [
            (corti, "/v2/interactions/one", ""),
            (fini, "/v2/hc-interactions/two/public", ""),
            (fini, "/prefix/v2/hc-interactions/public", r#"{"ids":["one","two"]}"#),
            (elevenlabs, "/v1/convai/conversations/two", ""),
            (tavus, "/v2/conversations/one", ""),
        ] {
            assert!(is_of_given(vendor, path, body), "{path} {body}");
            assert!(!vendor.deletes_only(path, body.as_bytes(), &[]), "{path} {body}");
        }
        for (vendor, path, body) in [
            (corti, "/v2/interactions/three", ""),
            (corti, "/v2/interactions/", ""),
            (corti, "/v2/interactions/one/recordings/two", ""),
            (fini, "/v2/hc-interactions/public", ""),
            (fini, "/v2/hc-interactions/public", r#"{"ids":[]}"#),
            (fini, "/v2/hc-interactions/public", r#"{"ids":["one","three"]}"#),
            (fini, "/v2/hc-interactions/public", r#"{"ids":["one",2]}"#),
            (fini, "/v2/hc-interactions/one/public", r#"{"ids":["three"]}"#),
            (elevenlabs, "/v1/convai/agents/one", ""),
            (tavus, "/v2/conversations/xone", ""),
        ] {
            assert!(!is_of_given(vendor, path, body), "{path} {body}");
        }
    }

    #[test]
    fn every_expected_shape_is_json_or_a_word() {
        let modes = [None, Some(ErasureMode::Hard)];
        for vendor in VENDORS {
            let deleting = modes.map(|mode| (vendor.deleting)(mode)).concat();
            for variant in [vendor.reading, &deleting].concat().iter().flat_map(|case| case.variants) {
                assert!(!crate::live::shape::parse(variant.body).is_null(), "{}", variant.body);
            }
        }
    }
}
