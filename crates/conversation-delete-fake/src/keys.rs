//! Credentials: who may read, who may write, whose records they see.

use serde::{Deserialize, Serialize};

/// What a credential of a fake is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Reads and deletes.
    Full = 0,
    /// Reads; a delete is refused as the vendor refuses a missing scope.
    ReadOnly = 1,
    /// Deletes; a read is refused.
    WriteOnly = 2,
    /// Reads and deletes in another workspace (at Corti: as another client of the tenant), whose records are disjoint.
    Foreign = 3,
}

impl Role {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Full, Self::ReadOnly, Self::WriteOnly, Self::Foreign];

    pub(crate) fn owner(self) -> Owner {
        if self == Self::Foreign { Owner::Foreign } else { Owner::Own }
    }

    pub(crate) fn can_read(self) -> bool {
        self != Self::WriteOnly
    }

    pub(crate) fn can_write(self) -> bool {
        self != Self::ReadOnly
    }
}

/// Whose a record is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Owner {
    #[default]
    Own,
    Foreign,
}

/// One credential: an API key, or the id and secret of a Corti client.
pub(crate) struct Key {
    pub(crate) role: Role,
    pub(crate) client_id: &'static str,
    pub(crate) secret: &'static str,
}

impl Key {
    pub(crate) const fn api_key(role: Role, secret: &'static str) -> Self {
        Self { role, client_id: "", secret }
    }
}

/// The credentials of one vendor, some of them revoked.
pub(crate) struct Keys {
    keys: Vec<&'static Key>,
    revoked: Vec<Role>,
}

impl Keys {
    pub(crate) fn new(vendor: crate::Vendor) -> Self {
        Self { keys: Role::ALL.iter().map(|role| vendor.key(*role)).collect(), revoked: Vec::new() }
    }

    /// Revokes a credential, and with it every token made from it.
    pub(crate) fn revoke(&mut self, role: Role) {
        self.revoked.push(role);
    }

    pub(crate) fn is_live(&self, role: Role) -> bool {
        !self.revoked.contains(&role)
    }

    /// The role of a live API key.
    pub(crate) fn role_of(&self, secret: &str) -> Option<Role> {
        self.keys.iter().find(|key| key.secret == secret).map(|key| key.role).filter(|role| self.is_live(*role))
    }

    /// The live client of this id.
    pub(crate) fn client(&self, client_id: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.client_id == client_id && self.is_live(key.role)).copied()
    }
}
