//! A plan in several job files: nothing is lost or doubled between them, and together they are read as one job.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversation_delete_job::{
    Ending, History, HoldPlace, Job, JobError, JobErrorKind, LateHolds, Plan, Planner, RecordReport, RunOptions,
    ShardFolder, ShardPlan, Status, StopHandle, check_plan, export, export_refused,
};
use delete_core::{ConversationId, RecordId};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::stage::{Act, Silent, Stage, target};

const SHARDS: u16 = 8;

/// A folder of shards beside the job that was not split.
struct Folder {
    stage: Stage,
    dir: TempDir,
    ids: Vec<String>,
    plan: Plan,
}

fn id(text: &str) -> RecordId {
    ConversationId::new(text).unwrap().into()
}

fn write_plan(path: &Path, ids: &[String]) -> Plan {
    let mut planner = Planner::create(path, "test").unwrap();
    let number = planner.target(&target()).unwrap();
    planner.hold(&id("c000003")).unwrap();
    planner.hold(&id("nowhere")).unwrap();
    planner.refuse("tavus", "ids.txt", Some(1), "no id", "it is not an id").unwrap();
    for text in ids {
        planner.add(number, &id(text)).unwrap();
    }
    planner.merged(number, 2).unwrap();
    planner.finish().unwrap()
}

impl Folder {
    fn new(count: usize) -> Self {
        let stage = Stage::new(|_, _| Act::Right);
        let ids: Vec<String> = (0..count).map(|number| format!("c{number:06}")).collect();
        stage.state.lock().unwrap().present.extend(ids.iter().cloned());
        let dir = tempfile::tempdir().unwrap();
        let begun = ShardPlan::create(&dir.path().join("jobs")).unwrap();
        let plan = write_plan(&begun.plan_path(), &ids);
        begun.split(SHARDS).unwrap();
        begun.finish().unwrap();
        Self { stage, dir, ids, plan }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("jobs")
    }

    fn open(&self) -> ShardFolder {
        ShardFolder::open(&self.path()).unwrap()
    }

    fn shard(&self, number: u16) -> PathBuf {
        self.open().shard(number).unwrap()
    }

    async fn run(&self, number: u16) -> Ending {
        let job = Job::open(self.shard(number)).unwrap();
        let (lane, clock) = (self.stage.lane(&job), Arc::new(self.stage.clock.clone()));
        let options = RunOptions { absent_ok: true, all_absent_ok: true, ..RunOptions::default() };
        let endings = job.run(vec![lane], clock, &options, &StopHandle::default(), &Silent).await.unwrap();
        endings.into_iter().next().unwrap()
    }

    fn reports(&self) -> Vec<RecordReport> {
        reports(&self.path())
    }
}

