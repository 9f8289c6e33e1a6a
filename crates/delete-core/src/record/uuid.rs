use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::error::Error;
use crate::text;

/// The id of a record at a vendor that uses UUIDs (Corti, Fini). It parses with this crate's [`Error`], and a [`Uuid`]
/// converts into it.
///
/// ```
/// use delete_core::RecordUuid;
///
/// let id: RecordUuid = "F47AC10B-58CC-4372-A567-0E02B2C3D479".parse()?;
/// assert_eq!(id.to_string(), "f47ac10b-58cc-4372-a567-0e02b2c3d479");
/// # Ok::<(), delete_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordUuid(Uuid);

impl FromStr for RecordUuid {
    type Err = Error;

    /// Parses a UUID in any of its spellings.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if `id` is not a UUID.
    fn from_str(id: &str) -> Result<Self, Error> {
        match Uuid::try_parse(id) {
            Ok(uuid) => Ok(Self(uuid)),
            Err(_) => Err(Error::invalid_input(format!("{} is not a UUID", text::quoted(id)))),
        }
    }
}

impl TryFrom<&str> for RecordUuid {
    type Error = Error;

    fn try_from(id: &str) -> Result<Self, Error> {
        id.parse()
    }
}

impl TryFrom<String> for RecordUuid {
    type Error = Error;

    fn try_from(id: String) -> Result<Self, Error> {
        id.parse()
    }
}

impl From<Uuid> for RecordUuid {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<RecordUuid> for Uuid {
    fn from(id: RecordUuid) -> Self {
        id.0
    }
}

impl fmt::Display for RecordUuid {
    /// Writes lower case with hyphens, as it is sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for RecordUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordUuid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_uuid_is_one_id() {
        let canonical = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
        for spelling in [
            canonical,
            "F47AC10B-58CC-4372-A567-0E02B2C3D479",
            "f47ac10b58cc4372a5670e02b2c3d479",
            "{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
            "urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479",
        ] {
            assert_eq!(RecordUuid::try_from(spelling).unwrap().to_string(), canonical);
        }
        for other in ["", "..", "x", "f47ac10b-58cc-4372-a567-0e02b2c3d47", " f47ac10b-58cc-4372-a567-0e02b2c3d479"] {
            let error = RecordUuid::try_from(other.to_owned()).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{other:?}");
        }
    }
}
