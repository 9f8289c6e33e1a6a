//! A job with every outcome, and bundles of it.

use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use conversation_delete_job::{Planner, Target};
use delete_core::{ConversationId, ErasureMode, RecordId};
use rusqlite::Connection;

use crate::export::{ExportOptions, export};
use crate::note::SignerKey;
use crate::pseudonym::PseudonymKey;
use crate::salt::SaltKey;
use crate::zip::{Archive, ZipWriter};

pub(crate) const SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

/// What no bundle may hold: what a vendor said, and the text of what is not an id.
pub(crate) const SECRETS: [&str; 3] = ["the vendor's own words", "jane.doe@example.com", "why nothing is known"];

pub(crate) struct Sample {
    folder: tempfile::TempDir,
}

impl Sample {
    /// Eleven records at two vendors.
    pub(crate) fn new() -> Self {
        let sample = Self { folder: tempfile::tempdir().unwrap() };
        let mut planner = Planner::create(&sample.path(), "conversation-delete 0.1.0").unwrap();
        let tavus = planner.target(&target("tavus", Some(ErasureMode::Hard))).unwrap();
        let corti = planner.target(&target("corti", None)).unwrap();
        planner.hold(&id("c6")).unwrap();
        (0..9).for_each(|number| assert!(planner.add(tavus, &id(&format!("c{number}"))).unwrap()));
        (0..2).for_each(|number| assert!(planner.add(corti, &id(&format!("c{number}"))).unwrap()));
        for (text, reason) in [(SECRETS[1], "there is white space around the id"), ("x y", "`x y` is not an id")] {
            planner.refuse("tavus", "ids.txt", Some(3), text, reason).unwrap();
        }
        planner.finish().unwrap();
        sample.connect().execute_batch(include_str!("sample.sql")).unwrap();
        sample
    }

    /// A job of so many records, all deleted.
    pub(crate) fn of_size(size: u32) -> Self {
        let sample = Self { folder: tempfile::tempdir().unwrap() };
        let mut planner = Planner::create(&sample.path(), "conversation-delete 0.1.0").unwrap();
        let target = planner.target(&target("tavus", Some(ErasureMode::Hard))).unwrap();
        (0..size).for_each(|number| assert!(planner.add(target, &id(&format!("c{number}"))).unwrap()));
        planner.finish().unwrap();
        let settle =
            "UPDATE record SET outcome = 'deleted', attempts = 1, status = 204, settled_at = '2026-11-28T12:00:00Z'";
        sample.connect().execute_batch(settle).unwrap();
        sample
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("sample.job")
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    pub(crate) fn bundle(&self, options: &ExportOptions) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        export(self.path(), options, &mut out).unwrap();
        out.into_inner()
    }
}

fn id(id: &str) -> RecordId {
    ConversationId::new(id).unwrap().into()
}

fn target(vendor: &str, mode: Option<ErasureMode>) -> Target {
    Target {
        vendor: vendor.to_owned(),
        origin: format!("https://{vendor}.example"),
        base_url: Some(format!("https://{vendor}.example/v2")),
        auth_url: None,
        place: Some("workspace 7".to_owned()),
        credential: "sha256:0123".to_owned(),
        mode,
        options: String::new(),
    }
}

pub(crate) fn options() -> ExportOptions {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    ExportOptions { salts: Some(SaltKey::fixed()), ..ExportOptions::new("conversation-delete", "0.1.0", time) }
}

pub(crate) fn signer() -> SignerKey {
    SignerKey::parse(SIGNER).unwrap()
}

pub(crate) fn signed() -> ExportOptions {
    ExportOptions { signer: Some(signer()), ..options() }
}

pub(crate) fn pseudonyms() -> PseudonymKey {
    PseudonymKey::parse("PSEUDONYM+KEY+AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()
}

/// The files of a bundle, in their order in it.
pub(crate) fn files(bundle: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = Archive::open(Cursor::new(bundle)).unwrap();
    let entries = archive.entries.clone();
    let contents = entries.into_iter().map(|entry| {
        let mut contents = Vec::new();
        archive.reader(&entry).unwrap().read_to_end(&mut contents).unwrap();
        (entry.name, contents)
    });
    contents.collect()
}

pub(crate) fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        zip.add_bytes(name.clone().leak(), contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
