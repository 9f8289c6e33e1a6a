//! Whether and how a run proves that its records are absent.

/// Whether and how a run proves that its records are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verify {
    /// Does not.
    #[default]
    Off,
    /// Looks up each record before its delete and after it.
    Lookup,
    /// Looks up each record before its delete, unless a list showed it when the job was planned; and reads one complete list
    /// after the deletes, with lookups only for what it still shows. The list is read only if something is to be verified.
    List,
}

impl Verify {
    /// The name for machines, as in the job file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "none",
            Self::Lookup => "lookup",
            Self::List => "list",
        }
    }

    /// Returns the verification of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Off, Self::Lookup, Self::List].into_iter().find(|verify| verify.as_str() == name)
    }
}
