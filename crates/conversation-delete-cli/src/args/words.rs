//! The words of `plan`: vendors first, then ids.

use std::ffi::OsString;

use clap::ValueEnum;

use super::VendorName;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// At least one.
    pub(crate) vendors: Vec<VendorName>,
    pub(crate) ids: Vec<OsString>,
}

/// From the first word that does not name a vendor, all are ids.
pub(crate) fn read(words: &[OsString]) -> Result<Words, String> {
    let vendor = |word: &OsString| word.to_str().and_then(|word| VendorName::from_str(word, false).ok());
    let vendors: Vec<VendorName> = words.iter().map_while(vendor).collect();
    let ids = words[vendors.len()..].to_vec();
    if vendors.is_empty() {
        return Err("name a vendor first: corti, fini, elevenlabs or tavus".to_owned());
    }
    if let Some(again) = (1..vendors.len()).find(|number| vendors[..*number].contains(&vendors[*number])) {
        return Err(format!("{} is named twice", vendors[again].vendor()));
    }
    Ok(Words { vendors, ids })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Result<Words, String> {
        read(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn vendors_come_first_and_then_ids() {
        use VendorName::{Fini, Tavus};
        assert_eq!(words(&["tavus", "fini"]), Ok(Words { vendors: vec![Tavus, Fini], ids: vec![] }));
        let ids = vec!["c1".into(), "fini".into()];
        assert_eq!(words(&["tavus", "c1", "fini"]), Ok(Words { vendors: vec![Tavus], ids }));
        assert!(words(&["c1", "tavus"]).is_err() && words(&["tavus", "tavus"]).is_err());
    }
}
