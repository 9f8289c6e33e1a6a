//! Writes to stdout on a thread of its own, so that a slow reader never keeps an answer from being heard.

use std::io::{self, BufWriter, Write};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{Context, Format, Record, Tally, json, text};
use crate::progress::Progress;

/// How many items wait for the reader before the run waits for it too.
const CAPACITY: usize = 256;

/// Something to be written.
pub(crate) enum Item {
    Record(Record),
    /// A request that a dry run has not sent.
    Planned {
        method: &'static str,
        url: String,
        ids: Vec<String>,
    },
    Summary(Tally),
}

/// The writing thread.
pub(crate) struct Printer {
    thread: JoinHandle<io::Result<()>>,
}

impl Printer {
    /// Starts to write what is sent to the returned sender. When stdout is closed, the channel closes too.
    pub(crate) fn start(context: Context, progress: Progress) -> (Sender<Item>, Self) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let thread = thread::spawn(move || print(receiver, &context, &progress));
        (sender, Self { thread })
    }

    /// Waits until all is written; the sender must be dropped before.
    ///
    /// # Errors
    /// When stdout could not be written to.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writing thread failed")))
    }
}

fn print(mut items: Receiver<Item>, context: &Context, progress: &Progress) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    while let Some(item) = items.blocking_recv() {
        // Whoever reads along sees each line at once; when there are many, they are written together.
        progress.suspend(|| {
            write(&mut out, context, item)?;
            for _ in 0..CAPACITY {
                match items.try_recv() {
                    Ok(item) => write(&mut out, context, item)?,
                    Err(_) => break,
                }
            }
            out.flush()
        })?;
    }
    Ok(())
}

fn write(out: &mut impl Write, context: &Context, item: Item) -> io::Result<()> {
    match (item, context.format) {
        (Item::Record(record), Format::Json) => json::record(out, context, &record),
        (Item::Record(record), Format::Text) => text::record(out, context, &record),
        (Item::Planned { method, url, ids }, Format::Json) => json::planned(out, context, method, &url, &ids),
        (Item::Planned { method, url, ids }, Format::Text) => text::planned(out, method, &url, &ids),
        (Item::Summary(tally), Format::Json) => json::summary(out, &tally),
        (Item::Summary(tally), Format::Text) => text::summary(out, context, &tally),
    }
}
