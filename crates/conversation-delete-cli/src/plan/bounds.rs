//! Ages as bounds of a list, which are as good as this computer's clock.

use delete_core::{Error, ErrorKind, Filter, RecordReader, timestamp};

use crate::args::{FilterArgs, Moment, VendorName};
use crate::notice::notice;
use crate::settings::Settings;

/// Prints the times that the ages among the bounds stand for.
pub(crate) fn print_bounds(args: &FilterArgs, filter: &Filter) {
    for (name, moment, records, time) in [
        ("--since", args.since, "of this time or later", filter.since()),
        ("--until", args.until, "before this time", filter.until()),
    ] {
        if let (Some(Moment::Ago(_)), Some(time)) = (moment, time) {
            notice(&format!("{name} is {} by this computer's clock: records {records}", timestamp::format(time)));
        }
    }
}

/// Warns if records were selected by an age, and no response had a `Date` to compare this computer's clock with.
pub(crate) fn warn_uncompared(args: &FilterArgs, vendor: VendorName, reader: &dyn RecordReader) {
    if args.is_by_age() && !args.trust_clock && reader.clock_skew().is_none() {
        let vendor = vendor.vendor();
        notice(&format!(
            "warning: {vendor}: no response had a `Date`, so this computer's clock was not compared with it"
        ));
    }
}

/// What to do about an error of a list, or of the check of a credential, to follow its message. Where the vendor is
/// unavailable the message says it all: nothing is wrong with the settings.
pub(crate) fn advice(error: &Error, settings: &Settings) -> String {
    match error.kind() {
        ErrorKind::ClockSkew => "; --trust-clock goes by this computer's clock all the same".to_owned(),
        ErrorKind::Server | ErrorKind::RateLimited if error.is_retryable() => String::new(),
        _ => format!("; check {}", settings.to_check()),
    }
}

/// The times that the arguments select.
pub(crate) fn times(args: &FilterArgs) -> Filter {
    let mut filter = Filter::new();
    filter = match args.since {
        Some(Moment::At(time)) => filter.with_since(time),
        Some(Moment::Ago(age)) => filter.newer_than(age),
        None => filter,
    };
    filter = match args.until {
        Some(Moment::At(time)) => filter.with_until(time),
        Some(Moment::Ago(age)) => filter.older_than(age),
        None => filter,
    };
    if args.trust_clock { filter.trust_clock() } else { filter }
}
