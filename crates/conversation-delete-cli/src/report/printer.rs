//! Writes what is to be reported to stdout, on a thread of its own, so that a slow reader never holds up the run.
//!
//! If stdout breaks, or is not read although the process shall end, what was already done at the vendor must still be
//! reported: the thread goes on to take items, and writes what stdout did not take to stderr.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use conversation_delete_job::RecordOutcome;
use delete_core::RecordMeta;
use delete_core::http::Method;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::oneshot;

use super::context::{Context, Format};
use super::end::EndRecord;
use super::lookup::{LookupRecord, LookupTally};
use super::record::Record;
use super::summary::Summary;
use super::{json, text};
use crate::log_line::{self, Level};
use crate::notice::notice_as;
use crate::stream::{self, Piece, Stream};

/// How many groups of items wait for the reader before the run waits for it too.
const CAPACITY: usize = 256;

/// Room for a usual line, which then does not move as it grows.
const LINE: usize = 512;

/// Something to be written.
pub(crate) enum Item {
    Record(Box<Record>),
    /// A request that a dry run has not sent.
    Planned {
        method: Method,
        url: String,
        ids: Vec<String>,
    },
    Summary(Summary),
    /// A record that a list held.
    Found(RecordMeta),
    Lookup(Box<LookupRecord>),
    LookupSummary(LookupTally),
    /// A call that was to be ended.
    End(Box<EndRecord>),
}

impl Item {
    /// Whether it reports a request that was made, so that nobody could find it out again.
    fn is_precious(&self) -> bool {
        match self {
            Self::Record(record) => {
                !matches!(record.outcome, RecordOutcome::NotAttempted | RecordOutcome::Refused | RecordOutcome::Held)
            }
            Self::End(end) => end.is_sent(),
            Self::Summary(_) => true,
            // What was only read can be read again.
            Self::Planned { .. } | Self::Found(_) | Self::Lookup(_) | Self::LookupSummary(_) => false,
        }
    }
}

/// Where items are sent to be written.
pub(crate) struct Output {
    sender: Sender<Vec<Item>>,
    is_broken: Arc<AtomicBool>,
}

impl Output {
    pub(crate) fn new(sender: Sender<Vec<Item>>) -> Self {
        Self { sender, is_broken: Arc::default() }
    }

    /// Whether nobody reads any more. What is sent all the same is still reported, on stderr.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::SeqCst)
    }

    /// Sends `item`. Where the writing thread is gone, it has told why.
    pub(crate) async fn send(&self, item: Item) {
        self.send_all(vec![item]).await;
    }

    /// Sends a group of items, for which the writing thread is woken once.
    pub(crate) async fn send_all(&self, items: Vec<Item>) {
        if self.sender.send(items).await.is_err() {
            self.is_broken.store(true, Ordering::SeqCst);
        }
    }
}

/// The thread that turns items into lines.
pub(crate) struct Printer {
    printed: oneshot::Receiver<io::Result<()>>,
}

impl Printer {
    /// Starts to write what is sent to the returned output.
    pub(crate) fn start(context: Context) -> (Output, Self) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let output = Output::new(sender);
        let is_broken = Arc::clone(&output.is_broken);
        let (report, printed) = oneshot::channel();
        let print = move || {
            let done = print(receiver, &context, &is_broken, stream::stdout(), rescue_to_stderr);
            // Nobody waits for it if the command was dropped.
            let _ = report.send(done);
        };
        // If no thread can be made, the receivers are dropped, and the output is broken.
        let _ = thread::Builder::new().name("printer".to_owned()).spawn(print);
        (output, Self { printed })
    }

    /// Ends `output` and waits until all is written, which a reader may hold up; other tasks go on meanwhile.
    ///
    /// # Errors
    /// When stdout could not be written to, or was not read although the process shall end.
    pub(crate) async fn end(self, output: Output) -> io::Result<()> {
        drop(output);
        self.printed.await.unwrap_or_else(|_| Err(failed()))
    }

    /// Waits until all is written; the output must be dropped before, and this must not be called in a task.
    ///
    /// # Errors
    /// When stdout could not be written to, or was not read although the process shall end.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.printed.blocking_recv().unwrap_or_else(|_| Err(failed()))
    }
}

