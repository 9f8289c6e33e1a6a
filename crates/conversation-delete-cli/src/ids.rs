//! The ids of a run: read, checked, without doubles, and small enough in memory for millions.

mod arena;
mod csv;
mod entries;
mod lines;
mod quotes;
mod read;
mod refused;

use std::collections::BTreeSet;

use delete_core::{ConversationId, Error, RecordId, Vendor};

use arena::{Arena, Index};
pub(crate) use entries::{Entries, Entry};
pub(crate) use read::read;
use refused::Refusals;
pub(crate) use refused::{Complaint, Refusal, Refused};

/// The longest id in bytes that is worth a closer look. No vendor takes longer ones.
const MAX_ID_LEN: usize = 256;

/// Words that programs write where an id is missing. At vendors with opaque ids they pass for one.
const MISSING: [&str; 3] = ["null", "undefined", "None"];

/// Names that columns with ids have.
const HEADERS: [&str; 6] = ["id", "ids", "conversation_id", "conversationId", "interaction_id", "interactionId"];

/// Which form a vendor's ids have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdForm {
    Uuid,
    Opaque,
}

impl IdForm {
    fn parse(self, text: &str) -> Result<RecordId, Error> {
        match self {
            Self::Uuid => RecordId::parse_uuid(text),
            Self::Opaque => ConversationId::new(text).map(RecordId::from),
        }
    }
}

/// Where in the input an id stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The nth id among the arguments.
    Argument(u64),
    /// A line of the file or of stdin.
    Line(u64),
}

/// Takes ids in the order of the input, checks them and merges doubles.
pub(crate) struct IdCollector {
    list: IdList,
    index: Index,
}

impl IdCollector {
    pub(crate) fn new(vendor: Vendor, form: IdForm) -> Self {
        let list = IdList {
            vendor,
            form,
            ids: Arena::default(),
            refusals: Refusals::default(),
            merged: 0,
            suspects: BTreeSet::new(),
        };
        Self { list, index: Index::default() }
    }

    /// Takes a line that should be an id and nothing else. The report shows nothing of a row of some table: it may hold
    /// people's names.
    fn add_line(&mut self, place: Place, bytes: &[u8], is_first: bool) {
        if looks_like_a_row(bytes) {
            return self.refuse(place, b"", Refusal::TableRow);
        }
        match header_word(bytes) {
            Some(_) if is_first => self.refuse(place, bytes, Refusal::Header),
            _ => self.add(place, bytes),
        }
    }

    /// Takes what stands in the column `id` of a CSV file, where the header of another file may stand as well.
    fn add_cell(&mut self, place: Place, bytes: &[u8]) {
        if is_id_header(bytes) { self.refuse(place, bytes, Refusal::Header) } else { self.add(place, bytes) }
    }

    /// Takes what stands at `place`: an id, or something that is none.
    pub(crate) fn add(&mut self, place: Place, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.refuse(place, bytes, Refusal::NotUtf8);
        };
        if text.trim() != text {
            return self.refuse(place, bytes, Refusal::WhiteSpace);
        }
        if text.len() > MAX_ID_LEN {
            return self.refuse(place, bytes, Refusal::TooLong);
        }
        match self.list.form.parse(text) {
            Ok(id) => self.insert(&id),
            Err(_) => self.refuse(place, bytes, Refusal::NotAnId),
        }
    }

    /// Notes that what stands at `place` is no id. `bytes` is what the report will show of it.
    pub(crate) fn refuse(&mut self, place: Place, bytes: &[u8], reason: Refusal) {
        self.list.refusals.push(self.list.ids.len(), place, bytes, reason);
    }

    fn insert(&mut self, id: &RecordId) {
        let is_new = match id {
            RecordId::Uuid(id) => self.index.insert(&mut self.list.ids, id.as_bytes()),
            RecordId::Conversation(id) => {
                let missing = MISSING.into_iter().find(|word| *word == id.as_str());
                self.list.suspects.extend(missing.or_else(|| header_word(id.as_str().as_bytes())));
                self.index.insert(&mut self.list.ids, id.as_str().as_bytes())
            }
        };
        self.list.merged += u64::from(!is_new);
    }

    /// Whether `text` is an id of this run's vendor.
    fn is_id(&self, text: &[u8]) -> bool {
        std::str::from_utf8(text).is_ok_and(|text| self.list.form.parse(text).is_ok())
    }

    /// The finished list, without what only served to find doubles.
    pub(crate) fn finish(self) -> IdList {
        self.list
    }
}

/// The name of a column that `text` is.
fn header_word(text: &[u8]) -> Option<&'static str> {
    HEADERS.into_iter().find(|word| word.as_bytes().eq_ignore_ascii_case(text))
}

/// Whether `name` is that of the column which holds the ids.
fn is_id_header(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"id")
}

/// Whether something in `line` separates fields or words. No vendor has such ids.
fn looks_like_a_row(line: &[u8]) -> bool {
    String::from_utf8_lossy(line).trim().contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\''))
}

/// The distinct ids of a run and what was refused among them, in the order of the input.
pub(crate) struct IdList {
    vendor: Vendor,
    form: IdForm,
    ids: Arena,
    refusals: Refusals,
    merged: u64,
    suspects: BTreeSet<&'static str>,
}

impl IdList {
    /// Whose ids they are.
    pub(crate) fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// How often an id stood there again.
    pub(crate) fn merged(&self) -> u64 {
        self.merged
    }

