use delete_core::Erasure;

/// Where a job deletes, with which credential, and how. It is written down when the job is planned, and compared when it
/// is run: another key, tenant or region is not what was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The vendor's name for machines.
    pub vendor: String,
    /// Scheme and host, and port, of the base URL.
    pub origin: String,
    /// The tenant, or the region, where the vendor has such.
    pub place: Option<String>,
    /// A fingerprint of the credential, from which it cannot be told.
    pub credential: String,
    /// The erasure mode, where the vendor knows two.
    pub mode: Option<Erasure>,
    /// Further choices that change what is deleted or what is sent, in the caller's words, such as `children`.
    pub options: String,
}

/// A target within its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetNumber(pub(crate) i64);

impl Target {
    /// What is different in `other`, in words; nothing where it is the same target.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let mode = |target: &Self| target.mode.map_or("none", Erasure::as_str).to_owned();
        let place = |target: &Self| target.place.clone().unwrap_or_else(|| "none".to_owned());
        let fields: [(&str, String, String); 6] = [
            ("vendor", self.vendor.clone(), other.vendor.clone()),
            ("address", self.origin.clone(), other.origin.clone()),
            ("tenant or region", place(self), place(other)),
            ("credential's fingerprint", self.credential.clone(), other.credential.clone()),
            ("mode", mode(self), mode(other)),
            ("options", self.options.clone(), other.options.clone()),
        ];
        let (name, planned, now) = fields.into_iter().find(|(_, planned, now)| planned != now)?;
        Some(format!("the {name} was `{planned}` when the job was planned, and is `{now}` now"))
    }
}
