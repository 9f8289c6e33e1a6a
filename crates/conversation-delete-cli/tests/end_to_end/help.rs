//! Manual pages, completions, and what Tavus' missing choice explains.

use std::fs;
use std::process::Command;

use conversation_delete_fake::{Role, Vendor};

use crate::support::{STATE_DIR, World, program, run};

#[test]
fn manual_pages_are_of_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    let written = run(program().args(["man", "--out"]).arg(&pages), "");
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""), "{written:?}");
    for name in ["", "-delete", "-run", "-evidence-export", "-jobs-prune", "-man"] {
        let page = fs::read_to_string(pages.join(format!("conversation-delete{name}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains(".SH SYNOPSIS"), "{name}: {page}");
    }
    let page = run(program().arg("man"), "");
    assert_eq!(page.code, Some(0), "{page:?}");
    assert!(
        page.stdout.contains("conversation\\-delete\\-sweep") || page.stdout.contains("conversation\\-delete\\-run")
    );
    assert!(page.stdout.contains("CORTI_CLIENT_SECRET"), "{}", page.stdout);
    let file = pages.join("conversation-delete.1");
    let failed = run(program().args(["man", "--out"]).arg(&file), "");
    assert_eq!(failed.code, Some(2), "{failed:?}");
    assert!(failed.stderr.contains("cannot be written to"), "{failed:?}");
}

/// What the shell gets for the last of these words.
fn candidates(world: &World, words: &[&str]) -> Vec<String> {
    let mut command = world.command(Role::Full);
    command.env("COMPLETE", "bash").env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    command.args(["--", "conversation-delete"]).args(words);
    let run = run(&mut command, "");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{words:?}: {run:?}");
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn jobs_and_vendors_are_completed() {
    let world = World::new(Vendor::Tavus);
    // A shell would run a part of the hostile names.
    for name in ["here.job", "other.txt", "a$(touch b).job", "a;b.job", "a b.job", "a\u{1b}[31m.job"] {
        fs::write(world.folder.path().join(name), "").unwrap();
    }
    let stored = world.state.path().join("tavus-20260101T000000Z.job");
    fs::write(&stored, "").unwrap();
    for words in [&["run", ""][..], &["status", ""], &["export", ""], &["evidence", "export", ""], &["verify", ""]] {
        let found = candidates(&world, words);
        assert!(found.contains(&"here.job".to_owned()), "{words:?}: {found:?}");
        assert!(found.contains(&stored.to_str().unwrap().to_owned()), "{words:?}: {found:?}");
        assert!(!found.iter().any(|name| name.contains("other")), "{words:?}: {found:?}");
        assert!(!found.iter().any(|name| name.contains(['$', ';', ' ', '\u{1b}'])), "{words:?}: {found:?}");
    }
    assert_eq!(candidates(&world, &["run", "her"]), ["here.job"]);
    assert_eq!(candidates(&world, &["plan", "t"]), ["tavus"]);
    assert_eq!(candidates(&world, &["delete", "el"]), ["elevenlabs"]);
    assert!(candidates(&world, &["delete", "tavus", "--har"]).contains(&"--hard".to_owned()));
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn the_script_for_bash_completes_in_bash() {
    let world = World::new(Vendor::Tavus);
    fs::write(world.folder.path().join("old.job"), "").unwrap();
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_conversation-delete")).parent().unwrap();
    let script = "source <(conversation-delete completions bash); COMP_WORDS=(conversation-delete run ol); COMP_CWORD=2; \
                  _clap_complete_conversation_delete conversation-delete ol run; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.env("PATH", format!("{}:/usr/bin:/bin", path.display())).env(STATE_DIR, world.state.path());
    bash.args(["-c", script]).current_dir(world.folder.path());
    let Ok(output) = bash.output() else {
        println!("there is no bash");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "old.job", "{output:?}");
}

#[test]
fn a_delete_at_tavus_without_its_mode_explains_the_choice() {
    let world = World::new(Vendor::Tavus);
    let id = world.fake.seed(1).remove(0);
    for (args, lines) in [
        (vec!["delete", "tavus", "--yes", &id], format!("delete tavus --MODE --yes {id}")),
        (
            vec!["plan", "corti", "tavus", "--all", "--out", "a b.job"],
            "plan corti tavus --MODE --all --out 'a b.job'".to_owned(),
        ),
    ] {
        let run = world.run(world.command(Role::Full).args(&args), "");
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        for mode in ["hard", "soft"] {
            let line = format!("\n  conversation-delete {}\n", lines.replace("MODE", mode));
            assert!(run.stderr.contains(&line), "{line}: {run:?}");
        }
        assert!(run.stderr.contains("irrevocable") && run.stderr.contains("not an erasure"), "{run:?}");
        assert!(run.stderr.lines().last().unwrap().starts_with("error: tavus needs --hard"), "{run:?}");
    }
    assert_eq!(world.fake.stats().requests, 0);
}
