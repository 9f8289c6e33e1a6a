//! Holds of ids that are in memory.

use std::hash::{BuildHasher, RandomState};

use conversation_delete_job::HoldPlace;
use delete_core::RecordId;
use hashbrown::HashTable;

use super::{HoldArgs, HoldError, Unmatched, read};
use crate::args::{ColumnArgs, VendorName};
use crate::ids::IdList;

/// Marks the ids that are held, and returns the holds that match none.
///
/// # Errors
/// As [`read`].
pub(crate) fn mark(
    ids: &mut IdList,
    args: &HoldArgs,
    column: &ColumnArgs,
    vendor: VendorName,
) -> Result<Unmatched, HoldError> {
    let mut unmatched = Unmatched::default();
    if args.files.is_empty() {
        return Ok(unmatched);
    }
    let index = Index::of(ids);
    let mut held = vec![false; ids.len()];
    unmatched.total = read(args, column, &[vendor], |forms, place| {
        for id in forms {
            match index.find(ids, id) {
                Found::Same(number) => held[number] = true,
                Found::InOtherCase(number) => add(&mut unmatched, args, id, place, Some(&ids.id_text(number))),
                Found::Nothing => add(&mut unmatched, args, id, place, None),
            }
        }
        Ok(())
    })?;
    ids.set_held(held);
    Ok(unmatched)
}

fn add(unmatched: &mut Unmatched, args: &HoldArgs, id: &RecordId, place: HoldPlace, other: Option<&str>) {
    unmatched.add(args, &id.to_string(), place, other);
}

/// The numbers of all ids, found by their text whatever its case.
struct Index {
    numbers: HashTable<usize>,
    hasher: RandomState,
}

enum Found {
    Same(usize),
    InOtherCase(usize),
    Nothing,
}

impl Index {
    fn of(ids: &IdList) -> Self {
        let mut index = Self { numbers: HashTable::with_capacity(ids.len()), hasher: RandomState::new() };
        for number in 0..ids.len() {
            let key = index.hash(ids.bytes(number));
            let Self { numbers, hasher } = &mut index;
            numbers.insert_unique(key, number, |number| hash(hasher, ids.bytes(*number)));
        }
        index
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        hash(&self.hasher, bytes)
    }

    fn find(&self, ids: &IdList, id: &RecordId) -> Found {
        let wanted = IdList::bytes_of(id);
        let key = self.hash(wanted);
        if let Some(number) = self.numbers.find(key, |number| ids.bytes(*number) == wanted) {
            return Found::Same(*number);
        }
        let is_same_but_for_case = |number: &usize| ids.bytes(*number).eq_ignore_ascii_case(wanted);
        // The bytes of a UUID are not text.
        let other = self.numbers.find(key, is_same_but_for_case).filter(|_| id.as_uuid().is_none());
        other.map_or(Found::Nothing, |number| Found::InOtherCase(*number))
    }
}

fn hash(hasher: &RandomState, bytes: &[u8]) -> u64 {
    hasher.hash_one(bytes.to_ascii_lowercase())
}
