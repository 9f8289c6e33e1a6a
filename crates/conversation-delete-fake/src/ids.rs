//! Ids in the vendors' forms, the same in every run.

use crate::Vendor;

/// Makes the ids that seeding hands out.
pub(crate) struct IdMaker {
    random: SplitMix,
}

impl IdMaker {
    /// Without a random seed, the ids are the same ones in every fake.
    pub(crate) fn new(vendor: Vendor, random_seed: Option<u64>) -> Self {
        // Another start for each vendor, so that a mixed-up id is never valid elsewhere by chance.
        let start = random_seed.map_or(0x5EED_0000, scatter);
        Self { random: SplitMix(start.wrapping_add(vendor as u64)) }
    }

    pub(crate) fn next_id(&mut self, vendor: Vendor) -> String {
        match vendor {
            Vendor::Corti | Vendor::Fini => self.random.uuid(),
            Vendor::ElevenLabs => self.conv_id(),
            Vendor::Tavus => format!("c{:012x}", self.random.next() >> 16),
        }
    }

    /// `conv_` and 28 characters: the length and alphabet of the ids in ElevenLabs' documentation.
    fn conv_id(&mut self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut id = String::from("conv_");
        for _ in 0..4 {
            let mut bits = self.random.next();
            for _ in 0..7 {
                id.push(char::from(ALPHABET[(bits & 31) as usize]));
                bits >>= 5;
            }
        }
        id
    }
}

/// A UUID that depends on `number` alone: request ids that are the same in every run.
pub(crate) fn request_uuid(number: u64) -> String {
    SplitMix(number.wrapping_mul(0xD1B5_4A32_D192_ED03)).uuid()
}

/// A number that seems to have nothing to do with `number`, the same in every run.
pub(crate) fn scatter(number: impl Into<u64>) -> u64 {
    SplitMix(number.into()).next()
}

/// How the ids of children are written.
#[derive(Clone, Copy, Default)]
pub(crate) enum UuidForm {
    #[default]
    Lower,
    Hex,
    Upper,
}

impl UuidForm {
    pub(crate) fn write(self, uuid: &str) -> String {
        match self {
            Self::Lower => uuid.to_owned(),
            Self::Hex => uuid.replace('-', ""),
            Self::Upper => uuid.to_ascii_uppercase(),
        }
    }
}

/// A UUID in its hyphenated form, in either case. What the vendors make of braces, `urn:uuid:` or 32 bare hex digits
/// is unknown; nobody should send them, so they are refused.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// A small generator with a fixed start (Steele, Lea and Flood, 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn uuid(&mut self) -> String {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_have_the_form_of_their_vendor_and_never_repeat() {
        for &vendor in Vendor::ALL {
            let makers = [None, Some(0), Some(1), Some(u64::MAX)].map(|seed| IdMaker::new(vendor, seed));
            let ids = makers.into_iter().flat_map(|mut maker| (0..2_500).map(move |_| maker.next_id(vendor)));
            let ids: HashSet<String> = ids.collect();
            assert_eq!(ids.len(), 10_000);
            assert!(ids.iter().all(|id| has_form(vendor, id)), "{vendor:?}");
        }
    }

    fn has_form(vendor: Vendor, id: &str) -> bool {
        match vendor {
            Vendor::Corti | Vendor::Fini => is_uuid(id) && *id == id.to_lowercase() && id.as_bytes()[14] == b'4',
            Vendor::ElevenLabs => id.strip_prefix("conv_").is_some_and(|rest| {
                rest.len() == 28 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
            }),
            Vendor::Tavus => id.strip_prefix('c').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit())),
        }
    }

    #[test]
    fn only_the_hyphenated_form_is_a_uuid() {
        assert!(is_uuid("F47AC10B-58cc-4372-a567-0e02b2c3d479"));
        for text in ["", "f47ac10b58cc4372a5670e02b2c3d479", "{f47ac10b-58cc-4372-a567-0e02b2c3d479}", "not-a-uuid"] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
