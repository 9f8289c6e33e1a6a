//! The command `delete` with many ids: a job that is planned and run at once, and reports each id like any `delete`.

mod own_files;
mod tell;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use conversation_delete_job::{Follower, Job, JobError, RunOptions, Status, StopHandle};
use delete_core::{RateLimiter, VerifyPolicy, timestamp};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::ending::{Conclusion, Ended, proof_of};
use super::lanes::{self, Manner, Party, check_place};
use super::plan::{Choices, Draft, check_out, source};
use super::run::{Steering, TELL_EVERY};
use super::watch::Watch;
use super::{PROGRAM, Trouble, open, quoted, read, read_after_run, told};
use crate::delete::Prepared;
use crate::exit::Exit;
use crate::look;
use crate::progress::notice;
use crate::report::{Item, Output, Printer, Summary, count};
use crate::signals;
use crate::vendors;
use own_files::OwnFiles;
use tell::Teller;

/// How long a vendor may give no valid response. A job of its own waits as long as it takes; whoever deletes by hand wants
/// to know.
const PATIENCE: Duration = Duration::from_secs(120);

const TELL_SETTLED_EVERY: Duration = Duration::from_millis(200);

/// Deletes what was prepared.
pub(crate) fn execute(prepared: &Prepared<'_>, is_verbose: bool) -> Exit {
    match begin(prepared, is_verbose) {
        Ok(begun) => told(begun.carry_out()),
        // The storage fails, which is nothing that the ids or the vendor have to do with.
        Err(trouble) if trouble.job.is_some() => prepared.refuse_each(trouble.exit, &trouble.to_string()),
        Err(trouble) => prepared.refuse(trouble.exit, &trouble.to_string()),
    }
}

/// Whatever fails here, nothing was deleted, and no file stays.
fn begin<'a>(prepared: &'a Prepared<'a>, is_verbose: bool) -> Result<Begun<'a>, Trouble> {
    let path = prepared.args.job.clone().unwrap_or_else(|| free_path(prepared.target.vendor().as_str()));
    let path = std::path::absolute(&path).unwrap_or(path);
    let unsent = |trouble: Trouble| Trouble { advice: UNSENT, ..trouble };
    check_out(&path).map_err(unsent)?;
    let mut signals = signals::listen();
    let limiter = vendors::rate_limiter(prepared.target.vendor_name(), prepared.args.rate);
    let may_read = prepared.runtime.block_on(check(prepared, limiter.as_ref(), &mut signals))?;
    let mut own = OwnFiles::new(&path);
    plan(prepared, &path, may_read).map_err(unsent)?;
    own.are_planned();
    let begun = prepare(prepared, own.clone(), limiter, signals, is_verbose);
    begun.map_err(|trouble| {
        own.remove();
        unsent(trouble)
    })
}

const UNSENT: &str = "; nothing was sent, and no file is left (--job says where it goes)";

/// Opens what was planned.
fn prepare<'a>(
    prepared: &'a Prepared<'a>,
    own: OwnFiles,
    limiter: Option<RateLimiter>,
    signals: UnboundedReceiver<()>,
    is_verbose: bool,
) -> Result<Begun<'a>, Trouble> {
    let path = own.path.clone();
    let looks = prepared.args.wait.map_or(VerifyPolicy::default(), look::looks_for);
    let manner = Manner {
        travel: prepared.args.travel,
        concurrency: usize::from(prepared.args.pace.concurrency),
        rate: prepared.args.rate,
        limiter,
        looks: prepared.args.verify.is_some().then_some(looks),
        accepts_credential: false,
    };
    let parties = lanes::parties(&read(&path)?, |_| true, &manner, prepared.runtime)?;
    let watch = Watch::new(&parties, prepared.ids.unheld_len() as u64, !is_verbose);
    let follower = Follower::open(&path)?;
    let job = open(&path)?;
    Ok(Begun { delete: Delete { prepared, path, parties, looks, watch }, job, follower, signals, own })
}

/// Makes sure that the credential works and is of the right place. Proof needs one that may read; to delete ids that
/// somebody named, one that may delete is enough. Gives whether it may read.
async fn check(
    prepared: &Prepared<'_>,
    limiter: Option<&RateLimiter>,
    signals: &mut UnboundedReceiver<()>,
) -> Result<bool, Trouble> {
    let (args, vendor) = (prepared.args, prepared.target.vendor_name());
    let reader = vendors::connect_reader(vendor, args.travel, limiter).map_err(Trouble::usage)?;
    match check_place(vendor, &*reader, signals, "nothing was deleted").await {
        Err(trouble) if args.verify.is_none() && trouble.is_about_seeing => {
            notice(&format!("warning: not checked before: {trouble}"));
            Ok(false)
        }
        checked => checked.map(|_| true),
    }
}

/// A name that nothing has yet, in the current folder.
fn free_path(vendor: &str) -> PathBuf {
    let now: String = timestamp::format(SystemTime::now()).chars().take(19).filter(|c| !"-:".contains(*c)).collect();
    let names = (1..).map(|number| match number {
        1 => format!("{vendor}-{now}Z.job"),
        _ => format!("{vendor}-{now}Z-{number}.job"),
    });
    names.map(PathBuf::from).find(|path| path.symlink_metadata().is_err()).unwrap_or_default()
}

fn plan(prepared: &Prepared<'_>, path: &Path, may_read: bool) -> Result<(), Trouble> {
    let args = prepared.args;
    let choices = Choices { method: args.method, delete_only: !may_read };
    let target = choices.describe(prepared.target, prepared.runtime)?;
    let written = Draft::begin(path, args.max, vec![target]).and_then(|mut draft| {
        for number in (0..prepared.ids.len()).filter(|number| prepared.ids.is_held(*number)) {
            draft.hold(&prepared.ids.id(number).map_err(Trouble::usage)?)?;
        }
        draft.add_ids(&prepared.ids, &source(args.input.ids_from.as_deref()))?;
        draft.finish()
    });
    written.map(drop)
}

