//! Which version comes after which.

use std::str::FromStr;

use cargo_metadata::semver::{BuildMetadata, Prerelease, Version};

use crate::Result;

/// What the next version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// The present version, without its pre-release part.
    Release,
    /// The next one of mended bugs. A pre-release becomes its release.
    Patch,
    /// The next one of new features; below 1.0.0, of breaking changes as well.
    Minor,
    /// The next one of breaking changes.
    Major,
    /// This one.
    Exact(Version),
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "release" => Ok(Self::Release),
            "patch" => Ok(Self::Patch),
            "minor" => Ok(Self::Minor),
            "major" => Ok(Self::Major),
            _ => exact(text),
        }
    }
}

fn exact(text: &str) -> std::result::Result<Level, String> {
    let expected = "expected `patch`, `minor`, `major`, `release`, or a version such as 0.2.0 or 1.0.0-rc.1";
    let version = Version::parse(text).map_err(|error| format!("{expected} ({error})"))?;
    match version.build.is_empty() {
        true => Ok(Level::Exact(version)),
        false => Err("what follows a `+` tells no two versions apart for cargo: leave it out".to_owned()),
    }
}

impl Level {
    /// The version after the present one.
    ///
    /// # Errors
    ///
    /// Where an exact version is below the present one.
    pub fn after(&self, present: &Version) -> Result<Version> {
        let next = match self {
            Self::Release => Some((present.major, present.minor, present.patch)),
            Self::Patch if !present.pre.is_empty() => Some((present.major, present.minor, present.patch)),
            Self::Patch => one_more(present.patch).map(|patch| (present.major, present.minor, patch)),
            Self::Minor => one_more(present.minor).map(|minor| (present.major, minor, 0)),
            Self::Major => one_more(present.major).map(|major| (major, 0, 0)),
            Self::Exact(version) => return not_below(version, present),
        };
        let (major, minor, patch) = next.ok_or_else(|| format!("no version comes after {present}: name one"))?;
        Ok(Version { major, minor, patch, pre: Prerelease::EMPTY, build: BuildMetadata::EMPTY })
    }
}

fn one_more(number: u64) -> Option<u64> {
    number.checked_add(1)
}

/// The present version itself may be released as long as the changelog does not know it.
fn not_below(version: &Version, present: &Version) -> Result<Version> {
    match version.cmp_precedence(present).is_lt() {
        false => Ok(version.clone()),
        true => Err(format!("{version} is below the present version {present}: versions only go up").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(level: &str, present: &str) -> std::result::Result<String, String> {
        let level: Level = level.parse()?;
        let next = level.after(&Version::parse(present).unwrap());
        next.map(|version| version.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_level_goes_up() {
        for (level, present, next) in [
            ("patch", "0.1.0", "0.1.1"),
            ("patch", "1.0.0-rc.1", "1.0.0"),
            ("minor", "0.1.3", "0.2.0"),
            ("minor", "1.0.0-rc.1", "1.1.0"),
            ("major", "0.1.3", "1.0.0"),
            ("major", "1.2.3", "2.0.0"),
            ("release", "0.1.0", "0.1.0"),
            ("release", "1.0.0-rc.1", "1.0.0"),
            ("0.1.0", "0.1.0", "0.1.0"),
            ("0.1.1-rc.1", "0.1.0", "0.1.1-rc.1"),
            ("1.0.0-rc.10", "1.0.0-rc.9", "1.0.0-rc.10"),
            ("1.0.0", "1.0.0-rc.1", "1.0.0"),
        ] {
            assert_eq!(after(level, present).as_deref(), Ok(next), "{level} of {present}");
        }
    }

    #[test]
    fn what_is_no_level_or_goes_down_is_refused() {
        for (level, present, part) in [
            ("0.0.9", "0.1.0", "0.0.9 is below the present version 0.1.0"),
            ("1.0.0-rc.1", "1.0.0", "below"),
            ("0.2", "0.1.0", "expected `patch`"),
            ("v0.2.0", "0.1.0", "expected `patch`"),
            ("0.2.0+x", "0.1.0", "leave it out"),
            ("patch", "0.1.18446744073709551615", "no version comes after"),
        ] {
            assert!(after(level, present).unwrap_err().contains(part), "{level} of {present}");
        }
    }
}
