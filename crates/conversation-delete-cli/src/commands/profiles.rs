//! The commands `profiles` and `profiles check`.

use std::io::{self, Write};

use delete_core::Error;
use delete_core::vendor_kit::ErrorExt;
use tokio::runtime::Runtime;

use super::check::check_each;
use crate::args::{ProfilesArgs, ProfilesCheckArgs, ProfilesCommand, ProfilesListArgs};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::notice::notice;
use crate::plan::target;
use crate::report::{Format, ProfileLine, visible, write_json_line};
use crate::settings::config::Config;
use crate::settings::{Choice, Settings};
use crate::stream;
use crate::vendor::Target;

/// Carries out the command.
pub(crate) fn execute(args: &ProfilesArgs, runtime: &Runtime) -> Exit {
    exit_of(match &args.command {
        Some(ProfilesCommand::Check(args)) => check(args, runtime),
        None => list(&args.list, runtime),
    })
}

fn check(args: &ProfilesCheckArgs, runtime: &Runtime) -> Result<Exit, CommandError> {
    let settings = settings(&args.list, &args.names)?;
    Ok(check_each(&settings, args.list.output, args.travel, runtime))
}

fn list(args: &ProfilesListArgs, runtime: &Runtime) -> Result<Exit, CommandError> {
    let profiles = settings(args, &[])?;
    let listed = profiles.iter().map(|settings| Listed::of(settings, runtime)).collect::<Result<Vec<_>, _>>();
    let (listed, mut lines) = (listed.map_err(CommandError::usage)?, Vec::new());
    let write = match args.output {
        Format::Json => write_json,
        Format::Text => write_text,
    };
    write(&mut lines, &listed)
        .and_then(|()| stream::write_stdout(&lines))
        .map_err(|error| CommandError::new(Exit::Stopped, format!("stdout cannot be written to: {error}")))?;
    Ok(Exit::Success)
}

/// The settings of these profiles, or of all.
fn settings(args: &ProfilesListArgs, names: &[String]) -> Result<Vec<Settings>, CommandError> {
    let config = args.config.path.as_deref();
    if !names.is_empty() {
        return Choice { names, config }.all(&[]);
    }
    let all: Vec<String> = Config::read(config)
        .map_err(CommandError::usage)?
        .profiles
        .iter()
        .map(|profile| profile.name.clone())
        .collect();
    if all.is_empty() {
        notice("the configuration holds no profile");
    }
    Choice { names: &all, config }.all(&[])
}

/// What is known of a profile without its credential.
struct Listed<'a> {
    settings: &'a Settings,
    base_url: String,
    place: Option<String>,
    credential: String,
}

impl<'a> Listed<'a> {
    fn of(settings: &'a Settings, runtime: &Runtime) -> Result<Self, Error> {
        let target = Target::to_read(settings.vendor);
        let base_url = target::base_url(settings, target, runtime)?;
        let named = |error: Error| error.for_vendor(target.vendor());
        let (place, credential) = (target::place(settings), settings.credential_source());
        Ok(Self { settings, base_url, place: place.map_err(named)?, credential: credential.map_err(named)? })
    }
}

fn write_json(out: &mut Vec<u8>, listed: &[Listed<'_>]) -> io::Result<()> {
    listed.iter().try_for_each(|listed| {
        let line = ProfileLine {
            profile: listed.settings.profile(),
            vendor: listed.settings.vendor.vendor().as_str(),
            base_url: &listed.base_url,
            place: listed.place.as_deref(),
            credential: &listed.credential,
        };
        write_json_line(out, &line)
    })
}

fn write_text(out: &mut Vec<u8>, listed: &[Listed<'_>]) -> io::Result<()> {
    let name = |listed: &Listed<'_>| listed.settings.profile().unwrap_or_default().len();
    let width = listed.iter().map(name).max().unwrap_or_default();
    listed.iter().try_for_each(|listed| {
        let (name, vendor) = (listed.settings.profile().unwrap_or_default(), listed.settings.vendor.vendor().as_str());
        let place = listed.place.as_deref().map_or_else(String::new, |place| format!(" ({})", visible(place)));
        writeln!(out, "{name:<width$}  {vendor:<10}  {}{place}  {}", visible(&listed.base_url), listed.credential)
    })
}
