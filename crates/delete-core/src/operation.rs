/// What a call is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub(crate) enum Operation {
    #[default]
    Delete,
    /// Nothing changes, however often and in whatever way it ends.
    Read,
    /// A conversation that goes on is ended.
    End,
    /// A token is obtained for another call.
    Token,
}

impl Operation {
    pub(crate) const fn verb(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Read => "read",
            Self::End => "end",
            Self::Token => "obtain a token",
        }
    }
}
