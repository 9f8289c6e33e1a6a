//! The command `fake`.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Child;

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

/// The environment that it printed, and the program that serves.
struct Serving {
    child: Child,
    env: HashMap<String, String>,
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        let mut child = spawn(program().arg("fake").args(args));
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap).take(12);
        let env = lines.map(|line| line.split_once('=').map(|(name, value)| (name.into(), value.into())).unwrap());
        Self { env: env.collect(), child }
    }

    /// Ends it, and returns what it said on stderr.
    fn stop(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{stderr}");
        stderr
    }
}

/// The first of four ports that are free now.
fn four_free_ports() -> u16 {
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let mut bases = (20_000..60_000).step_by(8).map(|base| base + std::process::id() as u16 % 2000);
    bases.find(|base| (*base..base + 4).map(bind).collect::<Result<Vec<_>, _>>().is_ok()).unwrap()
}

#[test]
fn ports_and_records_are_the_ones_that_were_asked_for() {
    let base = four_free_ports();
    let port = base.to_string();
    let args = ["--port", &port, "--seed", "7", "--count", "2"];
    let mut seen = Vec::new();
    for _ in 0..2 {
        let fakes = Serving::start(&args);
        let expected = ["CORTI_AUTH_URL", "FINI_BASE_URL", "ELEVENLABS_BASE_URL", "TAVUS_BASE_URL"];
        for (name, port) in expected.into_iter().zip(base..) {
            assert_eq!(fakes.env[name], format!("http://127.0.0.1:{port}"));
            let answer = get(&fakes.env[name], "/__fake/records");
            seen.push(answer.split_once("\r\n\r\n").unwrap().1.to_owned());
        }
        assert_eq!(fakes.env["CORTI_BASE_URL"], format!("http://127.0.0.1:{base}/v2"));
        let stderr = fakes.stop();
        assert!(!stderr.contains("warning"), "{stderr}");
    }
    assert_eq!(seen[..4], seen[4..]);
    assert!(seen[3].contains("\"created_at_ms\":1767225600000"), "{seen:?}");
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_served() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().min(65_532).to_string();
    let run = run(program().args(["fake", "--port", &port]), "");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stdout.is_empty(), "{run:?}");
    assert!(run.stderr.contains(&format!("127.0.0.1:{port} (corti): ")) && run.stderr.contains("--port"), "{run:?}");
}

#[test]
fn an_address_of_another_machine_is_named() {
    let run = run(program().args(["fake", "--listen", "192.0.2.1"]), "");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("192.0.2.1") && run.stderr.contains("--listen"), "{run:?}");
}

#[test]
fn the_last_of_the_four_must_be_a_port_too() {
    let run = run(program().args(["fake", "--port", "65533"]), "");
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn fakes_that_others_can_reach_come_with_a_warning() {
    let fakes = Serving::start(&["--listen", "0.0.0.0", "--count", "1"]);
    assert!(fakes.env["TAVUS_BASE_URL"].starts_with("http://127.0.0.1:"));
    assert!(get(&fakes.env["TAVUS_BASE_URL"], "/__fake/records").contains("\"present\""));
    let stderr = fakes.stop();
    assert!(stderr.contains("warning: these are fakes") && stderr.contains("no password"), "{stderr}");
}
