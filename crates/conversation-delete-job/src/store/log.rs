//! Whether the log is missing that holds a job's latest outcomes.
//!
//! A run leaves its file in rollback mode. If the header says WAL and no log lies beside the file, the file was mounted or
//! copied without its log while it was run, or after its run was killed. This must be found out before SQLite opens the file:
//! SQLite takes a missing log for an empty one, and makes one.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use delete_core::timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::Store;
use crate::error::{JobError, JobErrorKind};
use crate::lock;
use crate::open_file::{HEADER, OpenFile};

/// A process that leaves WAL mode removes the log a moment before it changes the header.
const MOMENT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);

/// How [`Store::mark_missing_outcomes`] ends the run that it adds.
const MARK: &str = "outcomes_missing";

const ADD_MARK: &str = "INSERT INTO run (program, process, started_at, ended_at, ending) VALUES ('', 0, ?1, ?1, ?2)";

const HAS_MARK: &str = "SELECT EXISTS (SELECT 1 FROM run WHERE ending = ?)";

const DOUBT_ALL: &str = "UPDATE record SET intent_at = ?1 WHERE outcome IS NULL AND intent_at IS NULL";

const HAS_ENDED: &str =
    "SELECT EXISTS (SELECT 1 FROM run WHERE run = (SELECT MAX(run) FROM run) AND ended_at IS NOT NULL)";

const GOES_ON: &str = "SELECT EXISTS (SELECT 1 FROM run WHERE run = (SELECT MAX(run) FROM run) AND ended_at IS NULL)";

const BEGIN: &str = "UPDATE run SET ended_at = NULL, ending = NULL WHERE run = ?";

const END_KILLED: &str =
    "UPDATE run SET ended_at = ?, ending = 'killed' WHERE run = (SELECT MAX(run) FROM run) AND ended_at IS NULL";

#[cfg(test)]
pub(crate) const ALL: [&str; 7] = [ADD_MARK, HAS_MARK, DOUBT_ALL, HAS_ENDED, GOES_ON, BEGIN, END_KILLED];

/// Whether the log of a job file is missing, empty, or cut off before its first page.
pub(super) fn is_missing(path: &Path, file: &OpenFile) -> io::Result<bool> {
    let end = Instant::now() + MOMENT;
    // A run that begins now, by this name of the file, has not written to its log yet.
    while seems_missing(path, &file.header()?)? && lock::file_holder(path).is_none() {
        if Instant::now() >= end {
            return Ok(true);
        }
        sleep(PAUSE);
    }
    Ok(false)
}

