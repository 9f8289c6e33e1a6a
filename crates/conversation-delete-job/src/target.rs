use std::fmt;

use delete_core::{BaseUrl, ErasureMode};

use crate::error::{JobError, JobErrorKind};

/// Where a job deletes, with which credential, and how. It is written down when the job is planned, and compared when it
/// is run: another address, key, tenant or region is not what was planned.
///
/// A proxy is not part of it: the credential and the ids reach the same endpoint through any proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The vendor's name for machines.
    pub vendor: String,
    /// Scheme and host, and port, of the base URL.
    pub origin: String,
    /// The whole base URL, with its path prefix. `None` if the job was planned in format 1, which kept the origin alone.
    pub base_url: Option<String>,
    /// The URL below which tokens are fetched; `None` if none are.
    pub auth_url: Option<String>,
    /// The tenant, or the region, where the vendor has such.
    pub place: Option<String>,
    /// A fingerprint that does not reveal the credential.
    pub credential: String,
    /// The erasure mode, where the vendor knows two.
    pub mode: Option<ErasureMode>,
    /// Further choices that change what is deleted or what is sent, in the caller's words, such as `children`.
    pub options: String,
}

/// A target within its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetNumber(pub(crate) i64);

/// How a target differs from the planned one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetDifference {
    /// Its credential is another one, and all the rest is the same: the key may have been rotated.
    Credential {
        /// The planned fingerprint.
        planned: String,
        /// The fingerprint now.
        now: String,
    },
    /// Its base URL has a path prefix, and the job was planned in format 1, which did not keep the prefix.
    UnknownPrefix {
        /// The base URL now.
        now: String,
    },
    /// It is another target.
    Other {
        /// What differs, such as `base URL`.
        name: &'static str,
        /// Its planned value.
        planned: String,
        /// Its value now.
        now: String,
    },
}

impl TargetDifference {
    /// Whether [`Job::accept_credential`](crate::Job::accept_credential) can accept it.
    pub fn is_acceptable(&self) -> bool {
        matches!(self, Self::Credential { .. } | Self::UnknownPrefix { .. })
    }
}

impl fmt::Display for TargetDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, planned, now) = match self {
            Self::UnknownPrefix { now } => {
                return write!(
                    f,
                    "the base URL is `{now}` now, and the job was planned by a version that did not record path prefixes"
                );
            }
            Self::Credential { planned, now } => ("credential's fingerprint", planned, now),
            Self::Other { name, planned, now } => (*name, planned, now),
        };
        write!(f, "the {name} was `{planned}` when the job was planned, and is `{now}` now")
    }
}

impl Target {
    /// Returns what is different in `now`, or `None` if it is the same target. Base URLs that name the same endpoint are
    /// equal, however they are written. Auth URLs are compared only if both targets fetch tokens.
    pub fn difference(&self, now: &Self) -> Option<TargetDifference> {
        let (planned, now) = (self.normalized(), now.normalized());
        let other = planned.fields(&now).into_iter().find(|(_, planned, now)| planned != now);
        if let Some((name, planned, now)) = other {
            return Some(TargetDifference::Other { name, planned, now });
        }
        if planned.credential != now.credential {
            return Some(TargetDifference::Credential { planned: planned.credential, now: now.credential });
        }
        // Format 1 kept the origin alone, which is all of a base URL that has no prefix.
        let prefixed = now.base_url.filter(|url| planned.base_url.is_none() && has_prefix(url));
        prefixed.map(|now| TargetDifference::UnknownPrefix { now })
    }

    /// What must be equal whatever the credential is.
    fn fields(&self, now: &Self) -> [(&'static str, String, String); 7] {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let mode = |target: &Self| target.mode.map_or("none", ErasureMode::as_str).to_owned();
        // A target of format 1 has no base URL to compare.
        let (base_url, base_url_now) = match &self.base_url {
            Some(_) => (text(&self.base_url), text(&now.base_url)),
            None => Default::default(),
        };
        let (auth_url, auth_url_now) = match (&self.auth_url, &now.auth_url) {
            (Some(planned), Some(now)) => (planned.clone(), now.clone()),
            _ => Default::default(),
        };
        [
            ("vendor", self.vendor.clone(), now.vendor.clone()),
            ("base URL", base_url, base_url_now),
            ("address", self.origin.clone(), now.origin.clone()),
            ("auth URL", auth_url, auth_url_now),
            ("tenant or region", text(&self.place), text(&now.place)),
            ("mode", mode(self), mode(now)),
            ("options", self.options.clone(), now.options.clone()),
        ]
    }

    /// The same target as a new plan keeps it.
    ///
    /// # Errors
    /// [`JobErrorKind::Plan`] if it has no base URL, or an address that no client would take.
    pub(crate) fn to_plan(&self) -> Result<Self, JobError> {
        let refuse = |problem: String| JobError::new(JobErrorKind::Plan, format!("{}: {problem}", self.vendor));
        if self.base_url.is_none() {
            return Err(refuse("a target needs its base URL".to_owned()));
        }
        for url in [&self.base_url, &self.auth_url].into_iter().flatten() {
            BaseUrl::parse(url).map_err(|error| refuse(error.to_string()))?;
        }
        Ok(self.normalized())
    }

    /// The same target with its addresses in their normal form; the origin is that of the base URL.
    pub(crate) fn normalized(&self) -> Self {
        let normal = |url: &String| normal(url);
        let base_url = self.base_url.as_ref().map(normal);
        let origin = origin_of(base_url.as_ref().unwrap_or(&normal(&self.origin))).to_owned();
        Self { origin, base_url, auth_url: self.auth_url.as_ref().map(normal), ..self.clone() }
    }
}

/// What cannot be parsed stays as it is, and is equal to itself alone.
fn normal(url: &str) -> String {
    BaseUrl::parse(url).map_or_else(|_| url.to_owned(), |url| url.to_string())
}

fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..].find('/').map_or(url, |end| &url[..host + end])
}

/// Whether its path is more than a version such as `/v2`, which belongs to the vendor.
fn has_prefix(base_url: &str) -> bool {
    let path = base_url.strip_prefix(origin_of(base_url)).unwrap_or(base_url);
    let version = path.strip_prefix("/v").unwrap_or(path);
    !version.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
