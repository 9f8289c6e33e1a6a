//! A user's home with the program on the path, and fresh fake vendors.

use std::fmt::Display;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_fake::{Fake, Fakes, Role, Seed};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::document::{Recipe, Step};
use crate::pattern::matches;

/// The longest that a recipe may take, on a machine that does much else.
const LIMIT: Duration = Duration::from_secs(300);

/// What makes the shell note the exit status that a page names.
const PRELUDE: &str = r#"exits() { [ "$1" = "$2" ] || { echo "exit status $2 instead of $1"; exit 99; }; }"#;

pub(crate) struct Sandbox {
    pub(crate) fakes: Fakes,
    runtime: Runtime,
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let fakes = runtime.block_on(Fakes::start()).unwrap();
        seed(&fakes);
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "bin", "tmp", "output"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(PROGRAM, folder.path().join("bin/conversation-delete")).unwrap();
        Self { fakes, runtime, folder }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A program in this home, which finds ours first, with the environment of the fakes and nothing else.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.env_clear().envs(self.fakes.env()).current_dir(self.home());
        let key = |role| self.fakes.elevenlabs.key(role);
        command.env("READ_ONLY_KEY", key(Role::ReadOnly)).env("SALES_KEY", key(Role::Foreign));
        command.env("HOME", self.home()).env("TMPDIR", self.folder.path().join("tmp")).env("LANG", "C.UTF-8");
        command.env("PATH", format!("{}:{path}", self.folder.path().join("bin").display()));
        command
    }

    /// Runs the blocks of a recipe in one shell.
    ///
    /// # Errors
    /// If a command fails, ends with another exit status than the page names, or prints something else.
    pub(crate) fn run(&self, recipe: &Recipe) -> Result<(), String> {
        for file in &recipe.files {
            let name = Path::new(file).file_name().unwrap();
            fs::copy(repository().join(file), self.home().join(name)).unwrap();
        }
        let script = self.folder.path().join("recipe.sh");
        fs::write(&script, self.script(recipe)).unwrap();
        let mut command = self.command("bash");
        command.args(["-euo", "pipefail"]).arg(script).stdin(Stdio::null()).process_group(0);
        let (stdout, stderr) = self.output("shell");
        command.stdout(File::create(stdout).unwrap()).stderr(File::create(stderr).unwrap());
        let status = end(command.spawn().unwrap());
        let steps = recipe.steps.iter().enumerate();
        let done: Vec<_> = steps.take_while(|(at, _)| self.output(at).0.exists()).collect();
        for (at, step) in &done {
            let is_last = at + 1 == done.len();
            self.check(step, *at, status.filter(|_| is_last))?;
        }
        match status {
            Some(status) if status.success() && done.len() == recipe.steps.len() => Ok(()),
            status => Err(format!("{status:?}: {:?}", self.printed("shell"))),
        }
    }

    fn check(&self, step: &Step, at: usize, status: Option<ExitStatus>) -> Result<(), String> {
        let (stdout, stderr) = self.printed(at);
        let failure = |what: &str| {
            let printed = format!("--- stdout:\n{stdout}\n--- stderr:\n{stderr}");
            Err(format!("line {}: {what}\n{}\n{printed}", step.line, step.script))
        };
        match (&step.output, status) {
            (_, Some(status)) if !status.success() => failure(&format!("the shell ended with {status}")),
            (Some(output), _) if !matches(output, &stdout, &stderr) => {
                failure(&format!("this is not its output:\n{output}"))
            }
            _ => Ok(()),
        }
    }

    fn script(&self, recipe: &Recipe) -> String {
        let block = |(at, step): (usize, &Step)| {
            let (stdout, stderr) = self.output(at);
            format!("exec >'{}' 2>'{}'\n{}", stdout.display(), stderr.display(), with_exit_statuses(&step.script))
        };
        let blocks: String = recipe.steps.iter().enumerate().map(block).collect();
        format!("{PRELUDE}\n{blocks}")
    }

    /// The files that take stdout and stderr of a block.
    fn output(&self, block: impl Display) -> (PathBuf, PathBuf) {
        let folder = self.folder.path().join("output");
        (folder.join(format!("{block}.out")), folder.join(format!("{block}.err")))
    }

    fn printed(&self, block: impl Display) -> (String, String) {
        let text = |path| String::from_utf8(fs::read(path).unwrap()).unwrap();
        let (stdout, stderr) = self.output(block);
        (text(stdout), text(stderr))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The tasks of the fakes must end inside of their runtime.
        let _guard = self.runtime.enter();
        let Fakes { corti, fini, elevenlabs, tavus, .. } = &mut self.fakes;
        [corti, fini, elevenlabs, tavus].into_iter().for_each(Fake::stop);
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_conversation-delete");

/// Waits for the shell, then ends all that it has left in the background. `None` if it took too long.
fn end(mut shell: Child) -> Option<ExitStatus> {
    let begin = Instant::now();
    let status = loop {
        match shell.try_wait().unwrap() {
            None if begin.elapsed() < LIMIT => thread::sleep(Duration::from_millis(20)),
            status => break status,
        }
    };
    let _ = kill_process_group(Pid::from_child(&shell), Signal::KILL);
    shell.wait().unwrap();
    status
}

/// A command whose comment says `# exits 3` must end with that status, and all others with 0.
fn with_exit_statuses(script: &str) -> String {
    let mut out = String::new();
    for line in script.lines() {
        match line.split_once("# exits ") {
            Some((command, comment)) => {
                let status: String = comment.chars().take_while(char::is_ascii_digit).collect();
                out.push_str(&format!("{} && actual=0 || actual=$?; exits {status} $actual\n", command.trim_end()));
            }
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

/// The workspaces of every recipe: at each vendor three records of spring, and two of yesterday.
fn seed(fakes: &Fakes) {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let ids = |prefix: &'static str, numbers: [u32; 2]| (numbers[0]..=numbers[1]).map(move |n| format!("{prefix}{n}"));
    for (fake, prefix) in fakes.iter().zip([UUID, UUID, "conv_", "c"]) {
        let old = Seed::ids(ids(prefix, [4711, 4713])).created_at(SystemTime::now() - 120 * DAY);
        let new = Seed::ids(ids(prefix, [4714, 4715])).created_at(SystemTime::now() - DAY);
        let (old, new) =
            if prefix == "conv_" { (old.user("customer-4711"), new.user("customer-8")) } else { (old, new) };
        fake.seed_with(old);
        fake.seed_with(new);
    }
    // Of the workspace that `SALES_KEY` sees.
    fakes.elevenlabs.seed_with(Seed::ids(["conv_52"]).foreign().created_at(SystemTime::now() - 120 * DAY));
}

/// All but the last four digits.
const UUID: &str = "018f3b2a-7c1e-7d22-9a54-00000000";

/// Returns whether a tool is installed. In continuous integration it must be.
pub(crate) fn is_installed(tool: &str) -> bool {
    let is_there = Command::new(tool).arg("--version").output().is_ok();
    assert!(is_there || std::env::var_os("CI").is_none(), "{tool} is missing");
    if !is_there {
        println!("SKIPPED: {tool} is missing");
    }
    is_there
}

/// The top of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
