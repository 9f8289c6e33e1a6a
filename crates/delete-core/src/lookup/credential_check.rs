/// The result of a credential check that succeeded: the credential works and may read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialCheck {
    /// The URL that was requested.
    pub target: String,
    /// Whether the credential sees any record. If it sees none, it may belong to another workspace than meant. `None` if
    /// the check cannot show it: at Fini it reads the latest 90 days alone, and they had no record.
    pub sees_records: Option<bool>,
    /// Whether the credential may delete; `None` if only a delete would show it.
    pub may_delete: Option<bool>,
    /// The parts of the target that are as configured, such as `tenant base`.
    pub confirmed: Vec<String>,
}

impl CredentialCheck {
    /// The credential works and may read at `target`, a URL; nothing else is known.
    pub fn new(target: impl Into<String>, sees_records: impl Into<Option<bool>>) -> Self {
        Self { target: target.into(), sees_records: sees_records.into(), may_delete: None, confirmed: Vec::new() }
    }
}
