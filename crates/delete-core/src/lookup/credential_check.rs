/// What a check before the first delete found. That there is one means: the credential works and may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialCheck {
    target: String,
    sees_records: bool,
    may_delete: Option<bool>,
    confirmed: Vec<String>,
}

impl CredentialCheck {
    /// The credential works and may read at `target`, an address.
    pub fn new(target: impl Into<String>, sees_records: bool) -> Self {
        Self { target: target.into(), sees_records, may_delete: None, confirmed: Vec::new() }
    }

    /// Adds something about the target that was found to be as configured, such as `tenant base`.
    #[must_use]
    pub fn confirm(mut self, what: impl Into<String>) -> Self {
        self.confirmed.push(what.into());
        self
    }

    /// Says whether the credential may delete, where that is known.
    #[must_use]
    pub fn with_may_delete(mut self, may_delete: Option<bool>) -> Self {
        self.may_delete = may_delete;
        self
    }

    /// The address that was asked.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether the credential sees any record at all. Where it sees none, it may be of another workspace than meant.
    pub fn sees_records(&self) -> bool {
        self.sees_records
    }

    /// Whether the credential may delete; `None` where the vendor gives no way to know it without deleting.
    pub fn may_delete(&self) -> Option<bool> {
        self.may_delete
    }

    /// What was found to be as configured: the tenant, the environment.
    pub fn confirmed(&self) -> &[String] {
        &self.confirmed
    }
}
