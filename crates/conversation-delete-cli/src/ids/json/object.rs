//! The id of an object, by its members.

use crate::ids::own_lines::OwnLine;

/// The id that a value names.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ids) enum IdMember {
    Id(String),
    /// It has no member of that name.
    Missing,
    /// It is not a string, or occurs twice, or this is not an object.
    Invalid,
    /// Members of two names that may be that of the id.
    Ambiguous(Vec<String>),
    /// An id, and an array of more ids below another member. Which are meant is not clear.
    WithArray,
    /// Several arrays, and no id.
    TwoArrays,
    /// A line of this program's own output that names no record.
    OwnLine,
    /// Its elements were taken.
    Elements,
}

/// The value of a member of an object.
pub(super) enum Seen {
    Text(String),
    /// An array whose elements were taken; how many.
    Elements(u64),
    /// Another value, and whether it holds an array of ids.
    Other {
        holds_ids: bool,
    },
}

/// What is known of an object.
#[derive(Default)]
pub(super) struct Object {
    /// The members that may be the id, with their values if these are strings.
    pub(super) ids: Vec<(String, Option<String>)>,
    own_line: OwnLine,
    arrays: u64,
    elements: u64,
    /// Whether a member other than the id holds an array of ids.
    holds_ids: bool,
}

impl Object {
    pub(super) fn add(&mut self, key: String, is_id: bool, seen: Seen) {
        match &seen {
            Seen::Text(text) => self.own_line.see_text(&key, text),
            _ => self.own_line.see(&key),
        }
        match seen {
            Seen::Text(text) if is_id => self.ids.push((key, Some(text))),
            _ if is_id => self.ids.push((key, None)),
            Seen::Text(_) => {}
            Seen::Elements(count) => {
                self.arrays += 1;
                self.elements += count;
            }
            Seen::Other { holds_ids } => self.holds_ids |= holds_ids,
        }
    }

    /// The id, of an object at the top of the input or of another one.
    pub(super) fn id(self, is_top: bool) -> IdMember {
        let (has_id, holds_more) = (!self.ids.is_empty(), self.elements > 0 || is_top && self.holds_ids);
        match self.arrays {
            _ if self.elements == 0 && self.own_line.is_skipped(has_id) => IdMember::OwnLine,
            _ if has_id && holds_more => IdMember::WithArray,
            1 if !has_id && !self.holds_ids => IdMember::Elements,
            1.. if !has_id => IdMember::TwoArrays,
            _ => self.own_id(),
        }
    }

    /// Two are enough to know that it has no certain one.
    fn own_id(self) -> IdMember {
        let mut ids = self.ids.into_iter();
        match (ids.next(), ids.next()) {
            (None, _) => IdMember::Missing,
            (Some((_, Some(_))), None) if self.holds_ids => IdMember::WithArray,
            (Some((_, Some(id))), None) => IdMember::Id(id),
            (Some(_), None) => IdMember::Invalid,
            (Some((first, _)), Some((second, _))) if first == second => IdMember::Invalid,
            (Some((first, _)), Some((second, _))) => IdMember::Ambiguous(vec![first, second]),
        }
    }
}
