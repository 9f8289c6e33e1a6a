//! `demo`, `fake`, `completions` and the help.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::support::{program, run};

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

#[cfg(unix)]
#[test]
fn the_fake_prints_an_environment_and_serves_until_it_is_stopped() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fake.env");
    std::fs::write(&file, "an older and longer content\n".repeat(100)).unwrap();
    let mut command = program();
    command.args(["fake", "--count", "3", "--env-file", file.to_str().unwrap()]);
    let mut child = crate::support::spawn(&mut command);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let printed: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with("TAVUS_BASE_URL=")).collect();
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.starts_with(&printed.join("\n")));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let env: HashMap<&str, &str> = written.lines().map(|line| line.split_once('=').unwrap()).collect();
    let records = get(env["TAVUS_BASE_URL"], "/__fake/records");
    let ids: Vec<&str> = records.split("\"id\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), 3, "{records}");
    let mut command = program();
    command.envs(&env).args(["delete", "tavus", "--hard", "--yes"]).args(&ids);
    assert_eq!(run(&mut command, "").code, Some(0));
    assert_eq!(get(env["TAVUS_BASE_URL"], "/__fake/records").matches("\"deleted\"").count(), 3);

    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn get(origin: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(origin.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn help_and_version_end_well() {
    for args in [&["--help"][..], &["-h"], &["--version"], &["help"], &["delete", "--help"], &["fake", "--help"]] {
        let run = run(program().args(args), "");
        assert_eq!(run.code, Some(0), "{args:?}");
        assert!(!run.stdout.is_empty() && run.stderr.is_empty(), "{args:?}");
    }
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