/// A job that can be run now.
struct Begun<'a> {
    delete: Delete<'a>,
    job: Job,
    follower: Follower,
    signals: UnboundedReceiver<()>,
    own: OwnFiles,
}

impl Begun<'_> {
    fn carry_out(self) -> Result<Exit, Trouble> {
        let Self { delete, job, follower, mut signals, own } = self;
        let Delete { prepared, path, .. } = &delete;
        notice(&format!(
            "{} are deleted as a job, whose file is {1}; where it does not come to its end: conversation-delete run {1}",
            count(prepared.ids.unheld_len() as u64, "id"),
            quoted(path)
        ));
        let carried_out = prepared.runtime.block_on(delete.carry_out(job, follower, &mut signals));
        let (ended, written) = match carried_out? {
            Ok(carried_out) => carried_out,
            Err(NotBegun(trouble)) => {
                own.remove();
                let trouble = Trouble { advice: UNSENT, ..trouble };
                return Ok(prepared.refuse_each(trouble.exit, &trouble.to_string()));
            }
        };
        delete.parties.iter().for_each(Party::tell_of_unseen);
        Ok(delete.conclusion().conclude(&read_after_run(path)?, &ended, &written))
    }
}

/// Why nothing was sent.
struct NotBegun(Trouble);

type Ending = (Vec<Ended>, io::Result<()>);

struct Delete<'a> {
    prepared: &'a Prepared<'a>,
    path: PathBuf,
    parties: Vec<Party>,
    looks: VerifyPolicy,
    watch: Watch,
}

impl Delete<'_> {
    fn conclusion(&self) -> Conclusion<'_> {
        let args = self.prepared.args;
        let (looks, wants_proof) = (args.verify.is_some(), args.verify.is_some());
        Conclusion { path: &self.path, format: args.output, looks, wants_proof, absent: args.absent, holds: None }
    }

    /// How it ended, and whether stdout took all of it.
    async fn carry_out(
        &self,
        job: Job,
        follower: Follower,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Result<Ending, NotBegun>, Trouble> {
        let (output, printer) = Printer::start(self.prepared.context());
        let mut teller = Teller::new(&self.prepared.ids, follower, &output, self.prepared.args.verify.is_some());
        let ended = self.run(job, &mut teller, &output, signals).await;
        self.watch.finish();
        let ended = match ended {
            Err(trouble) if trouble.job.as_ref().is_some_and(|error| !error.has_begun()) => {
                printer.end(output).await.unwrap_or_default();
                return Ok(Err(NotBegun(trouble)));
            }
            ended => ended,
        };
        let lost = ended.as_ref().err().and_then(|trouble| trouble.job.as_deref());
        if let Some(lost) = lost {
            teller.follow_lost(lost);
        }
        // Whatever happened, the outcome of each id is reported.
        let told = self.tell_rest(teller, &output, lost.and_then(JobError::status)).await;
        let written = printer.end(output).await;
        signals.close();
        let ended = ended?;
        told?;
        Ok(Ok((ended, written)))
    }

    async fn run(
        &self,
        job: Job,
        teller: &mut Teller<'_>,
        output: &Output,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ended>, Trouble> {
        let Some(clock) = self.parties.first().map(Party::clock) else { return Ok(Vec::new()) };
        let options = self.options();
        let mut steering = Steering::new(&self.watch, None, TELL_EVERY);
        let stop = steering.stop.clone();
        let lanes = self.parties.iter().map(Party::lane).collect();
        let is_over = Notify::new();
        let running = async {
            let endings = steering.steer(job.run(lanes, clock, &options, &stop, &self.watch), signals).await;
            is_over.notify_one();
            endings
        };
        let (endings, ()) = tokio::join!(running, self.follow(teller, output, &stop, &is_over));
        Ok(self.parties.iter().zip(endings?).map(|(party, ending)| Ended::of(party, ending, false)).collect())
    }

    fn options(&self) -> RunOptions {
        RunOptions {
            absent_ok: self.prepared.args.absent.is_ok(),
            max_outage: Some(PATIENCE),
            verify: self.prepared.args.verify.unwrap_or_default(),
            verify_policy: self.looks,
            program: PROGRAM.to_owned(),
            ..RunOptions::default()
        }
    }

    /// Tells while the job runs. What looks after the deletes say belongs to the lines, which come at the end then.
    async fn follow(&self, teller: &mut Teller<'_>, output: &Output, stop: &StopHandle, is_over: &Notify) {
        if self.prepared.args.verify.is_some() {
            return;
        }
        while timeout(TELL_SETTLED_EVERY, is_over.notified()).await.is_err() {
            // A file that cannot be read is found out at the end.
            let told = teller.tell_settled().await;
            if output.is_broken() {
                self.watch.say("stopping: nobody reads the results any more");
                stop.drain();
                return;
            }
            if told.is_err() {
                return;
            }
        }
    }

    /// `lost` is what a run knew that lost its file.
    async fn tell_rest(&self, teller: Teller<'_>, output: &Output, lost: Option<&Status>) -> Result<(), Trouble> {
        let tally = teller.tell_rest().await?;
        let proof = match lost {
            _ if self.prepared.args.verify.is_none() => None,
            Some(status) => Some(proof_of(status)),
            None => Some(proof_of(&read_after_run(&self.path)?)),
        };
        output.send(Item::Summary(Summary { tally, proof })).await;
        Ok(())
    }
}
