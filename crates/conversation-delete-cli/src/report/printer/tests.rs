use std::sync::mpsc::{self as std_mpsc, Receiver as StdReceiver};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use delete_core::Vendor;

use conversation_delete_job::RecordOutcome as Outcome;

use super::*;
use crate::stream::Patience;

/// A disk that is full after so many bytes, and keeps them.
struct Full(Arc<Mutex<Vec<u8>>>, usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = bytes.len().min(self.1 - taken.len());
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        taken.extend_from_slice(&bytes[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader that takes nothing until the test lets it.
struct Stalled(StdReceiver<()>);

impl Write for Stalled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The end of the test ends the waiting too.
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn never() -> Option<Instant> {
    None
}

fn now() -> Option<Instant> {
    Some(Instant::now() - Duration::from_secs(60))
}

fn record(id: &str, outcome: Outcome) -> Vec<Item> {
    vec![Item::Record(Box::new(Record { outcome, ..Record::not_attempted(id.to_owned()) }))]
}

/// What went to stderr, where `out` is stdout, and the error.
fn rescued(format: Format, out: impl Write + Send + 'static, stopping: fn() -> Option<Instant>) -> (String, bool) {
    let vendor = Vendor::new("tavus", "Tavus");
    let context = Context::new(vendor, None, format);
    let (sender, receiver) = mpsc::channel(CAPACITY * 2);
    let is_broken = AtomicBool::new(false);
    for number in 0..CAPACITY {
        sender.try_send(record(&format!("c{number}."), Outcome::Deleted)).ok().unwrap();
    }
    for (id, outcome) in [("r1", Outcome::Failed), ("r2", Outcome::Refused), ("r3", Outcome::NotAttempted)] {
        sender.try_send(record(id, outcome)).ok().unwrap();
    }
    sender.try_send(vec![Item::Summary(Summary::default())]).ok().unwrap();
    drop(sender);
    let patience = Patience { grace: Duration::ZERO, stopping_since: stopping, longest: None };
    let stream = Stream::start("test", out, 1024, patience);
    let mut rescue = String::new();
    let printed = print(receiver, &context, &is_broken, &stream, |bytes, _| {
        rescue.push_str(std::str::from_utf8(&bytes).unwrap());
    });
    assert_eq!(printed.is_err(), is_broken.into_inner());
    (rescue, printed.is_err())
}

#[test]
fn what_stdout_does_not_take_goes_to_stderr() {
    for format in [Format::Json, Format::Text] {
        for room in [0, 1, 500, 1_500, 5_000] {
            let taken = Arc::<Mutex<Vec<u8>>>::default();
            let (rescue, is_broken) = rescued(format, Full(Arc::clone(&taken), room), never);
            assert!(is_broken, "{room}");
            let taken = String::from_utf8(taken.lock().unwrap().clone()).unwrap();
            let (whole, cut) = taken.rsplit_once('\n').unwrap_or(("", &taken));
            assert!(whole.is_empty() || !rescue.contains("c0."), "only what is missing: {rescue}");
            assert!(cut.len() < 500);
            for number in 0..CAPACITY {
                let id = format!("c{number}.");
                assert!(whole.contains(&id) != rescue.contains(&id), "{format:?} {room}: {id}");
            }
            assert_eq!(rescue.matches("r1").count(), 1);
            assert!(!rescue.contains("r2") && !rescue.contains("r3"), "nothing was done to them: {rescue}");
        }
        let taken = Arc::<Mutex<Vec<u8>>>::default();
        assert_eq!(rescued(format, Full(taken, 1 << 20), never), (String::new(), false));
    }
}

#[test]
fn a_reader_that_stands_still_is_given_up_once_the_process_shall_end() {
    let (_open, closed) = std_mpsc::channel();
    let (rescue, is_broken) = rescued(Format::Json, Stalled(closed), now);
    assert!(is_broken);
    assert_eq!(rescue.matches("\"outcome\":\"deleted\"").count(), CAPACITY);
    assert!(rescue.lines().last().unwrap().starts_with("{\"type\":\"summary\""));
}

#[test]
fn a_reader_that_is_slow_is_waited_for() {
    let (open, closed) = std_mpsc::channel();
    // It takes each write as soon as it may.
    drop(open);
    assert_eq!(rescued(Format::Json, Stalled(closed), never), (String::new(), false));
}
