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
    let fault = |what: &str, error: io::Error| (Exit::Fault, format!("{what}: {error}"));
    let mut signals = signals::listen();
    let fakes = Fakes::start().await.map_err(|error| fault("no port of 127.0.0.1 can be opened", error))?;
    for fake in fakes.iter() {
        fake.seed(args.count as usize);
    }
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
    // `None` would mean that no signal can come any more.
    signals.recv().await;
    Ok(())
}

/// A file that exists is left as it is: it may be anybody's, and a link may lead anywhere.
fn write_private(path: &Path, lines: &str) -> io::Result<()> {
    let unfinished = Unfinished::create(path)?;
    unfinished.file().write_all(lines.as_bytes())?;
    unfinished.finish()
}