fn seems_missing(path: &Path, header: &[u8; HEADER]) -> io::Result<bool> {
    let is_database = header.starts_with(b"SQLite format 3\0");
    if !is_database || header[18..20] == [1, 1] {
        return Ok(false);
    }
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u32::from(size),
    };
    match File::open(beside(path)?) {
        Ok(log) => Ok(!is_log(&log, page_size)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Refuses to write where a file that is not the job's has the name of the log or of the rollback journal: SQLite would
/// write over it and remove it, or, if it is the log of another database, copy the contents of that one into this one.
pub(super) fn refuse_another(path: &Path, file: &OpenFile, lacks_log: bool) -> Result<(), JobError> {
    let find = if lacks_log { find_long_log(path) } else { find_another(path, file) };
    match find.map_err(|error| JobError::at(path, error))? {
        None => Ok(()),
        Some(other) => {
            let message = format!("{} is not a file of this job: move it away; nothing was sent", other.display());
            Err(JobError::new(JobErrorKind::UnsafeLocation, message))
        }
    }
}

/// A file of the log's name, if it is not the beginning of a log whose run was killed, which is shorter.
fn find_long_log(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(Some(beside(path)?).filter(|log| length(log) >= SHORTEST_LOG))
}

/// A file that has the name of the log or of the rollback journal, and is not this job's.
///
/// SQLite notes WAL mode in the file before it makes a log, and removes the log before it notes another mode. So the
/// log of a file that is in rollback mode, before and after the log is seen, is not its own.
pub(super) fn find_another(path: &Path, file: &OpenFile) -> io::Result<Option<PathBuf>> {
    let log = beside(path)?;
    if is_in_rollback_mode(file)? && length(&log) > 0 && is_in_rollback_mode(file)? {
        return Ok(Some(log));
    }
    let journal = with_end(path, "-journal")?;
    Ok(Some(journal).filter(|journal| !may_be_journal(journal)))
}

fn is_in_rollback_mode(file: &OpenFile) -> io::Result<bool> {
    match file.header() {
        Ok(header) => Ok(header[18..20] == [1, 1]),
        // SQLite reports that it is not a database.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// Whether a file is missing, empty, or begins as a rollback journal does. Until a journal is synced, it begins with zeros.
///
/// The file is opened once, because a run that ends meanwhile makes and removes its journal.
fn may_be_journal(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|journal| journal.take(JOURNAL_MAGIC.len() as u64).read_to_end(&mut start));
    match read {
        Ok(_) => start.is_empty() || start == JOURNAL_MAGIC || start == [0; JOURNAL_MAGIC.len()],
        Err(error) => error.kind() == io::ErrorKind::NotFound || length(path) == 0,
    }
}

/// The log of a file that is reached by a link lies beside the file itself.
pub(super) fn beside(path: &Path) -> io::Result<PathBuf> {
    with_end(path, "-wal")
}

/// The index of the log, which SQLite shares among processes.
pub(super) fn shared_memory(path: &Path) -> io::Result<PathBuf> {
    with_end(path, "-shm")
}

fn with_end(path: &Path, end: &str) -> io::Result<PathBuf> {
    let mut path = path.canonicalize()?.into_os_string();
    path.push(end);
    Ok(path.into())
}

const LOG_HEADER: usize = 32;
const FRAME_HEADER: u64 = 24;

/// A header, and the smallest page that a database can have.
const SHORTEST_LOG: u64 = LOG_HEADER as u64 + FRAME_HEADER + 512;

/// Whether SQLite would read a log of this page size. It takes one with a damaged header for an empty one.
fn is_log(mut log: &File, page_size: u32) -> io::Result<bool> {
    if log.metadata()?.len() < LOG_HEADER as u64 + FRAME_HEADER + u64::from(page_size) {
        return Ok(false);
    }
    let mut header = [0; LOG_HEADER];
    log.read_exact(&mut header)?;
    Ok(is_log_header(&header, page_size))
}

fn is_log_header(header: &[u8; LOG_HEADER], page_size: u32) -> bool {
    let words: Vec<[u8; 4]> = header.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]]).collect();
    let read = |index: usize| u32::from_be_bytes(words[index]);
    let magic = read(0);
    // The last bit of the magic number is the byte order of the checksum.
    let in_order = |word: &[u8; 4]| if magic & 1 == 1 { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
    let (mut first, mut second) = (0_u32, 0_u32);
    for pair in words[..6].chunks_exact(2) {
        first = first.wrapping_add(in_order(&pair[0])).wrapping_add(second);
        second = second.wrapping_add(in_order(&pair[1])).wrapping_add(first);
    }
    magic & !1 == 0x377f_0682 && read(2) == page_size && (first, second) == (read(6), read(7))
}

impl Store {
    /// Treats every record without an outcome as possibly sent, and notes in the file that outcomes were lost. Both are on
    /// the disk before anything else is written. The caller holds the run lock.
    pub(crate) fn mark_missing_outcomes(&mut self, now: &str) -> Result<(), JobError> {
        self.check_is_whole()?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(ADD_MARK, params![now, MARK])?;
        transaction.execute(DOUBT_ALL, [now])?;
        transaction.commit()?;
        self.lacks_log = false;
        self.leave_wal();
        Ok(())
    }

    /// A log that is lost after it was copied back in part leaves a damaged file.
    fn check_is_whole(&self) -> Result<(), JobError> {
        let found: String = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if found == "ok" {
            return Ok(());
        }
        let message = format!("the job file is damaged, as the log with its latest changes (-wal) is missing: {found}");
        Err(JobError::new(JobErrorKind::Changed, message))
    }
}

/// Whether the file itself says that the last run has ended, or had not begun: then its log holds nothing that is not in the
/// file.
///
/// A run is noted as ended until its log is known to work. Before its first request, [`note_begin`] writes into the file
/// that it goes on; and before a log is removed, its end is in the file.
pub(super) fn has_ended(connection: &Connection) -> Result<bool, JobError> {
    Ok(connection.query_row(HAS_ENDED, [], |row| row.get(0))?)
}

/// Notes in the file itself that a run has begun, whose log is needed from now on.
pub(super) fn note_begin(connection: &Connection, run: i64) -> Result<(), JobError> {
    connection.execute(BEGIN, [run])?;
    // FULL waits for readers, which keep the note out of the file. One that reads for longer than that is let be.
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(FULL);")?)
}

/// Notes that the last run was killed, so that its log can be removed. `lock` makes sure that it does not go on.
pub(super) fn note_end_of_killed<T>(
    connection: &Connection,
    lock: impl FnOnce() -> Result<T, JobError>,
) -> Result<(), JobError> {
    if !connection.query_row(GOES_ON, [], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let _lock = lock()?;
    connection.execute(END_KILLED, [timestamp::format(SystemTime::now())])?;
    Ok(())
}

/// Whether outcomes of this job were lost with a log, at any time.
pub(crate) fn has_lost_outcomes(connection: &Connection) -> Result<bool, JobError> {
    Ok(connection.query_row(HAS_MARK, [MARK], |row| row.get(0))?)
}

/// The address by which SQLite reads a file as it is, and makes nothing beside it.
pub(super) fn immutable(path: &Path) -> String {
    let mut address = String::from(if cfg!(windows) { "file:///" } else { "file:" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => address.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => address.push(char::from(*byte)),
            other => address.push_str(&format!("%{other:02X}")),
        }
    }
    address + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_journal_that_another_thread_makes_and_removes_is_never_taken_for_a_foreign_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.job-journal");
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    fs::write(&path, JOURNAL_MAGIC).unwrap();
                    fs::remove_file(&path).unwrap();
                }
            });
            let is_always = (0..20_000).all(|_| may_be_journal(&path));
            is_over.store(true, Ordering::Relaxed);
            assert!(is_always);
        });
        fs::write(&path, "notes of somebody else").unwrap();
        assert!(!may_be_journal(&path));
        fs::write(&path, "a").unwrap();
        assert!(!may_be_journal(&path));
    }
}