    /// The ids that look like the name of a column, or like a missing one.
    pub(crate) fn suspects(&self) -> impl Iterator<Item = &'static str> {
        self.suspects.iter().copied()
    }

    /// The id number `index`.
    ///
    /// # Errors
    /// None for a number below [`len`](Self::len): only ids that could be read are kept.
    pub(crate) fn id(&self, index: usize) -> Result<RecordId, Error> {
        let bytes = self.ids.get(index);
        match (self.form, <[u8; 16]>::try_from(bytes)) {
            (IdForm::Uuid, Ok(bytes)) => Ok(uuid::Uuid::from_bytes(bytes).into()),
            _ => self.form.parse(&String::from_utf8_lossy(bytes)),
        }
    }

    /// The id number `index` as text.
    pub(crate) fn id_text(&self, index: usize) -> String {
        self.id(index).map(|id| id.to_string()).unwrap_or_default()
    }

    /// The ids and what was refused among them, in the order of the input.
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries::new(self)
    }

    /// The ids of these numbers as a list of their own, with nothing refused among them.
    pub(crate) fn select(&self, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut ids = Arena::default();
        numbers.into_iter().for_each(|number| ids.push(self.ids.get(number)));
        let (vendor, form) = (self.vendor, self.form);
        Self { vendor, form, ids, refusals: Refusals::default(), merged: 0, suspects: BTreeSet::new() }
    }

    /// How many entries were refused.
    pub(crate) fn refused_len(&self) -> usize {
        self.refusals.len()
    }

    /// The refused entry number `index`.
    pub(crate) fn refused(&self, index: usize) -> Option<Refused> {
        self.complaint(index).map(Refused::from)
    }

    /// The same, with its place apart.
    pub(crate) fn complaint(&self, index: usize) -> Option<Complaint> {
        self.refusals.get(index, |text| self.form.parse(text).map_err(|error| error.for_vendor(self.vendor)))
    }

    /// How many ids stand before the refused entry number `index`.
    pub(crate) fn ids_before_refused(&self, index: usize) -> Option<usize> {
        self.refusals.ids_before(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORTI: Vendor = Vendor::new("corti", "Corti");
    const TAVUS: Vendor = Vendor::new("tavus", "Tavus");

    fn collect(vendor: Vendor, form: IdForm, inputs: &[&[u8]]) -> IdList {
        let mut collector = IdCollector::new(vendor, form);
        for (number, input) in (1..).zip(inputs) {
            collector.add(Place::Argument(number), input);
        }
        collector.finish()
    }

    #[test]
    fn other_spellings_of_a_uuid_are_merged() {
        let list = collect(
            CORTI,
            IdForm::Uuid,
            &[
                b"F47AC10B-58CC-4372-A567-0E02B2C3D479",
                b"00000000-0000-4000-8000-000000000001",
                b"f47ac10b58cc4372a5670e02b2c3d479",
                b"{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
            ],
        );
        assert_eq!((list.len(), list.merged(), list.refused_len()), (2, 2, 0));
        assert_eq!(list.id(0).unwrap().to_string(), "f47ac10b-58cc-4372-a567-0e02b2c3d479");
        assert_eq!(list.id(1).unwrap().to_string(), "00000000-0000-4000-8000-000000000001");
    }

    #[test]
    fn entries_come_in_the_order_of_the_input_and_some_can_be_selected() {
        let list = collect(TAVUS, IdForm::Opaque, &[b"..", b"c1", b"a/b", b"", b"c1", b"c2", b"c3", b"?"]);
        let told: Vec<String> = list
            .entries()
            .map(|entry| match entry {
                Entry::Id(number) => list.id(number).unwrap().to_string(),
                Entry::Refused(refused) => format!("!{}", refused.id),
            })
            .collect();
        assert_eq!(told, ["!..", "c1", "!a/b", "!", "c2", "c3", "!?"]);
        let selected = list.select([2, 0]);
        assert_eq!((selected.len(), selected.refused_len()), (2, 0));
        assert_eq!([0, 1].map(|number| selected.id(number).unwrap().to_string()), ["c3", "c1"]);
    }

    #[test]
    fn opaque_ids_differ_by_case_and_are_kept_as_given() {
        let list = collect(TAVUS, IdForm::Opaque, &[b"c1", b"C1", b"c1", b"null", b"0123456789abcdef"]);
        assert_eq!((list.len(), list.merged()), (4, 1));
        assert_eq!(list.suspects().collect::<Vec<_>>(), ["null"]);
        assert_eq!(list.id(3).unwrap().to_string(), "0123456789abcdef");
    }

    #[test]
    fn what_is_no_id_is_refused_in_its_place_with_a_reason() {
        let long = "x".repeat(257);
        let list =
            collect(TAVUS, IdForm::Opaque, &[b"c1", b"..", b" c2", b"c2", b"", b"a\xff", b"a\nb", long.as_bytes()]);
        assert_eq!(list.len(), 2);
        let told: Vec<(usize, String)> = (0..list.refused_len())
            .map(|index| (list.ids_before_refused(index).unwrap(), list.refused(index).unwrap().message))
            .collect();
        for ((before, message), (expected_before, expected)) in told.iter().zip([
            (1, "argument 2: Tavus: \"..\" is no conversation id: it is made of dots alone"),
            (1, "argument 3: there is white space around the id"),
            (2, "argument 5: Tavus: \"\" is no conversation id: it is empty"),
            (2, "argument 6: it is not UTF-8"),
            (2, "argument 7: Tavus: \"a\\nb\" is no conversation id: it holds \"\\n\""),
            (2, "argument 8: it is longer than any id"),
        ]) {
            assert_eq!(*before, expected_before, "{message}");
            assert!(message.starts_with(expected), "{message}");
        }
        assert_eq!(told.len(), 6);
        assert_eq!(list.refused(5).unwrap().id.chars().count(), 257, "cut, with an ellipsis");
    }
}
