//! Ids that must not be deleted.

use std::path::PathBuf;

use delete_core::RecordId;

use crate::cli::{ColumnArgs, VendorName};
use crate::ids::{IdCollector, IdForm, IdList, Place, ReadError, ReadOptions, Refusal, Refused, Sink, Taken};
use crate::input;
use crate::progress::notice;
use crate::report::visible;

/// The most ids of one file.
const MAX_IDS: u64 = 10_000_000;

/// The ids of all these files, in each form in which one of the vendors would be sent them.
///
/// # Errors
/// When a file cannot be read, or something in it is an id of none of the vendors: a hold that is not understood would
/// hold nothing.
pub(in crate::job) fn read(
    paths: &[PathBuf],
    column: &ColumnArgs,
    vendors: &[VendorName],
) -> Result<Vec<RecordId>, String> {
    let options = ReadOptions { id_column: column.id_column.as_deref(), max_ids: MAX_IDS };
    let mut holds = Vec::new();
    for path in paths {
        let name = visible(&path.to_string_lossy());
        let found = collect(vendors, |sink| input::read_file(path, &options, sink));
        let found = found.map_err(|error| format!("the holds in {name} cannot be read: {error}"))?;
        if found.is_empty() {
            notice(&format!("warning: {name} holds no id"));
        }
        holds.extend(found);
    }
    Ok(holds)
}

fn collect(
    vendors: &[VendorName],
    read: impl FnOnce(&mut HoldSink) -> Result<(), ReadError>,
) -> Result<Vec<RecordId>, String> {
    let mut sink = HoldSink::new(vendors);
    read(&mut sink).map_err(|error| error.to_string())?;
    match sink.refused {
        Some(refused) => Err(format!("{}; a hold that is not understood would hold nothing", refused.message)),
        None => Ok(sink.into_ids()),
    }
}

/// Takes what is an id in one form at least.
struct HoldSink {
    /// One for each form of ids.
    collectors: Vec<IdCollector>,
    /// The first entry that is an id in no form. One is enough to refuse the file.
    refused: Option<Refused>,
}

impl HoldSink {
    fn new(vendors: &[VendorName]) -> Self {
        let mut forms: Vec<IdForm> = Vec::new();
        let mut collectors = Vec::new();
        for vendor in vendors {
            if !forms.contains(&vendor.id_form()) {
                forms.push(vendor.id_form());
                collectors.push(IdCollector::new(vendor.vendor(), vendor.id_form()));
            }
        }
        Self { collectors, refused: None }
    }

    fn into_ids(self) -> Vec<RecordId> {
        let lists: Vec<IdList> = self.collectors.into_iter().map(IdCollector::finish).collect();
        lists.iter().flat_map(|list| (0..list.len()).map_while(|index| list.id(index).ok())).collect()
    }
}

impl Sink for HoldSink {
    fn is_id(&self, text: &str) -> bool {
        self.collectors.iter().any(|collector| collector.is_id(text))
    }

    fn take(&mut self, place: Place, text: &str) -> Taken {
        let able = self.collectors.iter_mut().filter(|collector| collector.is_id(text));
        let taken: Vec<Taken> = able.map(|collector| collector.take(place, text)).collect();
        match taken.first() {
            Some(_) if taken.contains(&Taken::New) => Taken::New,
            Some(taken) => *taken,
            None => {
                self.refuse(place, text.as_bytes(), Refusal::NotAnId);
                Taken::Refused
            }
        }
    }

    fn refuse(&mut self, place: Place, bytes: &[u8], reason: Refusal) {
        if self.refused.is_none() {
            self.refused = Refused::of(place, bytes, reason, |text| self.explain(text));
        }
    }

    fn explain(&self, text: &str) -> String {
        self.collectors.last().map_or_else(String::new, |collector| collector.explain(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    const UUID: &str = "F47AC10B-58CC-4372-A567-0E02B2C3D479";

    fn holds(text: &str, vendors: &[VendorName]) -> Result<Vec<String>, String> {
        let options = ReadOptions { id_column: None, max_ids: MAX_IDS };
        let ids = collect(vendors, |sink| ids::read(text.as_bytes(), &options, sink))?;
        Ok(ids.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_id_is_held_in_each_form_in_which_it_could_be_sent() {
        let both = [VendorName::Corti, VendorName::Fini, VendorName::Tavus];
        let text = format!("{UUID}\nc1\n");
        assert_eq!(holds(&text, &both).unwrap(), [&UUID.to_lowercase(), UUID, "c1"]);
        assert_eq!(holds(UUID, &both[..2]).unwrap(), [UUID.to_lowercase()]);
        assert_eq!(holds(&format!("name,id\nx,{UUID}\n"), &both[..1]).unwrap(), [UUID.to_lowercase()]);
        assert!(holds("", &both).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_id_is_an_error() {
        let error = holds(&format!("{UUID}\nc1\n"), &[VendorName::Corti]).unwrap_err();
        assert!(error.contains("\"c1\"") && error.contains("line 2"), "{error}");
        assert!(holds(&format!("c1\n{UUID}\na/b\n"), &[VendorName::Corti, VendorName::Tavus]).is_err());
    }
}
