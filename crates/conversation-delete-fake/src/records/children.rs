//! What hangs on a record: Corti's recordings, transcripts and documents.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{RecordState, Records, Seed};
use crate::keys::Owner;

/// What a child of an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChildKind {
    /// A recording.
    Recording,
    /// A transcript.
    Transcript,
    /// A (classic) document.
    Document,
    /// A guided document, which lives outside of the interaction's paths.
    GuidedDocument,
}

/// One child as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChildView {
    /// What it is.
    pub kind: ChildKind,
    /// Its id.
    pub id: String,
    /// What has become of it. If `cascade` is `no` it can be present although no request reaches it any more.
    pub state: RecordState,
}

/// The children of all records that have any.
#[derive(Default)]
pub(crate) struct Children {
    of: HashMap<u32, Vec<Child>>,
    /// Guided documents are addressed without their interaction.
    parents: HashMap<Box<str>, u32>,
}

pub(crate) struct Child {
    pub(crate) kind: ChildKind,
    pub(crate) id: Box<str>,
    pub(crate) state: RecordState,
    /// Of a transcript.
    pub(crate) status: Box<str>,
}

impl Children {
    /// A record is made anew, and its children with it.
    pub(super) fn forget(&mut self, parent: u32) {
        self.parents.retain(|_, known| *known != parent);
        self.of.remove(&parent);
    }

    pub(super) fn add(&mut self, parent: u32, seed: &Seed, mut next_id: impl FnMut() -> String) {
        let status = seed.transcript_status.as_deref().unwrap_or("completed");
        let transcripts = seed.transcripts.max(usize::from(seed.transcript_status.is_some()));
        let mut children = Vec::new();
        for (kind, count) in [
            (ChildKind::Recording, seed.recordings),
            (ChildKind::Transcript, transcripts),
            (ChildKind::Document, seed.documents),
            (ChildKind::GuidedDocument, seed.guided_documents),
        ] {
            for _ in 0..count {
                let id = next_id().into_boxed_str();
                if kind == ChildKind::GuidedDocument {
                    self.parents.insert(id.clone(), parent);
                }
                children.push(Child { kind, id, state: RecordState::Present, status: status.into() });
            }
        }
        if !children.is_empty() {
            self.of.insert(parent, children);
        }
    }

    pub(super) fn of(&self, parent: u32) -> &[Child] {
        self.of.get(&parent).map_or(&[], Vec::as_slice)
    }

    pub(super) fn parent_of(&self, guided_document: &str) -> Option<u32> {
        self.parents.get(guided_document).copied()
    }

    pub(super) fn delete(&mut self, parent: u32, id: &str) {
        for child in self.of.get_mut(&parent).into_iter().flatten().filter(|child| *child.id == *id) {
            child.state = RecordState::Deleted;
        }
    }

    pub(super) fn delete_all(&mut self, parent: u32) {
        for child in self.of.get_mut(&parent).into_iter().flatten() {
            child.state = RecordState::Deleted;
        }
    }
}

impl Child {
    pub(crate) fn is(&self, kind: ChildKind) -> bool {
        self.kind == kind && self.state == RecordState::Present
    }

    pub(super) fn view(&self) -> ChildView {
        ChildView { kind: self.kind, id: self.id.to_string(), state: self.state }
    }
}

impl Records {
    /// The children of a record that are still there.
    pub(crate) fn children(&self, parent: &str, owner: Owner) -> impl Iterator<Item = &Child> {
        let slot = self.own(parent, owner).map(|(item, _)| item.slot);
        slot.map_or(&[][..], |slot| self.children.of(slot)).iter().filter(|child| child.state == RecordState::Present)
    }

    /// The guided documents of one interaction of this workspace, or of all, that are still there, each with the id of
    /// its interaction.
    pub(crate) fn guided_documents(&self, parent: Option<&str>, owner: Owner) -> impl Iterator<Item = (&str, &Child)> {
        let slots = match parent {
            Some(parent) => self.slot_of(parent).map_or(0..0, |slot| slot..slot + 1),
            None => 0..self.slot_count(),
        };
        slots
            .filter_map(move |slot| Some((slot, self.slot(slot)?)))
            .filter(move |(_, (_, record))| record.owner == owner)
            .flat_map(|(slot, (id, _))| {
                let children = self.children.of(slot).iter().filter(|child| child.is(ChildKind::GuidedDocument));
                children.map(move |child| (id, child))
            })
    }

    /// Whether this workspace has a guided document that is still there.
    pub(crate) fn has_guided_document(&self, id: &str, owner: Owner) -> bool {
        let Some(parent) = self.children.parent_of(id) else { return false };
        self.slot(parent).is_some_and(|(_, record)| record.owner == owner)
            && self.children.of(parent).iter().any(|child| *child.id == *id && child.is(ChildKind::GuidedDocument))
    }

    pub(crate) fn delete_child(&mut self, parent: &str, child: &str) {
        if let Some(parent) = self.slot_of(parent) {
            self.children.delete(parent, child);
        }
    }

    pub(crate) fn delete_guided_document(&mut self, id: &str) {
        if let Some(parent) = self.children.parent_of(id) {
            self.children.delete(parent, id);
        }
    }

    /// All children of a record of either workspace.
    pub(crate) fn child_views(&self, id: &str) -> Vec<ChildView> {
        self.slot_of(id).map(|slot| self.children.of(slot).iter().map(Child::view).collect()).unwrap_or_default()
    }
}
