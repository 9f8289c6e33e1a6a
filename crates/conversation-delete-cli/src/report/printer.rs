//! Writes to stdout on a thread of its own, so that a slow reader never keeps an answer from being heard.
//!
//! When stdout breaks, what was already done at the vendor must still be told: the thread goes on to take records, and
//! writes what stdout did not take to stderr.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use delete_core::Found;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{self, Permit, Receiver, Sender};

use super::{Context, Format, Outcome, ProofTally, Record, Sight, SightTally, Tally, json, text};
use crate::progress::Progress;

/// How many items wait for the reader before the run waits for it too.
const CAPACITY: usize = 256;

/// Something to be written.
pub(crate) enum Item {
    Record(Box<Record>),
    /// A request that a dry run has not sent.
    Planned {
        method: &'static str,
        url: String,
        ids: Vec<String>,
    },
    Summary(Summary),
    /// A record that a list held.
    Found(Found),
    Sight(Sight),
    SightSummary(SightTally),
}

/// The end of a report on deletions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) tally: Tally,
    /// `None` where nobody wanted proof.
    pub(crate) proof: Option<ProofTally>,
}

impl From<Tally> for Summary {
    fn from(tally: Tally) -> Self {
        Self { tally, proof: None }
    }
}

impl Item {
    /// Whether it tells of a request that was made, so that nobody could find it out again.
    fn is_precious(&self) -> bool {
        match self {
            Self::Record(record) => !matches!(record.outcome, Outcome::NotAttempted | Outcome::Refused),
            Self::Summary(_) => true,
            // What was only read can be read again.
            Self::Planned { .. } | Self::Found(_) | Self::Sight(_) | Self::SightSummary(_) => false,
        }
    }
}

/// Where items are sent to be written.
pub(crate) struct Output {
    sender: Sender<Item>,
    is_broken: Arc<AtomicBool>,
}

impl Output {
    pub(crate) fn new(sender: Sender<Item>) -> Self {
        Self { sender, is_broken: Arc::default() }
    }

    /// Whether nobody reads any more. What is sent all the same is still told, on stderr.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::SeqCst)
    }

    /// As if stdout broke.
    #[cfg(test)]
    pub(crate) fn break_it(&self) {
        self.is_broken.store(true, Ordering::SeqCst);
    }

    /// Waits until there is room for one item.
    pub(crate) async fn reserve(&self) -> Result<Permit<'_, Item>, SendError<()>> {
        self.sender.reserve().await
    }

    /// Sends `item`. Where the writing thread is gone, it has told why.
    pub(crate) async fn send(&self, item: Item) {
        if self.sender.send(item).await.is_err() {
            self.is_broken.store(true, Ordering::SeqCst);
        }
    }
}

/// The writing thread.
pub(crate) struct Printer {
    thread: JoinHandle<io::Result<()>>,
}

impl Printer {
    /// Starts to write what is sent to the returned output.
    pub(crate) fn start(context: Context, progress: Progress) -> (Output, Self) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let output = Output::new(sender);
        let is_broken = Arc::clone(&output.is_broken);
        let thread =
            thread::spawn(move || print(receiver, &context, &progress, &is_broken, &mut io::stdout(), io::stderr()));
        (output, Self { thread })
    }

    /// Ends `output` and waits until all is written, which a reader may hold up; other tasks go on meanwhile.
    ///
    /// # Errors
    /// When stdout could not be written to.
    pub(crate) async fn end(self, output: Output) -> io::Result<()> {
        drop(output);
        let finished = tokio::task::spawn_blocking(|| self.finish()).await;
        finished.unwrap_or_else(|_| Err(io::Error::other("the writing thread failed")))
    }

    /// Waits until all is written; the output must be dropped before.
    ///
    /// # Errors
    /// When stdout could not be written to.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writing thread failed")))
    }
}

fn print(
    mut items: Receiver<Item>,
    context: &Context,
    progress: &Progress,
    is_broken: &AtomicBool,
    out: &mut impl Write,
    mut rescue: impl Write,
) -> io::Result<()> {
    let mut chunk = Vec::with_capacity(CAPACITY);
    let mut rescue = Rescue { out: &mut rescue, is_announced: false };
    while items.blocking_recv_many(&mut chunk, CAPACITY) > 0 {
        // Whoever reads along sees each line at once; when there are many, they are written together.
        if let Err(error) = progress.suspend(|| write_all(out, context, &chunk)) {
            is_broken.store(true, Ordering::SeqCst);
            // Some of these may have got through: better told twice than never.
            rescue.salvage(context, progress, &chunk);
            while let Some(item) = items.blocking_recv() {
                rescue.salvage(context, progress, &[item]);
            }
            return Err(error);
        }
        chunk.clear();
    }
    Ok(())
}

