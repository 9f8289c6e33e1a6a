use std::fmt;

/// The name of a vendor whose records are deleted.
///
/// The set is open: each vendor crate defines its own constant, so that a new vendor needs no change here.
///
/// ```
/// use delete_core::Vendor;
///
/// const TAVUS: Vendor = Vendor::new("tavus", "Tavus");
/// assert_eq!(TAVUS.as_str(), "tavus");
/// assert_eq!(TAVUS.to_string(), "Tavus");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
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
