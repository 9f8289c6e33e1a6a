//! The command `fake`.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{program, run, spawn};

#[test]
fn the_fake_prints_an_environment_and_serves_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fake.env");
    let mut command = program();
    command.args(["fake", "--count", "3", "--env-file", file.to_str().unwrap()]);
    let mut child = spawn(&mut command);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let printed: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with("TAVUS_BASE_URL=")).collect();
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.starts_with(&printed.join("\n")));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let env: HashMap<&str, &str> = written.lines().map(|line| line.split_once('=').unwrap()).collect();
    let records = get(env["TAVUS_BASE_URL"], "/__fake/records");
    let ids: Vec<&str> = records.split("\"id\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), 3, "{records}");
    let mut command = program();
    command.envs(&env).args(["delete", "tavus", "--hard", "--yes"]).args(&ids);
    assert_eq!(run(&mut command, "").code, Some(0));
    assert_eq!(get(env["TAVUS_BASE_URL"], "/__fake/records").matches("\"deleted\"").count(), 3);

    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
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
fn an_env_file_that_cannot_be_written_is_told() {
    let run = run(program().args(["fake", "--env-file", "/does/not/exist/fake.env"]), "");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stdout.is_empty() && run.stderr.contains("/does/not/exist/fake.env"), "{run:?}");
}
