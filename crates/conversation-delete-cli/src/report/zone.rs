//! Time zones of a table.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time zone, by the name that it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    pub(crate) fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// `local`, `UTC`, or a name of the time zone database.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("utc") {
            return Ok(Self::utc());
        }
        let is_local = text.eq_ignore_ascii_case("local");
        let found = if is_local { TimeZone::try_system() } else { TimeZone::get(text) };
        let zone = found.map_err(|error| format!("{error}; give `local`, `UTC` or a name such as `Europe/Berlin`"))?;
        Ok(Self { name: zone.iana_name().unwrap_or(text).to_owned(), zone })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A time of RFC 3339 in this zone, in a format of `strftime`; as it is if it is not a time.
    pub(super) fn format(&self, time: &str, format: &str) -> String {
        match time.parse::<Timestamp>() {
            Ok(time) => time.to_zoned_datetime(self.zone.clone()).strftime(format).to_string(),
            Err(_) => time.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.3f%:z";

    #[test]
    fn a_time_is_shown_in_its_zone_with_the_offset_of_that_day() {
        let zone = Zone::parse("europe/berlin").unwrap();
        assert_eq!(zone.name(), "Europe/Berlin");
        for (time, expected) in [
            ("2026-03-01T10:00:00.123456789Z", "2026-03-01T11:00:00.123+01:00"),
            ("2026-07-01T10:00:00Z", "2026-07-01T12:00:00.000+02:00"),
            ("yesterday", "yesterday"),
        ] {
            assert_eq!(zone.format(time, FORMAT), expected);
        }
        assert_eq!(Zone::parse("utc").unwrap().format("2026-03-01T10:00:00Z", FORMAT), "2026-03-01T10:00:00.000+00:00");
    }

    #[test]
    fn a_name_that_no_zone_has_is_refused_with_what_to_give() {
        for name in ["", "Mars/Base", "../../etc/passwd"] {
            assert!(Zone::parse(name).unwrap_err().contains("Europe/Berlin"), "{name}");
        }
    }
}