fn failed() -> io::Error {
    io::Error::other("the writing thread failed")
}

fn rescue_to_stderr(bytes: Vec<u8>, is_first: bool) {
    if is_first {
        notice_as(Level::Error, "stdout cannot be written to; results that it did not take follow here");
    }
    stream::rescue(log_line::quoting(bytes));
}

/// Prints items until there are no more. Those that stdout does not take go to `rescue`, if nobody could find out
/// otherwise what they report.
fn print(
    mut items: Receiver<Vec<Item>>,
    context: &Context,
    is_broken: &AtomicBool,
    out: &Stream,
    mut rescue: impl FnMut(Vec<u8>, bool),
) -> io::Result<()> {
    let mut failure = None;
    let mut is_first = true;
    let mut save = |pieces: Vec<Piece>| {
        for piece in pieces.into_iter().filter(|piece| piece.is_precious) {
            rescue(piece.bytes, std::mem::take(&mut is_first));
        }
    };
    let mut chunk = Vec::with_capacity(CAPACITY);
    while items.blocking_recv_many(&mut chunk, CAPACITY) > 0 {
        for group in chunk.drain(..) {
            let pieces = group.iter().map(|item| render(context, item)).collect();
            if failure.is_some() {
                save(pieces);
            } else if let Err((error, pieces)) = out.push(pieces) {
                is_broken.store(true, Ordering::SeqCst);
                failure = Some(error);
                // The first of these may have got through in part: better reported twice than never.
                save(out.take_back());
                save(pieces);
            }
        }
        stream::redraw_status();
    }
    match failure.map_or_else(|| out.finish(), Err) {
        Ok(()) => Ok(()),
        Err(error) => {
            is_broken.store(true, Ordering::SeqCst);
            save(out.take_back());
            Err(error)
        }
    }
}

fn render(context: &Context, item: &Item) -> Piece {
    let mut bytes = Vec::with_capacity(LINE);
    bytes.extend_from_slice(stream::clear_status_line());
    // Writing to memory cannot fail.
    let _ = write(&mut bytes, context, item);
    Piece { bytes, is_precious: item.is_precious() }
}

fn write(out: &mut impl Write, context: &Context, item: &Item) -> io::Result<()> {
    match (item, context.format) {
        (Item::Record(record), Format::Json) => json::record(out, context.vendor.as_str(), context.mode(), record),
        (Item::Record(record), Format::Text) if context.only_problems && !record.is_problem() => Ok(()),
        (Item::Record(record), Format::Text) => text::record(out, context, record),
        (Item::Planned { method, url, ids }, Format::Json) => json::planned(out, context, method.as_str(), url, ids),
        (Item::Planned { method, url, ids }, Format::Text) => text::planned(out, method.as_str(), url, ids),
        (Item::Summary(summary), Format::Json) => json::summary(out, summary),
        (Item::Summary(summary), Format::Text) => text::summary(out, context, summary),
        (Item::Found(found), Format::Json) => json::found(out, context, found),
        (Item::Found(found), Format::Text) => writeln!(out, "{}", found.id()),
        (Item::Lookup(record), Format::Json) => json::lookup(out, context, record),
        (Item::Lookup(record), Format::Text) if context.only_problems && !record.is_problem() => Ok(()),
        (Item::Lookup(record), Format::Text) => text::lookup(out, record),
        (Item::End(end), Format::Json) => end.write_json(out, context.vendor.as_str()),
        (Item::End(end), Format::Text) => end.write_text(out),
        (Item::LookupSummary(tally), Format::Json) => json::lookup_summary(out, tally),
        (Item::LookupSummary(tally), Format::Text) => text::lookup_summary(out, context, tally),
    }
}

#[cfg(test)]
mod tests;
