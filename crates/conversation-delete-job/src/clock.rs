//! How far our clock was from a vendor's.

use std::time::SystemTime;

use delete_core::{ClockSkew, timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::JobError;
use crate::target::TargetNumber;

/// A difference between our clock and a vendor's, as a job keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MeasuredSkew {
    /// By how many milliseconds our clock was ahead of the vendor's; negative if it was behind.
    pub ahead_ms: i64,
    /// When it was measured, by our clock, in RFC 3339.
    pub measured_at: String,
}

const WRITE: &str = "INSERT INTO clock_skew (target, measured_at, ahead_ms) VALUES (?, ?, ?)";

const LATEST: &str = "SELECT ahead_ms, measured_at FROM clock_skew WHERE target = ? ORDER BY measured DESC LIMIT 1";

pub(crate) fn write(connection: &Connection, target: TargetNumber, skew: ClockSkew) -> Result<(), JobError> {
    let magnitude = i64::try_from(skew.magnitude().as_millis()).unwrap_or(i64::MAX);
    let ahead = if skew.is_ahead() { magnitude } else { -magnitude };
    connection.execute(WRITE, params![target.0, timestamp::format(SystemTime::now()), ahead])?;
    Ok(())
}

/// The latest difference.
pub(crate) fn latest(connection: &Connection, target: TargetNumber) -> Result<Option<MeasuredSkew>, JobError> {
    let row = connection
        .query_row(LATEST, [target.0], |row| Ok(MeasuredSkew { ahead_ms: row.get(0)?, measured_at: row.get(1)? }));
    Ok(row.optional()?)
}

#[cfg(test)]
pub(crate) const ALL: [&str; 2] = [WRITE, LATEST];
