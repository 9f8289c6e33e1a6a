//! The arguments, and the help that teaches them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::report::Format;

const AFTER_HELP: &str = "\
Try it, with no key and no network:
  conversation-delete demo

Delete (the vendor's credential comes from the environment, never from arguments):
  conversation-delete delete tavus --hard c123456
  conversation-delete delete corti --ids-from interactions.csv --dry-run
  jq -c '{id}' export.json | conversation-delete delete fini --ids-from - --yes --output json

Variables:
  corti       CORTI_ENVIRONMENT (eu, us), CORTI_TENANT_NAME, and either
              CORTI_CLIENT_ID with CORTI_CLIENT_SECRET, or CORTI_ACCESS_TOKEN
  fini        FINI_API_KEY
  elevenlabs  ELEVENLABS_API_KEY; ELEVENLABS_RESIDENCY (global, us, eu, in, sg)
  tavus       TAVUS_API_KEY
For a proxy or a fake in the vendor's place: CORTI_BASE_URL with CORTI_AUTH_URL, FINI_BASE_URL,
ELEVENLABS_BASE_URL, TAVUS_BASE_URL

Exit codes:
  0  every id reached deleted, acknowledged or gone (or not_found with --absent-ok)
  1  a fault of the program
  2  wrong usage, bad configuration or bad input; nothing was sent
  3  finished, but some ids failed, were refused, not found or unresolved
  4  stopped before the end; run it again with the ids that were not attempted
  5  a safety check refused to go on (--max, or the question was not answered with yes)
  6  the credential was refused; stopped at once";

const DELETE_AFTER_HELP: &str = "\
Input: one id a line, CSV with a column `id`, or NDJSON objects with a string field `id`; the first
line that is not blank tells which. An id that stands there twice is deleted once and reported once.
What is no id is refused by its line number, never sent, and the rest goes on. A quote in a CSV that
is never closed, or is followed by text, would lose rows: then nothing is sent.

Outcomes, one for each id:
  deleted        the vendor says that it removed this very record
  acknowledged   the vendor accepted the call, but would say the same of a record that never was
  gone           it is not there now, and an earlier attempt of this call may have removed it
  unresolved     Fini: its batch was answered 406: what was accessible is removed, something was
                 not (--one-by-one asks for each id by itself)
  not_found      the vendor sees no such record; a wrong tenant, region or key makes every id look
                 like this
  failed         see the message; `delivery` in the JSON says whether it may be deleted all the same
  refused        no id; never sent
  not_attempted  the run stopped before

Ctrl-C sends no more, waits for what is under way and reports the rest as not_attempted. A second one
stops the waiting, a third one ends the program. A run also stops by itself, with exit code 4, after
25 calls in a row that failed for want of a sound answer (connect, timeout, connection, server,
unexpected_response).

Examples:
  conversation-delete delete elevenlabs conv_01 conv_02
  conversation-delete delete tavus --soft --ids-from ids.txt --max 500
  conversation-delete delete fini --ids-from ids.csv --one-by-one --yes --output json > report.ndjson";

/// Deletes conversation records at Corti, Fini, ElevenLabs and Tavus, and reports truthfully what happened.
#[derive(Debug, Parser)]
#[command(name = "conversation-delete", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Tell of each request on stderr: method, status, duration; never a key or a body
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show it all on fake vendors in this process: no key, no network, no question
    Demo,
    /// Delete records by their ids
    #[command(after_help = DELETE_AFTER_HELP)]
    Delete(DeleteArgs),
    /// Serve the four fake vendors on loopback until stopped, and print the environment that points clients at them
    Fake(FakeArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Whose records are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VendorName {
    /// Corti: interactions
    Corti,
    /// Fini: conversations, in batches of 50
    Fini,
    /// ElevenLabs: conversations of agents
    Elevenlabs,
    /// Tavus: video conversations, hard or soft
    Tavus,
}

#[derive(Args, Debug)]
pub(crate) struct DeleteArgs {
    /// Whose records
    pub(crate) vendor: VendorName,
    /// The ids (put `--` before one that begins with a hyphen)
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<OsString>,
    /// Take ids from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) ids_from: Option<PathBuf>,
    /// Do not ask. Required where stdin is no terminal
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print what would be sent; send nothing. Needs no credential
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Tavus: delete the records and their assets, irrevocably
    #[arg(long, conflicts_with = "soft")]
    pub(crate) hard: bool,
    /// Tavus: delete softly; what Tavus keeps, and for how long, is its matter
    #[arg(long)]
    pub(crate) soft: bool,
    /// The most requests under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Send nothing if there are more ids than this
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<u64>,
    /// How long one attempt may take, such as 500ms, 30s or 2m; a bare number is seconds [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Count a record that is not there as done
    #[arg(long)]
    pub(crate) absent_ok: bool,
    /// Fini: a request for each id, for an exact answer for each
    #[arg(long)]
    pub(crate) one_by_one: bool,
    /// How to write the results
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    /// Send through the proxy of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY; for http HTTP_PROXY). Without this, no proxy is used
    #[arg(long)]
    pub(crate) system_proxy: bool,
}

#[derive(Args, Debug)]
pub(crate) struct FakeArgs {
    /// How many records to make at each vendor
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=5_000_000))]
    pub(crate) count: u32,
    /// Write the environment to this file too, readable by its owner alone
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}

/// A number and a unit; a bare number is seconds, as in the tools around it.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("the unit is none of ms, s, m and h".to_owned()),
    };
    let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.ends_with(|c: char| c.is_ascii_digit());
    let number = number.parse::<f64>().ok().filter(|_| is_number).ok_or("give a number and a unit, such as 30s")?;
    match Duration::try_from_secs_f64(number * seconds) {
        Ok(duration) if !duration.is_zero() && duration <= MAX_DURATION => Ok(duration),
        _ => Err("it must be above 0 and at most 12h".to_owned()),
    }
}

const MAX_DURATION: Duration = Duration::from_secs(12 * 60 * 60);

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_are_read_by_their_unit() {
        for (text, milliseconds) in
            [("500ms", 500), ("30s", 30_000), ("30", 30_000), ("1.5s", 1_500), ("2m", 120_000), ("12h", 43_200_000)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in
            ["", "s", "0s", "-1s", "+1s", ".5s", "1.", "1e3", "1d", "13h", "30 s", "inf", "nan", "9999999999999h"]
        {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
