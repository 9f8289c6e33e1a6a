//! What belongs to an interaction: recordings, transcripts, documents, and guided documents beside it.

use serde_json::{Value, json};

use super::{Corti, body};
use crate::backend::{Backend as _, Call, Decision};
use crate::ids::is_uuid;
use crate::keys::{Owner, Role};
use crate::message::FakeReply;
use crate::records::{Child, ChildKind, Found};
use crate::world::{Effect, World};

/// A call about children, read from its path.
pub(super) enum ChildCall<'a> {
    List { parent: &'a str, kind: ChildKind },
    TranscriptStatus { parent: &'a str, child: &'a str },
    Delete { parent: &'a str, kind: ChildKind, child: &'a str },
    ListGuided,
    DeleteGuided { child: &'a str },
}

impl<'a> ChildCall<'a> {
    /// Docs: lists end in a slash, and guided documents do not lie below the interaction.
    pub(super) fn parse<T: AsRef<str>>(method: &str, path: &'a [T]) -> Option<Self> {
        let path: Vec<&'a str> = path.iter().map(AsRef::as_ref).collect();
        let ["v2", rest @ ..] = &path[..] else { return None };
        match (method, rest) {
            ("GET", ["documents", ""]) => Some(Self::ListGuided),
            ("DELETE", ["documents", child]) if !child.is_empty() => Some(Self::DeleteGuided { child }),
            (_, ["interactions", parent, kind, rest @ ..]) if !parent.is_empty() => {
                Self::below(method, parent, kind_of(kind)?, rest)
            }
            _ => None,
        }
    }

    fn below(method: &str, parent: &'a str, kind: ChildKind, rest: &[&'a str]) -> Option<Self> {
        match (method, rest) {
            ("GET", [""]) => Some(Self::List { parent, kind }),
            ("DELETE", [child]) if !child.is_empty() => Some(Self::Delete { parent, kind, child }),
            ("GET", [child, "status"]) if kind == ChildKind::Transcript && !child.is_empty() => {
                Some(Self::TranscriptStatus { parent, child })
            }
            _ => None,
        }
    }

    /// The id that a fault is about: the child's, or the interaction's for a list.
    pub(super) fn subject(&self) -> &'a str {
        match self {
            Self::List { parent, .. } => parent,
            Self::TranscriptStatus { child, .. } | Self::Delete { child, .. } | Self::DeleteGuided { child } => child,
            Self::ListGuided => "",
        }
    }

    fn deletes(&self) -> bool {
        matches!(self, Self::Delete { .. } | Self::DeleteGuided { .. })
    }
}

fn kind_of(segment: &str) -> Option<ChildKind> {
    match segment {
        "recordings" => Some(ChildKind::Recording),
        "transcripts" => Some(ChildKind::Transcript),
        "documents" => Some(ChildKind::Document),
        _ => None,
    }
}

impl Corti {
    pub(super) fn decide_child(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let unknown = || self.error(404, None, world);
        let wanted = ChildCall::parse(call.request.method(), &call.target.segments).ok_or_else(unknown)?;
        let scope = if wanted.deletes() { Role::can_write } else { Role::can_read };
        let owner = self.authenticate(call, world, scope)?.owner();
        match wanted {
            ChildCall::List { parent, kind } => self.list_children(parent, kind, owner, world),
            ChildCall::TranscriptStatus { parent, child } => self.transcript_status(parent, child, owner, world),
            ChildCall::Delete { parent, kind, child } => self.delete_child(parent, kind, child, owner, world),
            ChildCall::ListGuided => self.list_guided(call, owner, world),
            ChildCall::DeleteGuided { child } => self.delete_guided(child, owner, world),
        }
    }

    fn list_children(&self, parent: &str, kind: ChildKind, owner: Owner, world: &World) -> Result<Decision, FakeReply> {
        let children = self.present(parent, kind, owner, world)?;
        let body = match kind {
            ChildKind::Recording => json!({ "recordings": items(&children, |child| json!(&*child.id)) }),
            // SDK: the list may be null.
            ChildKind::Transcript if children.is_empty() && world.options.is("empty_transcripts", "null") => {
                json!({ "transcripts": null })
            }
            ChildKind::Transcript => json!({ "transcripts": items(&children, body::transcript) }),
            _ => json!({ "data": items(&children, body::document) }),
        };
        Ok(FakeReply::json(200, body.to_string()).into())
    }

