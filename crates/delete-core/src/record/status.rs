use std::fmt;

/// What a vendor says of a record's life. The set is open: a word that is not known here is kept.
///
/// The words of different vendors stand side by side, and the same word may mean different things: `in-progress` is a
/// call that goes on at ElevenLabs, and at Corti an encounter whose recording may be long over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// ElevenLabs: `initiated`
    Initiated,
    /// ElevenLabs, Corti: `in-progress`
    InProgress,
    /// ElevenLabs, transcripts at Corti: `processing`
    Processing,
    /// ElevenLabs: `done`
    Done,
    /// ElevenLabs: `failed`
    Failed,
    /// Tavus: `active`
    Active,
    /// Tavus: `ended`
    Ended,
    /// Tavus: `error`
    Error,
    /// Corti: `planned`
    Planned,
    /// Corti: `on-hold`
    OnHold,
    /// Corti: `completed`
    Completed,
    /// Corti: `cancelled`
    Cancelled,
    /// Corti: `deleted`, a label that anybody may put on an interaction. It says nothing about a deletion.
    Deleted,
    /// Another word, of up to 40 letters, digits, hyphens and underscores. What is none is `unreadable`: no vendor has
    /// such a status, and it could be something of the record.
    Other(Box<str>),
}

impl Status {
    const KNOWN: [Self; 13] = [
        Self::Initiated,
        Self::InProgress,
        Self::Processing,
        Self::Done,
        Self::Failed,
        Self::Active,
        Self::Ended,
        Self::Error,
        Self::Planned,
        Self::OnHold,
        Self::Completed,
        Self::Cancelled,
        Self::Deleted,
    ];

    /// The status of this word.
    ///
    /// ```
    /// use delete_core::Status;
    ///
    /// assert_eq!(Status::from_word("in-progress"), Status::InProgress);
    /// assert_eq!(Status::from_word("paused").as_str(), "paused");
    /// ```
    pub fn from_word(word: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|status| status.as_str() == word);
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let readable = word.len() <= 40 && word.bytes().all(is_word);
        known.unwrap_or_else(|| Self::Other(if readable { word } else { "unreadable" }.into()))
    }

    /// The vendor's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Initiated => "initiated",
            Self::InProgress => "in-progress",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Error => "error",
            Self::Planned => "planned",
            Self::OnHold => "on-hold",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Deleted => "deleted",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_an_unknown_one_is_kept_in_bounds() {
        for status in Status::KNOWN {
            assert_eq!(Status::from_word(status.as_str()), status);
        }
        assert_eq!(Status::from_word("Done").as_str(), "Done");
        for hostile in ["\u{1b}[2J", "Canary Quillfeather", "é", &"x".repeat(41)] {
            assert_eq!(Status::from_word(hostile).as_str(), "unreadable");
        }
    }
}
