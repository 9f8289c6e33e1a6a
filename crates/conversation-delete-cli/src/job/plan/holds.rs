//! Ids that must not be deleted.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use delete_core::RecordId;

use crate::cli::VendorName;
use crate::ids::{self, Complaint, IdCollector, IdList};
use crate::input;
use crate::progress::notice;
use crate::report::visible;

/// The ids of all these files, in each form in which one of the vendors would be sent them.
///
/// # Errors
/// When a file cannot be read, or something in it is an id of none of the vendors: a hold that is not understood would
/// hold nothing.
pub(in crate::job) fn read(paths: &[PathBuf], vendors: &[VendorName]) -> Result<Vec<RecordId>, String> {
    let mut holds = Vec::new();
    for path in paths {
        let name = visible(&path.to_string_lossy());
        let bytes = read_all(path).map_err(|error| format!("the holds in {name} cannot be read: {error}"))?;
        let found = parse(&bytes, vendors).map_err(|error| format!("the holds in {name}: {error}"))?;
        if found.is_empty() {
            notice(&format!("warning: {name} holds no id"));
        }
        holds.extend(found);
    }
    Ok(holds)
}

fn read_all(path: &Path) -> io::Result<Vec<u8>> {
    if !input::is_stdin(Some(path)) {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(bytes: &[u8], vendors: &[VendorName]) -> Result<Vec<RecordId>, String> {
    let mut lists: Vec<IdList> = Vec::new();
    for (number, vendor) in vendors.iter().enumerate() {
        if vendors[..number].iter().any(|before| before.id_form() == vendor.id_form()) {
            continue;
        }
        let mut collector = IdCollector::new(vendor.vendor(), vendor.id_form());
        ids::read(bytes, &mut collector).map_err(|error| error.to_string())?;
        lists.push(collector.finish());
    }
    if let Some(complaint) = refused_by_all(&lists) {
        let id = if complaint.id.is_empty() { String::new() } else { format!(" `{}`", visible(&complaint.id)) };
        let crate::ids::Refused { message, .. } = complaint.into();
        return Err(format!("no id{id}, {message}"));
    }
    let ids = lists.iter().flat_map(|list| (0..list.len()).map_while(|index| list.id(index).ok()));
    Ok(ids.collect())
}

/// The first entry that is an id in no form.
fn refused_by_all(lists: &[IdList]) -> Option<Complaint> {
    // The form that takes most decides fastest.
    let best = lists.iter().min_by_key(|list| list.refused_len())?;
    let refuses = |list: &IdList, complaint: &Complaint| {
        (0..list.refused_len()).filter_map(|index| list.complaint(index)).any(|other| other.place == complaint.place)
    };
    (0..best.refused_len())
        .filter_map(|index| best.complaint(index))
        .find(|complaint| lists.iter().all(|list| refuses(list, complaint)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "F47AC10B-58CC-4372-A567-0E02B2C3D479";

    fn holds(text: &str, vendors: &[VendorName]) -> Result<Vec<String>, String> {
        parse(text.as_bytes(), vendors).map(|ids| ids.iter().map(ToString::to_string).collect())
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
        assert!(error.contains("`c1`") && error.contains("line 2"), "{error}");
        assert!(holds(&format!("c1\n{UUID}\na/b\n"), &[VendorName::Corti, VendorName::Tavus]).is_err());
    }
}
