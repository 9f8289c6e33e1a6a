//! The command `fake`: the fake vendors as a server, for clients in any language.

use std::io::{self, Write};
use std::path::Path;

use conversation_delete_fake::Fakes;

use crate::args::FakeArgs;
use crate::exit::Exit;
use crate::notice::notice;
use crate::report::visible;
use crate::signals;
use crate::stream;
use crate::unfinished::{self, Unfinished};

/// Serves until somebody stops it.
pub(crate) async fn execute(args: &FakeArgs) -> Exit {
    match serve(args).await {
        Ok(()) => Exit::Success,
        Err((exit, message)) => {
            notice(&format!("error: {message}"));
            exit
        }
    }
}

async fn serve(args: &FakeArgs) -> Result<(), (Exit, String)> {
    let mut signals = signals::listen();
    let fakes = start(args).await?;
    let lines = fakes.env_lines();
    if let Some(path) = &args.env_file {
        // Before stdout, so that who has read the lines finds the file complete.
        write_private(path, &lines).map_err(|error| {
            (Exit::Usage, format!("{}: {}", visible(&path.to_string_lossy()), unfinished::explain(&error)))
        })?;
    }
    stream::write_stdout(lines.as_bytes())
        .map_err(|error| (Exit::Stopped, format!("stdout cannot be written to: {error}")))?;
    notice(&format!("serving the four fake vendors with {} records each; Ctrl-C ends it", args.count));
    if !args.listen.is_loopback() {
        notice(&format!(
            "warning: these are fakes, and whoever reaches {} can use them and their control API, which has no password",
            args.listen
        ));
    }
    // `None` would mean that no signal can come any more.
    signals.recv().await;
    Ok(())
}

async fn start(args: &FakeArgs) -> Result<Fakes, (Exit, String)> {
    let started = Fakes::start_on(args.listen, args.port).await;
    let fakes =
        started.map_err(|error| (exit_of(&error), format!("a port cannot be opened: {error}{}", advice(&error))))?;
    for fake in fakes.iter() {
        if let Some(seed) = args.seed {
            fake.set_random_seed(seed);
        }
        fake.seed(args.count as usize);
    }
    Ok(fakes)
}

/// An address that this machine does not have, or a port that it does not give, is a mistake in the arguments.
fn exit_of(error: &io::Error) -> Exit {
    use io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    let is_usage = matches!(error.kind(), AddrInUse | AddrNotAvailable | PermissionDenied);
    if is_usage { Exit::Usage } else { Exit::Fault }
}

/// What to do about a port that cannot be opened.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrNotAvailable => "; --listen takes an address of this machine",
        _ => "; --port takes the first of four free ports",
    }
}

/// A file that exists is left as it is: it may be anybody's, and a link may lead anywhere.
fn write_private(path: &Path, lines: &str) -> io::Result<()> {
    let unfinished = Unfinished::create(path)?;
    unfinished.file().write_all(lines.as_bytes())?;
    unfinished.finish()
}
