//! What each vendor implements; everything else is shared.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::message::{FakeReply, FakeRequest};
use crate::target::Target;
use crate::world::{Effect, World};

/// A route that a fake serves, by the name that faults and counters use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Route {
    /// Every route below.
    #[default]
    Any,
    /// The delete of one record.
    Delete,
    /// Fini's delete of up to 50 records.
    BulkDelete,
    /// The read of one record.
    Get,
    /// The list of records.
    List,
    /// Tavus: the end of a live conversation.
    End,
    /// Corti: the reads and deletes of what belongs to an interaction.
    Child,
    /// Corti's token endpoint.
    Token,
    /// What a path mistake would hit: agents, files and tags, or PALs and Faces.
    #[serde(alias = "neighbour")]
    AdjacentResource,
}

impl Route {
    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Delete => "delete",
            Self::BulkDelete => "bulk_delete",
            Self::Get => "get",
            Self::List => "list",
            Self::End => "end",
            Self::Child => "child",
            Self::Token => "token",
            Self::AdjacentResource => "adjacent_resource",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The route of a request.
pub(crate) enum Routed {
    /// To a route, with the name of what it is about (an id, a realm, an adjacent resource; empty for a batch).
    To(Route, String),
    /// To a path that takes this method. `GET` is not named if the vendor's OpenAPI text of the delete does not
    /// declare it: a tester compares `Allow` with that text, and a framework with one route per method says the same.
    WrongMethod(&'static str),
    /// To no known path: 501, never 404.
    Unrouted,
}

/// One call to a known route.
pub(crate) struct Call<'a> {
    pub(crate) route: Route,
    pub(crate) subject: &'a str,
    pub(crate) request: &'a FakeRequest,
    pub(crate) target: &'a Target,
}

/// The response of a vendor to a call, and what the call changes. A fault can drop the one and keep the other.
pub(crate) struct Decision {
    pub(crate) reply: FakeReply,
    pub(crate) effects: Vec<Effect>,
}

impl Decision {
    pub(crate) fn new(reply: FakeReply, effects: Vec<Effect>) -> Self {
        Self { reply, effects }
    }
}

impl From<FakeReply> for Decision {
    fn from(reply: FakeReply) -> Self {
        Self::new(reply, Vec::new())
    }
}

/// A vendor's own behaviour: pure, without input or output.
pub(crate) trait Backend: Send {
    /// Finds the route of a request.
    fn route(&self, method: &str, path: &[&str]) -> Routed;

    /// Responds to a call of a known route. Only the vendor's own state (tokens, throttle) may change here.
    fn decide(&mut self, call: &Call<'_>, world: &World) -> Decision;

    /// The vendor's usual reply for a failure, also used by faults that name a status but no body.
    fn error(&self, status: u16, code: Option<&str>, world: &World) -> FakeReply;

    /// Adds what every reply of this vendor has.
    fn finish(&self, reply: FakeReply, _world: &World) -> FakeReply {
        reply
    }

    /// Forgets what was given out, so that a client must authenticate anew.
    fn forget_tokens(&mut self) {}
}
