//! The state of the work tree that packages are made from.

/// Whether a package may hold what is in no commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// It may not: cargo refuses.
    Clean,
    /// It may; such a package is for a rehearsal, or to show what would be done.
    Dirty,
}
