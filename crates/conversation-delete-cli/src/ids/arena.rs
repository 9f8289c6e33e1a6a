//! Many short byte strings in one allocation, and an index that finds them again.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Byte strings one after the other.
#[derive(Default)]
pub(super) struct Arena {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Arena {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
    }

    /// The string number `index`; empty where there is none.
    pub(super) fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// Which strings an [`Arena`] holds: a table of their numbers, not of copies.
#[derive(Default)]
pub(super) struct Index {
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Index {
    /// Adds `bytes` to the arena unless it holds them already. True when they are new.
    pub(super) fn insert(&mut self, arena: &mut Arena, bytes: &[u8]) -> bool {
        let hash = |bytes: &[u8]| self.hasher.hash_one(bytes);
        let key = hash(bytes);
        if self.numbers.find(key, |number| arena.get(*number as usize) == bytes).is_some() {
            return false;
        }
        // Four thousand million ids do not fit into the memory of any machine this runs on; beyond, doubles are not
        // found, which costs a request and harms nothing.
        if let Ok(number) = u32::try_from(arena.len()) {
            self.numbers.insert_unique(key, number, |number| hash(arena.get(*number as usize)));
        }
        arena.push(bytes);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_each_string_once_in_the_order_of_arrival(strings in proptest::collection::vec("[ab]{0,3}", 0..200)) {
            let (mut arena, mut index) = (Arena::default(), Index::default());
            let mut expected: Vec<&str> = Vec::new();
            for string in &strings {
                let is_new = !expected.contains(&string.as_str());
                prop_assert_eq!(index.insert(&mut arena, string.as_bytes()), is_new);
                if is_new {
                    expected.push(string);
                }
            }
            let held: Vec<&[u8]> = (0..arena.len()).map(|number| arena.get(number)).collect();
            prop_assert_eq!(held, expected.iter().map(|string| string.as_bytes()).collect::<Vec<_>>());
        }
    }
}