fn reports(path: &Path) -> Vec<RecordReport> {
    let mut reports = Vec::new();
    export(path, |report| {
        reports.push(report);
        true
    })
    .unwrap();
    reports
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_plan_is_split_and_read_as_the_one_that_it_was() {
    let folder = Folder::new(500);
    let whole = folder.dir.path().join("whole.job");
    let plan = write_plan(&whole, &folder.ids);
    assert_eq!(folder.plan, plan);
    assert_eq!((folder.open().plan_hash(), folder.open().planned()), (&*plan.hash, 499));
    check_plan(folder.path()).unwrap();

    let (status, alone) = (Status::read(folder.path()).unwrap(), Status::read(&whole).unwrap());
    assert_eq!((status.plan_hash, status.refused), (alone.plan_hash, 1));
    assert_eq!(status.targets[0].outcomes, alone.targets[0].outcomes);
    assert_eq!(status.targets[0].planned, 499);
    let (history, of_whole) = (History::read(folder.path()).unwrap(), History::read(&whole).unwrap());
    assert_eq!(history, of_whole);
    assert_eq!((history.holds, history.unmatched_holds), (2, 1));

    assert_eq!(folder.reports(), reports(&whole), "in the order of the plan");
    let mut refused = Vec::new();
    export_refused(folder.path(), |entry| {
        refused.push(entry.text);
        true
    })
    .unwrap();
    assert_eq!(refused, ["no id"]);

    let shards: Vec<usize> = (0..SHARDS).map(|number| reports(&folder.shard(number)).len()).collect();
    assert_eq!(shards.iter().sum::<usize>(), 500);
    assert!(shards.iter().all(|count| (30..100).contains(count)), "spread evenly: {shards:?}");
    let expected: BTreeSet<String> = (0..SHARDS).map(|number| format!("shard-{number:05}-of-00008.job")).collect();
    assert_eq!(names(&folder.path()), &expected | &BTreeSet::from(["manifest.json".to_owned()]));
    #[cfg(unix)]
    for path in [folder.path(), folder.path().join("manifest.json"), folder.shard(0)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[tokio::test]
async fn shards_are_run_one_by_one_and_add_up() {
    let folder = Folder::new(200);
    for number in 0..SHARDS - 1 {
        assert_eq!(folder.run(number).await, Ending::Finished);
    }
    let left = reports(&folder.shard(SHARDS - 1)).len() as u64;
    let status = Status::read(folder.path()).unwrap();
    assert_eq!(status.targets[0].outcomes.get(conversation_delete_job::RecordOutcome::NotAttempted), left);
    assert!(left > 0 && status.has_begun);
    // What was about to be sent in a shard that nobody runs is in doubt; in one that is run it is open.
    let last = folder.shard(SHARDS - 1);
    Connection::open(&last).unwrap().execute("UPDATE record SET intent_at = '2026-01-01T00:00:00Z'", []).unwrap();
    let failed = || folder.reports().iter().filter(|report| report.outcome.as_str() == "failed").count() as u64;
    assert_eq!((failed(), Status::read(folder.path()).unwrap().targets[0].in_doubt), (left, left));
    let job = Job::open(&last).unwrap();
    assert_eq!((failed(), Status::read(folder.path()).unwrap().targets[0].in_doubt), (0, 0));
    let holder = Status::read(folder.path()).unwrap().holder.unwrap();
    assert!(holder.ends_with("(shard 7)"), "{holder}");
    drop(job);

    assert_eq!(folder.run(SHARDS - 1).await, Ending::Finished);
    let deleted = folder.reports().iter().filter(|report| report.outcome.is_done()).count();
    assert_eq!((folder.reports().len(), deleted), (200, 199));
    check_plan(folder.path()).unwrap();
    assert_eq!(History::read(folder.path()).unwrap().runs.len(), 8);
    let sent: BTreeSet<String> = folder.stage.state.lock().unwrap().heard.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(sent.len(), 199);
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, JobError>, kind: JobErrorKind) {
    assert_eq!(result.unwrap_err().kind(), kind);
}

#[test]
fn a_shard_of_another_plan_or_of_another_number_is_refused() {
    let (folder, other) = (Folder::new(40), Folder::new(41));
    let second = folder.shard(1);
    for stranger in [other.shard(1), folder.shard(2)] {
        let own = fs::read(&second).unwrap();
        fs::copy(&stranger, &second).unwrap();
        refused(folder.open().shard(1), JobErrorKind::Changed);
        refused(Status::read(folder.path()), JobErrorKind::Changed);
        refused(History::read(folder.path()), JobErrorKind::Changed);
        refused(export(folder.path(), |_| true), JobErrorKind::Changed);
        refused(check_plan(folder.path()), JobErrorKind::Changed);
        fs::write(&second, own).unwrap();
    }
    // Its own hash covers which shard it is.
    for change in ["UPDATE shard SET folder_hash = 'x'", "UPDATE shard SET shard = 2", "UPDATE shard SET shards = 9"] {
        let own = fs::read(&second).unwrap();
        Connection::open(&second).unwrap().execute_batch(change).unwrap();
        refused(Job::open(&second), JobErrorKind::Changed);
        fs::write(&second, own).unwrap();
    }
    // A record that is added to a shard is not in the plan of the folder, whatever hash the shard has.
    Connection::open(&second)
        .unwrap()
        .execute_batch("DELETE FROM record WHERE record = (SELECT MAX(record) FROM record)")
        .unwrap();
    refused(check_plan(folder.path()), JobErrorKind::Changed);
    refused(folder.open().shard(SHARDS), JobErrorKind::NoShard);
    fs::rename(folder.path().join("shard-00000-of-00008.job"), folder.path().join("away")).unwrap();
    refused(folder.open().shard(0), JobErrorKind::NoShard);
    fs::rename(folder.path().join("away"), folder.path().join("shard-00000-of-00008.job")).unwrap();
    refused(Job::open(folder.path()), JobErrorKind::NoShard);
    refused(ShardFolder::open(folder.dir.path()), JobErrorKind::NotAJob);
    fs::remove_file(second).unwrap();
    refused(Status::read(folder.path()), JobErrorKind::NoShard);
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let folder = Folder::new(10);
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    for (word, other) in [
        ("\"shards\": 8", "\"shards\": 7"),
        ("shard-00001-of", "../shard-00001-of"),
        ("\"planned\": 9,", "\"planned\": 10,"),
        ("\"schema\": 1", "\"schema\": 2"),
        ("\"schema\": 1", "\"schema\": 1, \"more\": 1"),
        ("{", ""),
    ] {
        assert!(text.contains(word), "{text}");
        fs::write(&path, text.replacen(word, other, 1)).unwrap();
        refused(ShardFolder::open(&folder.path()), JobErrorKind::NotAJob);
    }
    fs::write(&path, text).unwrap();
    folder.open();
}

#[test]
fn a_folder_appears_as_a_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs");
    let begun = ShardPlan::create(&path).unwrap();
    write_plan(&begun.plan_path(), &["a".to_owned()]);
    refused(begun.split(0), JobErrorKind::Plan);
    refused(begun.split(1025), JobErrorKind::Plan);
    begun.split(3).unwrap();
    assert!(!path.exists());
    drop(begun);
    assert_eq!(names(dir.path()), BTreeSet::new());

    let begun = ShardPlan::create(&path).unwrap();
    refused(begun.split(3), JobErrorKind::Inaccessible);
    write_plan(&begun.plan_path(), &["a".to_owned()]);
    begun.split(3).unwrap();
    fs::create_dir(&path).unwrap();
    refused(begun.finish(), JobErrorKind::Exists);
    refused(ShardPlan::create(&path), JobErrorKind::Exists);
    assert_eq!(names(dir.path()), BTreeSet::from(["jobs".to_owned()]), "the other's folder");
}

#[test]
fn what_a_killed_process_of_the_same_id_left_is_in_nobodys_way() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs");
    let killed = ShardPlan::create(&path).unwrap();
    let begun = ShardPlan::create(&path).unwrap();
    assert_ne!(begun.unfinished(), killed.unfinished());
    write_plan(&begun.plan_path(), &["a".to_owned()]);
    begun.split(2).unwrap();
    assert_eq!(begun.finish().unwrap().planned(), 1);
    refused(ShardPlan::create(&path), JobErrorKind::Exists);
}

#[test]
fn a_shard_ignores_the_late_holds_of_others_and_counts_them() {
    let folder = Folder::new(60);
    let mut elsewhere = 0;
    for number in 0..SHARDS {
        let mut holds = LateHolds::open(folder.shard(number)).unwrap();
        for text in [&folder.ids[10], &folder.ids[11], &folder.ids[12]] {
            holds.add(&[id(text)], HoldPlace::default()).unwrap();
        }
        let report = holds.commit(10).unwrap();
        assert_eq!(report.held + report.elsewhere, 3);
        assert_eq!(report.unmatched.count, 0);
        elsewhere += report.elsewhere;
    }
    assert_eq!(elsewhere, 3 * u64::from(SHARDS - 1));
    assert_eq!(History::read(folder.path()).unwrap().late_holds, 3);
    let held = folder.reports().into_iter().filter(|report| report.held.is_some());
    assert_eq!(held.map(|report| report.id).collect::<Vec<_>>(), ["c000003", "c000010", "c000011", "c000012"]);
}

#[test]
fn more_shards_than_ids_leave_some_empty() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs");
    let begun = ShardPlan::create(&path).unwrap();
    let plan = write_plan(&begun.plan_path(), &["a".to_owned(), "b".to_owned()]);
    begun.split(40).unwrap();
    let folder = begun.finish().unwrap();
    assert_eq!((folder.shards(), folder.planned()), (40, 2));
    check_plan(&path).unwrap();
    assert_eq!(Status::read(&path).unwrap().plan_hash, Some(plan.hash));
    assert_eq!(reports(&path).len(), 2);
}