fn write_all(out: &mut impl Write, context: &Context, items: &[Item]) -> io::Result<()> {
    let mut lines = Vec::new();
    items.iter().try_for_each(|item| write(&mut lines, context, item))?;
    out.write_all(&lines)?;
    out.flush()
}

/// Where that goes which stdout did not take.
struct Rescue<'a, W> {
    out: &'a mut W,
    is_announced: bool,
}

impl<W: Write> Rescue<'_, W> {
    /// Where stderr is broken too there is nobody left to tell.
    fn salvage(&mut self, context: &Context, progress: &Progress, items: &[Item]) {
        for item in items.iter().filter(|item| item.is_precious()) {
            if !std::mem::replace(&mut self.is_announced, true) {
                progress.note("stdout cannot be written to; results that it did not take follow here");
            }
            let _ = progress.suspend(|| write_all(self.out, context, std::slice::from_ref(item)));
        }
    }
}

fn write(out: &mut impl Write, context: &Context, item: &Item) -> io::Result<()> {
    match (item, context.format) {
        (Item::Record(record), Format::Json) => json::record(out, context, record),
        (Item::Record(record), Format::Text) => text::record(out, context, record),
        (Item::Planned { method, url, ids }, Format::Json) => json::planned(out, context, method, url, ids),
        (Item::Planned { method, url, ids }, Format::Text) => text::planned(out, method, url, ids),
        (Item::Summary(summary), Format::Json) => json::summary(out, summary),
        (Item::Summary(summary), Format::Text) => text::summary(out, context, summary),
        (Item::Found(found), Format::Json) => json::found(out, context, found),
        (Item::Found(found), Format::Text) => writeln!(out, "{}", found.id()),
        (Item::Sight(sight), Format::Json) => json::sight(out, context, sight),
        (Item::Sight(sight), Format::Text) => text::sight(out, sight),
        (Item::SightSummary(tally), Format::Json) => json::summary(out, tally),
        (Item::SightSummary(tally), Format::Text) => text::sight_summary(out, context, tally),
    }
}

#[cfg(test)]
mod tests {
    use delete_core::Vendor;

    use super::*;

    /// A disk that is full after so many writes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn record(id: &str, outcome: Outcome) -> Item {
        Item::Record(Box::new(Record { outcome, ..Record::not_attempted(id.to_owned()) }))
    }

    fn rescued(format: Format, writes: usize) -> (String, bool) {
        let context = Context { vendor: Vendor::new("tavus", "Tavus"), erasure: None, format };
        let (sender, receiver) = mpsc::channel(CAPACITY * 2);
        let is_broken = AtomicBool::new(false);
        for number in 0..CAPACITY {
            sender.try_send(record(&format!("c{number}"), Outcome::Deleted)).ok().unwrap();
        }
        for (id, outcome) in [("d1", Outcome::Failed), ("d2", Outcome::Refused), ("d3", Outcome::NotAttempted)] {
            sender.try_send(record(id, outcome)).ok().unwrap();
        }
        sender.try_send(Item::Summary(Summary::default())).ok().unwrap();
        drop(sender);
        let mut rescue = Vec::new();
        let printed = print(receiver, &context, &Progress::hidden(), &is_broken, &mut Full(writes), &mut rescue);
        assert_eq!(printed.is_err(), is_broken.into_inner());
        (String::from_utf8(rescue).unwrap(), printed.is_err())
    }

    #[test]
    fn what_stdout_does_not_take_goes_to_stderr() {
        let (rescue, is_broken) = rescued(Format::Json, 0);
        assert!(is_broken);
        assert_eq!(rescue.matches("\"outcome\":\"deleted\"").count(), CAPACITY);
        assert_eq!(rescue.matches("\"id\":\"d1\"").count(), 1);
        assert!(!rescue.contains("d2") && !rescue.contains("d3"), "nothing was done to them: {rescue}");
        assert!(rescue.lines().last().unwrap().starts_with("{\"type\":\"summary\""));
        let (rescue, _) = rescued(Format::Text, 1);
        assert!(!rescue.contains("c255") && rescue.starts_with("failed          d1"), "only what is missing: {rescue}");
        assert_eq!(rescued(Format::Json, 2), (String::new(), false));
    }
}
