//! Evidence of jobs: written by `delete`, `run` and `evidence export`, checked by `evidence verify`, proven by `evidence prove`.

use std::fs;
use std::path::Path;

use conversation_delete_fake::{Fault, Role, Route, Vendor};

use crate::support::{Run, World};

fn evidence(world: &World, args: &[&str]) -> Run {
    let mut command = world.command(Role::Full);
    command.arg("evidence").args(args);
    world.run(&mut command, "")
}

/// Makes a key, and returns its verifier key.
fn key(world: &World, name: &str) -> String {
    let run = evidence(world, &["keygen", "--name", name, "--out", name]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout.trim().to_owned()
}

fn path(world: &World, name: &str) -> std::path::PathBuf {
    world.folder.path().join(name)
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_private_and_is_never_written_over() {
    let world = World::new(Vendor::Tavus);
    let verifier = key(&world, "example.com");
    assert!(verifier.starts_with("example.com+"), "{verifier}");
    let text = fs::read_to_string(path(&world, "example.com")).unwrap();
    assert!(text.starts_with("PRIVATE+KEY+example.com+"));
    #[cfg(unix)]
    assert_eq!(mode(&path(&world, "example.com")), 0o600);
    let again = evidence(&world, &["keygen", "--name", "example.com", "--out", "example.com"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    assert_eq!(fs::read_to_string(path(&world, "example.com")).unwrap(), text);
    let bad = evidence(&world, &["keygen", "--name", "a+b", "--out", "bad"]);
    assert!(bad.code == Some(2) && !path(&world, "bad").exists(), "{bad:?}");
    fs::write(path(&world, "taken.pub"), "mine").unwrap();
    let taken = evidence(&world, &["keygen", "--name", "a", "--out", "taken"]);
    assert!(taken.code == Some(2) && !path(&world, "taken").exists(), "{taken:?}");
    assert_eq!(fs::read_to_string(path(&world, "taken.pub")).unwrap(), "mine");
}

#[test]
fn what_delete_writes_before_it_removes_its_job_verifies() {
    let world = World::new(Vendor::ElevenLabs);
    let verifier = key(&world, "k");
    let ids = world.fake.seed(3);
    world.fake.fault(Fault::reply(403).for_id(&ids[1]).on(Route::Delete));
    let args = ["--verify", "--wait", "0", "--evidence", "e.zip", "--evidence-key", "k"];
    let run = world.delete(ids.iter().map(String::as_str).chain(args));
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(fs::read_dir(world.state.path()).unwrap().all(|file| file.unwrap().path().is_dir()), "the job is removed");
    #[cfg(unix)]
    assert_eq!(mode(&path(&world, "e.zip")), 0o600);
    let verified = evidence(&world, &["verify", "e.zip", "--public-key", &verifier, "--output", "json"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let line = &verified.lines()[0];
    assert_eq!((&line["type"], &line["records"], &line["signature"]), (&"evidence".into(), &3.into(), &"valid".into()));
    let other = key(&world, "other");
    let refused = evidence(&world, &["verify", "e.zip", "--public-key", &other, "--output", "json"]);
    assert_eq!(refused.code, Some(8), "{refused:?}");
    let line = &refused.lines()[0];
    assert_eq!((&line["kind"], &line["exit_code"]), (&"evidence_invalid".into(), &8.into()), "{refused:?}");
    assert!(refused.stderr.contains("checkpoint"), "{refused:?}");
    let typo = evidence(&world, &["verify", "e.zip", "--public-key", &format!("{verifier}x")]);
    assert!(typo.code == Some(2) && typo.stderr.contains("neither a verifier key"), "{typo:?}");
}

#[test]
fn evidence_that_cannot_be_written_is_found_out_before_anything_is_sent() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(1);
    fs::write(path(&world, "taken.zip"), "mine").unwrap();
    fs::write(path(&world, "not-a-key"), "x").unwrap();
    for args in [
        &["--evidence", "taken.zip"][..],
        &["--evidence", "no-folder/e.zip"],
        &["--evidence", "e.zip", "--evidence-key", "missing"],
        &["--evidence", "e.zip", "--evidence-key", "not-a-key"],
    ] {
        let run = world.delete([&ids[0]].into_iter().map(String::as_str).chain(args.iter().copied()));
        assert_eq!(run.code, Some(2), "{run:?}");
    }
    assert_eq!(world.fake.requests().len(), 0);
    assert_eq!(fs::read_to_string(path(&world, "taken.zip")).unwrap(), "mine");
}

#[test]
fn a_job_is_exported_proven_and_found_by_pseudonyms() {
    let world = World::new(Vendor::Tavus);
    let verifier = key(&world, "k");
    assert_eq!(fs::read_to_string(path(&world, "k.pub")).unwrap().trim(), verifier);
    assert_eq!(evidence(&world, &["keygen", "--pseudonym", "--out", "p"]).code, Some(0));
    let ids = world.fake.seed(4);
    let run = world.delete(ids.iter().map(String::as_str).chain(["--hard", "--job", "job"]));
    assert_eq!(run.code, Some(0), "{run:?}");
    let export = |args: &[&str]| {
        let run = evidence(&world, &[&["export", "job"], args].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
    };
    export(&["--out", "plain.zip"]);
    export(&["--out", "signed.zip", "--sign", "k", "--output", "json"]);
    export(&["--out", "hidden.zip", "--sign", "k", "--pseudonymize", "p", "--lang", "de"]);
    export(&["--html-only", "report.html", "--lang", "fr"]);
    assert!(fs::read_to_string(path(&world, "report.html")).unwrap().contains("<html lang=\"fr\""));
    let verify = |file: &str, key: &[&str]| evidence(&world, &[&["verify", file], key].concat());
    let unsigned = verify("plain.zip", &[]);
    assert!(unsigned.code == Some(0) && unsigned.stdout.contains("it is not signed"), "{unsigned:?}");
    assert_eq!(verify("plain.zip", &["--public-key", "k.pub"]).code, Some(8));
    let unchecked = verify("signed.zip", &[]);
    assert!(unchecked.code == Some(0) && unchecked.stdout.contains("not checked"), "{unchecked:?}");
    let prove = |file: &str, id: &str, rest: &[&str]| {
        evidence(&world, &[&["prove", file, id, "--out", "proofs"], rest].concat())
    };
    assert_eq!(prove("plain.zip", &ids[2], &[]).code, Some(2), "an unsigned bundle proves nothing");
    assert_eq!(prove("signed.zip", "c-unknown", &[]).code, Some(2));
    for (file, rest) in [("signed.zip", &[][..]), ("hidden.zip", &["--pseudonymize", "p"])] {
        let proven = prove(file, &ids[2], rest);
        assert_eq!(proven.code, Some(0), "{proven:?}");
        for name in ["proofs/2.json", "proofs/2.tlog-proof"] {
            let checked = verify(name, &["--public-key", "k.pub"]);
            assert!(checked.code == Some(0) && checked.stdout.contains("it is signed by k"), "{checked:?}");
        }
        let text = fs::read_to_string(path(&world, "proofs/2.json")).unwrap();
        assert_eq!(text.contains(&ids[2]), file == "signed.zip");
        assert!(ids.iter().all(|id| *id == ids[2] || !text.contains(id)), "{text}");
        fs::write(path(&world, "proofs/2.json"), text.replace("deleted", "gone")).unwrap();
        let changed = verify("proofs/2.tlog-proof", &[]);
        assert!(changed.code == Some(8) && changed.stderr.contains("the proof"), "{changed:?}");
        fs::remove_dir_all(path(&world, "proofs")).unwrap();
    }
}

/// The words of the advice after `start`, as a shell takes them.
fn advised(run: &Run, start: &str) -> Vec<String> {
    let advice = run.stderr.lines().find_map(|line| line.split_once(start)).unwrap().1;
    advice.split(' ').map(str::to_owned).collect()
}

#[test]
fn a_command_that_was_stopped_is_resumed_with_the_same_evidence() {
    let world = World::new(Vendor::ElevenLabs);
    let verifier = key(&world, "k");
    assert_eq!(evidence(&world, &["keygen", "--pseudonym", "--out", "p"]).code, Some(0));
    let ids = world.fake.seed(3);
    world.fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete).nth(2));
    let options = ["--evidence", "e.zip", "--evidence-key", "k", "--evidence-pseudonyms", "p", "--evidence-lang", "fr"];
    let args = ["--job", "job", "--verify", "--wait", "0", "--concurrency", "1"];
    let run = world.delete(ids.iter().map(String::as_str).chain(args).chain(options));
    assert_eq!(run.code, Some(4), "{run:?}");
    let advice = advised(&run, "resume with: conversation-delete ");
    let evidence_options = "--evidence e.zip --sign k --pseudonymize p --lang fr";
    let job = path(&world, "job");
    assert_eq!(advice.join(" "), format!("run {} --verify {evidence_options}", job.display()));
    let status = world.run(world.command(Role::Full).args(["status", "job"]), "");
    assert!(status.stdout.ends_with("\nresume with: conversation-delete run job --verify\n"), "{status:?}");
    world.fake.clear_faults();
    // A signature that was to be made cannot be left out by copying the advice.
    let mut command = world.command(Role::Full);
    let run = world.run(command.args(&advice).args(["--yes", "--wait", "0", "--expect-count", "3"]), "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(evidence(&world, &["verify", "e.zip", "--public-key", &verifier]).code, Some(0));
    let status = world.run(world.command(Role::Full).args(["status", "job"]), "");
    assert!(!status.stdout.contains("resume with"), "{status:?}");
}

#[test]
fn a_job_whose_plan_was_changed_has_no_evidence() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(2);
    assert_eq!(world.delete(ids.iter().map(String::as_str).chain(["--job", "job"])).code, Some(0));
    let job = rusqlite::Connection::open(path(&world, "job")).unwrap();
    job.execute("UPDATE record SET id = 'conv_zzzz' WHERE record = 1", []).unwrap();
    drop(job);
    for out in [["--out", "e.zip"], ["--html-only", "e.html"]] {
        let run = evidence(&world, &[&["export", "job"], &out[..]].concat());
        assert!(run.code == Some(5) && run.stderr.contains("was changed"), "{run:?}");
        assert!(run.stderr.trim_end().ends_with("no evidence was made"), "{run:?}");
        assert!(!path(&world, out[1]).exists());
    }
}

#[test]
fn a_finished_job_is_given_its_evidence_by_run() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(2);
    let run = world.delete(ids.iter().map(String::as_str).chain(["--job", "job"]));
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut command = world.command(Role::Full);
    command.args(["run", "job", "--yes", "--expect-count", "2", "--evidence", "e.zip"]);
    let run = world.run(&mut command, "");
    assert!(run.code == Some(0) && run.stderr.contains("evidence of 2 records, not signed"), "{run:?}");
    assert_eq!(evidence(&world, &["verify", "e.zip"]).code, Some(0));
}
