//! The statements that write a plan.

pub(super) const ADD_HOLDS: &str =
    "INSERT OR IGNORE INTO hold (id) SELECT id FROM temp.hold_input WHERE entry >= ? ORDER BY id";

pub(super) const REFUSE: &str =
    "INSERT INTO refused (refused, vendor, source, line, text, reason) VALUES (?, ?, ?, ?, ?, ?)";

pub(super) const COUNT_FREE: &str = "SELECT COUNT(*) FROM record WHERE id NOT IN (SELECT id FROM hold)";

pub(super) const FIRST_FREE: &str =
    "SELECT id FROM record WHERE id NOT IN (SELECT id FROM hold) ORDER BY record LIMIT ? + 0";

pub(super) const SET_OPTIONS: &str = "UPDATE target SET options = ? WHERE target = ?";

pub(super) const SETTLE_HELD: &str = "UPDATE record SET outcome = 'held' WHERE id IN (SELECT id FROM hold)";

pub(crate) const COUNT_PLANNED: &str = "
    UPDATE target SET planned = COALESCE(
        (SELECT count FROM tally WHERE tally.target = target.target AND outcome = 'open'), 0)";

pub(super) const ADD: &str = "INSERT OR IGNORE INTO record (record, target, id) VALUES (?, ?, ?)";

pub(super) const ADD_LISTED: &str = "
    INSERT OR IGNORE INTO record (record, target, id, presence_before, presence_before_at, presence_before_status,
                                  presence_before_source, is_over)
    VALUES (?1, ?2, ?3, 'present', ?4, ?5, 'list', ?6)";

#[cfg(test)]
pub(crate) const ALL: [&str; 9] =
    [ADD_HOLDS, REFUSE, COUNT_FREE, FIRST_FREE, SET_OPTIONS, SETTLE_HELD, COUNT_PLANNED, ADD, ADD_LISTED];
