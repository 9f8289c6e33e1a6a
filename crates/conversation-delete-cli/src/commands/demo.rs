//! The command `demo`: the real clients against the fake vendors over real sockets, with lost responses and throttles.
//!
//! It reads no variable, so settings for real vendors have no effect on it.

mod evidence;
mod problem;
mod table;

use std::io::{self, LineWriter, Write};

use conversation_delete_fake::{Fake, Fakes, Fault, RetryAfter, Route};
use delete_core::{ApiKey, ClientCredentials, Deleter, ErasureMode, RecordId};

use crate::args::DemoArgs;
use crate::error::exit_of;
use crate::exit::Exit;
use crate::notice::notice;
use crate::report::{Context, Format, Record, write_text_record};
use crate::stream::Stdout;
use problem::Problem;
use table::Row;

/// Runs the demo and prints its report.
pub(crate) async fn execute(args: &DemoArgs) -> Exit {
    if let Some(Err(error)) = args.evidence.as_deref().map(evidence::prepare_folder) {
        return exit_of(Err(error));
    }
    let mut out = Watched { inner: LineWriter::new(Stdout), is_broken: false };
    match show(args, &mut out).await {
        Ok(true) => Exit::Success,
        Ok(false) => {
            notice("error: what was reported and what the fakes hold disagree");
            Exit::Fault
        }
        Err(problem) if out.is_broken => {
            notice(&format!("error: stdout cannot be written to: {problem}"));
            Exit::Stopped
        }
        Err(problem) => {
            notice(&format!("error: {problem}"));
            Exit::Fault
        }
    }
}

/// A writer that knows whether it failed: then whoever went away ended the demo, and nothing is wrong with it.
struct Watched<W> {
    inner: W,
    is_broken: bool,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes).inspect_err(|error| self.is_broken |= error.kind() != io::ErrorKind::Interrupted)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush().inspect_err(|_| self.is_broken = true)
    }
}

/// Returns whether the reports agree with what the fakes hold.
async fn show(args: &DemoArgs, out: &mut impl Write) -> Result<bool, Problem> {
    let fakes = Fakes::start().await?;
    writeln!(out, "Four fake vendors run in this process. The clients are the real ones, on real sockets.")?;
    let rows = [
        corti(&fakes.corti, out).await?,
        fini(&fakes.fini, out).await?,
        elevenlabs(&fakes.elevenlabs, out).await?,
        tavus(&fakes.tavus, ErasureMode::Hard, out).await?,
        tavus(&fakes.tavus, ErasureMode::Soft, out).await?,
    ];
    table::write(out, &rows)?;
    if let Some(folder) = &args.evidence {
        evidence::write(folder, out).await?;
    }
    out.flush()?;
    Ok(rows.iter().all(Row::agrees))
}

async fn corti<'a>(fake: &'a Fake, out: &mut impl Write) -> Result<Row<'a>, Problem> {
    let credentials = ClientCredentials::new(setting(fake, "CORTI_CLIENT_ID")?, setting(fake, "CORTI_CLIENT_SECRET")?);
    let environment = corti_delete::Environment::Custom {
        api_url: setting(fake, "CORTI_BASE_URL")?,
        auth_url: setting(fake, "CORTI_AUTH_URL")?,
    };
    let tenant = setting(fake, "CORTI_TENANT_NAME")?;
    let client = corti_delete::Client::builder(environment, tenant, credentials).build()?;
    let (ids, kept) = seed(fake, 3);
    fake.fault(Fault::close().after_effect().on(Route::Delete).for_id(ids[1].as_str()).once());
    writeln!(out, "\nCorti: three interactions. The second is deleted, but its response is lost.")?;
    let mut row = Row::new("Corti", fake, kept);
    delete(&mut row, &client, None, &ids, out).await?;
    Ok(row)
}

async fn fini<'a>(fake: &'a Fake, out: &mut impl Write) -> Result<Row<'a>, Problem> {
    let key = ApiKey::new(setting(fake, "FINI_API_KEY")?)?;
    let client = fini_delete::Client::builder(key).base_url(fake.base_url()).build()?;
    let (ids, kept) = seed(fake, 5);
    let absent = "00000000-0000-4000-8000-00000000dead".to_owned();
    let mut row = Row::new("Fini", fake, kept);
    writeln!(out, "\nFini: a batch of three conversations that all exist.")?;
    delete(&mut row, &client, None, &ids[..3], out).await?;
    writeln!(out, "Fini: a batch of three, one of which does not exist. The fake responds with 406.")?;
    delete(&mut row, &client, None, &[&ids[3..], &[absent]].concat(), out).await?;
    Ok(row)
}

async fn elevenlabs<'a>(fake: &'a Fake, out: &mut impl Write) -> Result<Row<'a>, Problem> {
    let key = ApiKey::new(setting(fake, "ELEVENLABS_API_KEY")?)?;
    let client = elevenlabs_delete::Client::builder(key).base_url(fake.base_url()).build()?;
    let (ids, kept) = seed(fake, 2);
    fake.fault(Fault::throttle(Some(RetryAfter::Seconds(1))).on(Route::Delete).once());
    writeln!(out, "\nElevenLabs: two conversations. The fake first throttles for a second (429, Retry-After: 1).")?;
    let mut row = Row::new("ElevenLabs", fake, kept);
    delete(&mut row, &client, None, &ids, out).await?;
    writeln!(out, "ElevenLabs: a conversation that does not exist.")?;
    delete(&mut row, &client, None, &["conv_that_never_was".to_owned()], out).await?;
    Ok(row)
}

async fn tavus<'a>(fake: &'a Fake, erasure: ErasureMode, out: &mut impl Write) -> Result<Row<'a>, Problem> {
    let key = ApiKey::new(setting(fake, "TAVUS_API_KEY")?)?;
    let client = tavus_delete::Client::builder(key).base_url(fake.base_url()).build()?.with_erasure_mode(erasure);
    let (ids, kept) = seed(fake, 2);
    writeln!(out, "\nTavus: two conversations, {erasure} delete.")?;
    let name = if erasure == ErasureMode::Hard { "Tavus (hard)" } else { "Tavus (soft)" };
    let mut row = Row::new(name, fake, kept);
    delete(&mut row, &client, Some(erasure), &ids, out).await?;
    Ok(row)
}

/// Records to delete, and one that nobody asks to delete.
fn seed(fake: &Fake, count: usize) -> (Vec<String>, Vec<String>) {
    (fake.seed(count), fake.seed(1))
}

/// Returns a setting that a client needs to reach the fake.
fn setting(fake: &Fake, name: &str) -> Result<String, Problem> {
    let value = fake.env().into_iter().find_map(|(own, value)| (own == name).then_some(value));
    value.ok_or_else(|| Problem(format!("the fake does not say {name}")))
}

/// Deletes in batches, shows each result, and notes it beside the fake's own state.
async fn delete(
    row: &mut Row<'_>,
    deleter: &impl Deleter,
    erasure: Option<ErasureMode>,
    ids: &[String],
    out: &mut impl Write,
) -> Result<(), Problem> {
    let context = Context::new(deleter.vendor(), erasure, Format::Text);
    let ids = ids.iter().map(|id| deleter.parse_id(id)).collect::<Result<Vec<RecordId>, _>>()?;
    for batch in ids.chunks(deleter.max_batch().max(1)) {
        let results = deleter.delete_batch(batch).await;
        for (id, result) in batch.iter().zip(&results) {
            let record = Record::of(id, result);
            write!(out, "  ")?;
            write_text_record(out, &context, &record)?;
            row.note(record.outcome, erasure, id);
        }
    }
    Ok(())
}
