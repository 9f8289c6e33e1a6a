delete_core::words! {
    /// A kind of record that belongs to an interaction, in the order in which they are deleted. Facts and codes have no
    /// delete of their own.
    #[non_exhaustive]
    pub enum ChildKind {
        /// A transcript.
        Transcript = "transcript",
        /// A recording.
        Recording = "recording",
        /// A classic document.
        Document = "document",
        /// A guided document (2026, beta). Its route is not below the interaction.
        GuidedDocument = "guided_document",
    }
}

impl ChildKind {
    /// The plural, for messages.
    pub(crate) fn plural(self) -> String {
        self.as_str().replace('_', " ") + "s"
    }
}
