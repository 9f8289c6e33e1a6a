use std::fmt;

/// A kind of record that belongs to an interaction. Facts and codes have no delete of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildKind {
    /// A transcript.
    Transcript,
    /// A recording.
    Recording,
    /// A classic document.
    Document,
    /// A guided document (2026, beta). Its route is not below the interaction.
    GuidedDocument,
}

impl ChildKind {
    /// All kinds, in the order in which they are deleted.
    pub const ALL: &'static [Self] = &[Self::Transcript, Self::Recording, Self::Document, Self::GuidedDocument];

    /// Returns `transcript`, `recording`, `document` or `guided_document`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Recording => "recording",
            Self::Document => "document",
            Self::GuidedDocument => "guided_document",
        }
    }

    /// The plural, for messages.
    pub(crate) fn plural(self) -> String {
        self.as_str().replace('_', " ") + "s"
    }
}

impl fmt::Display for ChildKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
