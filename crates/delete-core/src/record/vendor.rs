use std::fmt;
use std::hash::{Hash, Hasher};

/// A vendor. Each vendor crate defines its own constant, so a new vendor needs no change here.
///
/// Vendors with the same name for machines are equal.
///
/// ```
/// use delete_core::Vendor;
///
/// const TAVUS: Vendor = Vendor::new("tavus", "Tavus");
/// assert_eq!(TAVUS.as_str(), "tavus");
/// assert_eq!(TAVUS.to_string(), "Tavus");
/// ```
#[derive(Clone, Copy)]
pub struct Vendor {
    name: &'static str,
    display: &'static str,
}

impl Vendor {
    /// A vendor with its name for machines (`"tavus"`) and for people (`"Tavus"`).
    pub const fn new(name: &'static str, display: &'static str) -> Self {
        Self { name, display }
    }

    /// The name for machines: lower case, as in JSON, logs and command lines.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// A vendor by a name that was read: up to 32 characters of `a-z 0-9 - _`, and at most 64 different ones in a process,
    /// because each is kept as long as the process runs.
    #[cfg(feature = "serde")]
    pub(crate) fn read(name: &str) -> Option<Self> {
        use std::sync::{Mutex, PoisonError};

        static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if !(1..=32).contains(&name.len()) || !name.bytes().all(is_allowed) {
            return None;
        }
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = names.iter().find(|known| **known == name).copied();
        if known.is_none() && names.len() >= 64 {
            return None;
        }
        let name = known.unwrap_or_else(|| {
            let kept: &'static str = String::leak(name.to_owned());
            names.push(kept);
            kept
        });
        Some(Self::new(name, name))
    }
}

impl PartialEq for Vendor {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Vendor {}

impl Hash for Vendor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.display)
    }
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.display)
    }
}
