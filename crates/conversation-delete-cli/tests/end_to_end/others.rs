//! `demo`, `completions` and the help.

use conversation_delete_fake::{Role, Vendor};

use crate::support::{Run, World, program, run, spawn};

#[test]
fn the_demo_shows_all_four_and_ignores_the_real_world() {
    let mut command = program();
    command.arg("demo");
    for (name, value) in [
        ("CORTI_BASE_URL", "https://nowhere.invalid"),
        ("CORTI_ACCESS_TOKEN", "real"),
        ("FINI_API_KEY", "real"),
        ("ELEVENLABS_RESIDENCY", "mars"),
        ("TAVUS_BASE_URL", "https://nowhere.invalid"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("ALL_PROXY", "http://127.0.0.1:1"),
    ] {
        command.env(name, value);
    }
    let run = run(&mut command, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in
        ["Corti", "Fini", "ElevenLabs", "Tavus (hard)", "Tavus (soft)", "gone", "unresolved", "not found", "429"]
    {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert_eq!(run.stdout.matches(" yes\n").count(), 5, "{}", run.stdout);
    assert!(!run.stdout.contains(" NO\n"));
}

/// `docs/images/demo.py` draws the picture anew.
#[test]
fn the_picture_shows_what_the_demo_prints() {
    let picture = include_str!("../../../../docs/images/demo.svg");
    let shown: Vec<String> = picture.lines().filter(|line| line.starts_with("<text ")).map(text_of).collect();
    let printed = run(program().arg("demo"), "").stdout;
    let printed = printed.lines().flat_map(|line| on_terminal(line, 122));
    let expected: Vec<String> = std::iter::once("$ conversation-delete demo".to_owned()).chain(printed).collect();
    assert_eq!(shown, expected);
}

/// What a line of an SVG file shows.
fn text_of(line: &str) -> String {
    let text: String = line.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A line as a terminal of this width breaks it.
fn on_terminal(line: &str, columns: usize) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    if characters.is_empty() {
        vec![String::new()]
    } else {
        characters.chunks(columns).map(String::from_iter).collect()
    }
}

#[test]
fn the_demo_leaves_evidence_that_verifies_and_a_report_of_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("evidence");
    let mut command = program();
    command.arg("demo").arg("--evidence").arg(&folder);
    command.env("TAVUS_BASE_URL", "https://nowhere.invalid").env("CONVERSATION_DELETE_STATUS", "ended");
    let demo = run(&mut command, "");
    assert_eq!(demo.code, Some(0), "{demo:?}");
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    for part in ["All 99 records that are not held", "names demo as its signer", "a test or a proxy"] {
        assert!(report.contains(part), "{part}");
    }
    assert!(demo.stdout.trim_end().ends_with("report.html"), "{}", demo.stdout);
    let mut command = program();
    command
        .args(["evidence", "verify"])
        .arg(folder.join("evidence.zip"))
        .arg("--public-key")
        .arg(folder.join("demo.key.pub"));
    assert_eq!(run(&mut command, "").code, Some(0));
    // Nothing in the folder is ever written over.
    let mut command = program();
    let again = run(command.arg("demo").arg("--evidence").arg(&folder), "");
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("it is not empty"), "{again:?}");
    let file = folder.join("report.html");
    let again = run(program().arg("demo").arg("--evidence").arg(&file), "");
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("report.html: it cannot be used for the evidence"), "{again:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_demo_that_nobody_reads_is_stopped() {
    let mut command = program();
    let mut child = spawn(command.arg("demo"));
    // It has far more to say than it can say before this.
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("stdout cannot be written to"), "{run:?}");
}

#[test]
fn loopback_needs_no_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    for args in [&["demo"][..], &["delete", "corti", "--yes", &ids[0]]] {
        let mut command = world.command(Role::Full);
        command.env("SSL_CERT_FILE", &nowhere).env("SSL_CERT_DIR", &nowhere).args(args);
        let run = run(&mut command, "");
        assert_eq!(run.code, Some(0), "{args:?}: {run:?}");
    }
}

#[test]
fn help_and_version_end_well() {
    for args in [
        &["--help"][..],
        &["-h"],
        &["--version"],
        &["help"],
        &["delete", "--help"],
        &["fake", "--help"],
        &["list", "--help"],
        &["verify", "--help"],
        &["check", "-h"],
    ] {
        let run = run(program().args(args), "");
        assert_eq!(run.code, Some(0), "{args:?}");
        assert!(!run.stdout.is_empty() && run.stderr.is_empty(), "{args:?}");
    }
    let version = run(program().args(["-v", "-v", "--version"]), "").stdout;
    assert_eq!(version, concat!("conversation-delete ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(run(program().args(["-v", "completions", "-vv", "bash", "-v"]), "").code, Some(0));
    let help = run(program().arg("--help"), "").stdout;
    for part in ["conversation-delete demo", "CORTI_CLIENT_SECRET", "Exit codes", "ELEVENLABS_RESIDENCY"] {
        assert!(help.contains(part), "{part}");
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = run(program().args(["completions", shell]), "");
        assert_eq!(run.code, Some(0), "{shell}");
        assert!(run.stdout.contains("conversation-delete"), "{shell}");
    }
}
