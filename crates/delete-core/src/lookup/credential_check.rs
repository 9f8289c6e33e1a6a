/// The result of a credential check that succeeded: the credential works and may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialCheck {
    target: String,
    sees_records: bool,
    may_delete: Option<bool>,
    confirmed: Vec<String>,
}

impl CredentialCheck {
    /// The credential works and may read at `target`, a URL.
    pub fn new(target: impl Into<String>, sees_records: bool) -> Self {
        Self { target: target.into(), sees_records, may_delete: None, confirmed: Vec::new() }
    }

    /// Adds a part of the target that is as configured, such as `tenant base`.
    #[must_use]
    pub fn confirm(mut self, what: impl Into<String>) -> Self {
        self.confirmed.push(what.into());
        self
    }

    /// Sets whether the credential may delete, if that is known.
    #[must_use]
    pub fn with_may_delete(mut self, may_delete: Option<bool>) -> Self {
        self.may_delete = may_delete;
        self
    }

    /// The URL that was requested.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether the credential sees any record. If it sees none, it may belong to another workspace than meant.
    pub fn sees_records(&self) -> bool {
        self.sees_records
    }

    /// Whether the credential may delete; `None` if only a delete would show it.
    pub fn may_delete(&self) -> Option<bool> {
        self.may_delete
    }

    /// The parts of the target that are as configured, such as the tenant and the environment.
    pub fn confirmed(&self) -> &[String] {
        &self.confirmed
    }
}
