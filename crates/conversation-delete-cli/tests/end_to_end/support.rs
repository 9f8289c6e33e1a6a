//! A fake vendor, and the program run against it.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use conversation_delete_fake::{CANARY_NAME, CANARY_TEXT, Fake, Role, Vendor};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::schema::check_lines;

/// A fake that serves while the test blocks.
pub(crate) struct World {
    pub(crate) fake: Fake,
    runtime: Runtime,
    /// Where the program is run.
    pub(crate) folder: TempDir,
    /// Where it keeps the jobs that `--job` did not name.
    pub(crate) state: TempDir,
}

impl World {
    pub(crate) fn new(vendor: Vendor) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let fake = runtime.block_on(Fake::start(vendor)).unwrap();
        Self { fake, runtime, folder: tempfile::tempdir().unwrap(), state: tempfile::tempdir().unwrap() }
    }

    /// `delete VENDOR --yes --output json` and these arguments, with the fake's environment and nothing else.
    pub(crate) fn delete<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.run_delete(args, Role::Full, "")
    }

    pub(crate) fn delete_with_stdin(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Run {
        self.run_delete(args, Role::Full, stdin)
    }

    pub(crate) fn delete_as<S: AsRef<str>>(&self, role: Role, args: impl IntoIterator<Item = S>) -> Run {
        self.run_delete(args, role, "")
    }

    fn run_delete<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>, role: Role, stdin: impl AsRef<[u8]>) -> Run {
        let mut command = self.command(role);
        command.args(["delete", self.fake.vendor().as_str(), "--yes", "--output", "json"]);
        command.args(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self.run(&mut command, stdin)
    }

    /// The program with the fake's environment, its vendor as the first argument of `command`, and these arguments.
    pub(crate) fn go<S: AsRef<str>>(&self, command: &str, args: impl IntoIterator<Item = S>) -> Run {
        self.go_as(Role::Full, command, args)
    }

    pub(crate) fn go_as<S: AsRef<str>>(&self, role: Role, command: &str, args: impl IntoIterator<Item = S>) -> Run {
        let mut program = self.command(role);
        program.args([command, self.fake.vendor().as_str()]);
        program.args(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self.run(&mut program, "")
    }

    /// `--hard` where the vendor needs it.
    pub(crate) fn mode(&self) -> Vec<String> {
        if self.fake.vendor() == Vendor::Tavus { vec!["--hard".to_owned()] } else { vec![] }
    }

    /// A variable to look at where the records are not the ones that were meant.
    pub(crate) fn variable(&self) -> &'static str {
        match self.fake.vendor() {
            Vendor::Corti => "CORTI_TENANT_NAME",
            Vendor::Fini => "FINI_API_KEY",
            Vendor::ElevenLabs => "ELEVENLABS_RESIDENCY",
            _ => "TAVUS_API_KEY",
        }
    }

    /// The program with the fake's environment and nothing else.
    pub(crate) fn command(&self, role: Role) -> Command {
        let mut command = program();
        command.envs(self.fake.env_as(role)).current_dir(self.folder.path()).env(STATE_DIR, self.state.path());
        command
    }

    pub(crate) fn run(&self, command: &mut Command, stdin: impl AsRef<[u8]>) -> Run {
        let run = run(command, stdin);
        run.holds_none_of(&self.secrets());
        run
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        let is_secret = |name: &str| name.ends_with("_KEY") || name.ends_with("_SECRET") || name.ends_with("_TOKEN");
        Role::ALL
            .iter()
            .flat_map(|role| self.fake.env_as(*role))
            .filter(|(name, _)| is_secret(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// The requests for deletions, as method and target.
    pub(crate) fn deletes(&self) -> Vec<String> {
        self.fake
            .requests()
            .iter()
            .filter(|request| request.method() == "DELETE")
            .map(|request| request.path().to_owned())
            .collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The fake's tasks must end inside of their runtime.
        let _guard = self.runtime.enter();
        self.fake.stop();
    }
}

/// The variable that keeps the program out of the home folder.
pub(crate) const STATE_DIR: &str = "CONVERSATION_DELETE_STATE_DIR";

/// The program in an environment that names nothing but a folder for its jobs.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conversation-delete"));
    command.env_clear().env(STATE_DIR, concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn holds_none_of(&self, secrets: &[String]) {
        for text in [&self.stdout, &self.stderr] {
            assert!(!text.contains('\u{1b}'), "not a terminal, so no control codes: {text}");
            assert!(!text.contains(CANARY_NAME) && !text.contains(CANARY_TEXT), "content of a record: {text}");
            assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "a secret: {text}");
        }
    }

    /// Every line of stdout as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        check_lines(&self.stdout);
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Id and outcome of each record.
    pub(crate) fn outcomes(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.lines()
            .iter()
            .filter(|line| line["type"] == "record")
            .map(|line| (text(&line["id"]), text(&line["outcome"])))
            .collect()
    }

    /// A member of each record.
    pub(crate) fn each(&self, member: &str) -> Vec<Value> {
        let lines = self.lines().into_iter().filter(|line| line["type"] == "record" || line["type"] == "presence");
        lines.map(|line| line[member].clone()).collect()
    }

    /// Stdout with `…` for the time and the run of each line.
    pub(crate) fn bodies(&self) -> String {
        check_lines(&self.stdout);
        let shorten = |line: &str| {
            let (start, rest) = line.split_once("\"time\":\"").unwrap();
            let (_, rest) = rest.split_once("\",\"run\":\"").unwrap();
            format!("{start}…{}\n", rest.split_once('"').unwrap().1)
        };
        self.stdout.lines().map(shorten).collect()
    }

    /// Stdout with `…` for the run of each line, and for every time.
    pub(crate) fn stdout_without_times(&self) -> String {
        let is_time = |text: &str| delete_core::timestamp::parse(text).is_some();
        let bodies = self.bodies();
        let texts: Vec<&str> = bodies.split('"').map(|text| if is_time(text) { "…" } else { text }).collect();
        texts.join("\"")
    }

    /// The run ended with this exit code, and stdout has nothing but lines that report why.
    #[track_caller]
    pub(crate) fn has_only_errors(&self, code: u8) {
        assert_eq!(self.code, Some(code.into()), "{self:?}");
        let is_error = |line: &Value| line["type"] == "error" && line["exit_code"] == code;
        let lines = self.lines();
        assert!(!lines.is_empty() && lines.iter().all(is_error), "{self:?}");
    }

    /// What `verify` reported of each id.
    pub(crate) fn states(&self) -> Vec<String> {
        let lines = self.lines().into_iter().filter(|line| line["type"] == "presence");
        lines.map(|line| line["presence"]["after"]["state"].as_str().unwrap().to_owned()).collect()
    }

    /// The counts of the summary, which must be the last line.
    #[track_caller]
    pub(crate) fn has_summary(&self, expected: &[(&str, u64)]) {
        let lines = self.lines();
        let summary = lines.last().expect("stdout has lines");
        assert_eq!(summary["type"], "summary", "{self:?}");
        for (name, count) in summary.as_object().unwrap().iter().filter(|(name, _)| *name != "schema") {
            let wanted = expected.iter().find(|(own, _)| own == name).map_or(0, |(_, count)| *count);
            assert!(wanted == 0 || count.is_u64(), "{name} in {self:?}");
            assert!(!count.is_u64() || count == wanted, "{name} in {self:?}");
        }
        assert!(expected.iter().all(|(name, _)| summary[name].is_u64()), "{self:?}");
    }
}

pub(crate) fn run(command: &mut Command, stdin: impl AsRef<[u8]>) -> Run {
    let mut child = spawn(command);
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.as_ref().to_vec();
    // A program that does not read its stdin closes the pipe.
    let writer = thread::spawn(move || drop(pipe.write_all(&stdin)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let run = Run::of(output);
    let args: Vec<_> = command.get_args().collect();
    if args.windows(2).any(|pair| pair == ["--output", "json"]) {
        check_lines(&run.stdout);
    }
    run
}

pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