    /// Docs: `processing`, `completed` or `failed`.
    fn transcript_status(&self, parent: &str, child: &str, owner: Owner, world: &World) -> Result<Decision, FakeReply> {
        let children = self.present(parent, ChildKind::Transcript, owner, world)?;
        match children.iter().find(|known| *known.id == *child) {
            Some(known) => Ok(FakeReply::json(200, json!({ "status": &*known.status }).to_string()).into()),
            None => Err(self.unknown_child("A0012", child, world)),
        }
    }

    /// Tests: a second delete of a recording succeeds, of a transcript or a document it is 404.
    fn delete_child(
        &self,
        parent: &str,
        kind: ChildKind,
        child: &str,
        owner: Owner,
        world: &World,
    ) -> Result<Decision, FakeReply> {
        let children = self.present(parent, kind, owner, world)?;
        if !children.iter().any(|known| *known.id == *child) {
            return match kind {
                ChildKind::Recording if is_child_id(child, world) => Ok(FakeReply::new(204).into()),
                ChildKind::Transcript => Err(self.unknown_child("A0012", child, world)),
                _ => Err(self.unknown_child("A0009", child, world)),
            };
        }
        let effect = Effect::DeleteChild { parent: parent.to_owned(), child: child.to_owned() };
        Ok(Decision::new(FakeReply::new(204), vec![effect]))
    }

    /// Docs and SDK: guided documents by `interactionId`, as a bare array without pages. That a deleted interaction still
    /// leads to what is left of them is assumed, as are the other forms.
    fn list_guided(&self, call: &Call<'_>, owner: Owner, world: &World) -> Result<Decision, FakeReply> {
        self.check_guided_route(world)?;
        let parent = if world.options.is("guided_filter", "ignored") {
            None
        } else {
            let parent = call.target.value("interactionId");
            let parent = parent.ok_or_else(|| self.error(400, Some("A0013"), world))?;
            self.check_uuid(parent, world)?;
            Some(parent)
        };
        let names_interaction = world.options.is("guided_interaction_id", "set");
        let documents = world.records.guided_documents(parent, owner);
        let documents: Vec<Value> = documents
            .map(|(interaction, child)| body::guided_document(child, Some(interaction).filter(|_| names_interaction)))
            .collect();
        let body = match world.options.get("guided_list") {
            "data" => json!({ "data": documents }),
            "documents" => json!({ "documents": documents }),
            _ => documents.into(),
        };
        Ok(FakeReply::json(200, body.to_string()).into())
    }

    /// Docs: "This cannot be undone."
    fn delete_guided(&self, child: &str, owner: Owner, world: &World) -> Result<Decision, FakeReply> {
        self.check_guided_route(world)?;
        if !world.records.has_guided_document(child, owner) {
            return Err(self.unknown_child("A0009", child, world));
        }
        Ok(Decision::new(FakeReply::new(204), vec![Effect::DeleteGuidedDocument(child.to_owned())]))
    }

    /// A tenant may not have the routes of guided documents, which are a beta.
    fn check_guided_route(&self, world: &World) -> Result<(), FakeReply> {
        match world.options.get("guided_status") {
            "400" => Err(self.error(400, None, world)),
            "403" => Err(self.error(403, None, world)),
            // What a framework sends for a route that it does not have (assumed).
            "404" => Err(FakeReply::new(404)),
            _ => Ok(()),
        }
    }

    /// Tests: 404 for an id that is not there, 400 for one that cannot be an id. Ids are compared byte for byte.
    fn unknown_child(&self, code: &str, child: &str, world: &World) -> FakeReply {
        if is_child_id(child, world) { self.error(404, Some(code), world) } else { self.invalid_id(world) }
    }

    /// The children of this kind. Tests: all paths below an interaction that is not there are 404, and 400 below an id
    /// that is not a UUID.
    fn present<'a>(
        &self,
        parent: &str,
        kind: ChildKind,
        owner: Owner,
        world: &'a World,
    ) -> Result<Vec<&'a Child>, FakeReply> {
        self.check_uuid(parent, world)?;
        match world.records.find(parent, owner) {
            Found::Live(_) | Found::Soft(_) => {
                Ok(world.records.children(parent, owner).filter(|child| child.is(kind)).collect())
            }
            found => Err(self.not_visible(found, world)),
        }
    }

    fn check_uuid(&self, id: &str, world: &World) -> Result<(), FakeReply> {
        if is_uuid(id) { Ok(()) } else { Err(self.invalid_id(world)) }
    }
}

fn is_child_id(id: &str, world: &World) -> bool {
    let is_hex = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_uuid(id) || (is_hex && world.options.is("child_ids", "hex"))
}

fn items(children: &[&Child], show: impl Fn(&Child) -> Value) -> Vec<Value> {
    children.iter().map(|child| show(child)).collect()
}
