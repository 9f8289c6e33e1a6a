/// What a call is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub(crate) enum Operation {
    #[default]
    Delete,
    /// Nothing is changed, whatever the result.
    Read,
    /// A running conversation is ended.
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
