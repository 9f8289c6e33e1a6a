//! How fast the public registry lets crates in. Cargo's documentation names no figures; these are the defaults of the
//! registry's own rate limiter, and it may grant others to an owner.

use std::time::Duration;

/// What an upload is to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first version of a crate.
    NewCrate,
    /// A further version.
    NewVersion,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Kind {
    /// How many uploads are let in at once.
    #[must_use]
    pub fn burst(self) -> u32 {
        match self {
            Self::NewCrate => 5,
            Self::NewVersion => 30,
        }
    }

    /// After those, one in this time.
    #[must_use]
    pub fn interval(self) -> Duration {
        match self {
            Self::NewCrate => 10 * MINUTE,
            Self::NewVersion => MINUTE,
        }
    }

    /// How long so many uploads have to wait, for an owner who uploaded nothing of late.
    #[must_use]
    pub fn wait_for(self, uploads: u32) -> Duration {
        self.interval() * uploads.saturating_sub(self.burst())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_exceeds_the_burst_waits() {
        assert_eq!(Kind::NewCrate.wait_for(5), Duration::ZERO);
        assert_eq!(Kind::NewCrate.wait_for(8), 30 * MINUTE);
        assert_eq!(Kind::NewVersion.wait_for(31), MINUTE);
    }
}
