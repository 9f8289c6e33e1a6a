-- The job file, format 4. docs/job-file.md documents each column. What is added here is added to a migration and, if it is
-- read where nothing may be written, to the views of all older formats: read_format_1.sql and those after it.

CREATE TABLE job (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    hash_rule    INTEGER NOT NULL,
    program      TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    planned_at   TEXT,
    plan_hash    TEXT,
    since        TEXT,
    until        TEXT
) STRICT;

-- One row in a shard of a plan, and none elsewhere. `hash_rule` 3 says that there is one.
CREATE TABLE shard (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    shard        INTEGER NOT NULL,
    shards       INTEGER NOT NULL,
    folder_hash  TEXT NOT NULL
) STRICT;

CREATE TABLE target (
    target       INTEGER PRIMARY KEY,
    vendor       TEXT NOT NULL,
    origin       TEXT NOT NULL,
    place        TEXT,
    credential   TEXT NOT NULL,
    mode         TEXT,
    options      TEXT NOT NULL,
    planned      INTEGER NOT NULL DEFAULT 0,
    merged       INTEGER NOT NULL DEFAULT 0,
    base_url     TEXT,
    auth_url     TEXT
) STRICT;
CREATE UNIQUE INDEX target_once ON target
    (vendor, COALESCE(base_url, origin), COALESCE(auth_url, ''), COALESCE(place, ''), credential, COALESCE(mode, ''), options);

CREATE TABLE record (
    record             INTEGER PRIMARY KEY,
    target             INTEGER NOT NULL REFERENCES target,
    id                 TEXT NOT NULL,
    intent_at          TEXT,
    outcome            TEXT,
    settled_at         TEXT,
    attempts           INTEGER NOT NULL DEFAULT 0,
    status             INTEGER,
    request_id         TEXT,
    error_kind         TEXT,
    delivery           TEXT,
    message            TEXT,
    presence_before    TEXT,
    presence_after     TEXT,
    presence_after_at  TEXT,
    intent_run         INTEGER,
    settled_run        INTEGER,
    presence_before_at TEXT,
    is_over            INTEGER NOT NULL DEFAULT 0,
    tried_at           TEXT,
    presence_before_status TEXT,
    presence_before_source TEXT,
    presence_before_reason TEXT,
    presence_after_status  TEXT,
    presence_after_source  TEXT,
    presence_after_reason  TEXT,
    presence_after_run     INTEGER,
    presence_after_error_kind TEXT,
    presence_after_delivery   TEXT,
    UNIQUE (target, id)
) STRICT;

CREATE TABLE child (
    child        INTEGER PRIMARY KEY,
    record       INTEGER NOT NULL REFERENCES record,
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    run          INTEGER,
    settled_at   TEXT,
    outcome      TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    status       INTEGER,
    request_id   TEXT,
    error_kind   TEXT,
    delivery     TEXT,
    message      TEXT,
    UNIQUE (record, kind, id)
) STRICT;

-- What lookups reported is counted without reading all records.
CREATE INDEX record_looked ON record (target, outcome, delivery, presence_before, presence_after)
    WHERE presence_after IS NOT NULL;
CREATE INDEX record_failed ON record (target, delivery) WHERE outcome = 'failed';

CREATE TABLE refused (
    refused      INTEGER PRIMARY KEY,
    vendor       TEXT NOT NULL,
    source       TEXT NOT NULL,
    line         INTEGER,
    text         TEXT NOT NULL,
    reason       TEXT NOT NULL
) STRICT;

CREATE TABLE hold (
    id           TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE late_hold (
    id           TEXT PRIMARY KEY,
    held_at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
    target       INTEGER NOT NULL REFERENCES target,
    outcome      TEXT NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (target, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    run          INTEGER PRIMARY KEY,
    program      TEXT NOT NULL,
    process      INTEGER NOT NULL,
    started_at   TEXT NOT NULL,
    ended_at     TEXT,
    ending       TEXT,
    purpose      TEXT,
    verify       TEXT
) STRICT;

CREATE TABLE attempt (
    attempt        INTEGER PRIMARY KEY,
    record         INTEGER NOT NULL,
    run            INTEGER,
    settled_at     TEXT,
    outcome        TEXT NOT NULL,
    attempts       INTEGER NOT NULL,
    status         INTEGER,
    request_id     TEXT,
    error_kind     TEXT,
    delivery       TEXT,
    message        TEXT,
    presence_after TEXT,
    presence_after_at TEXT
) STRICT;
CREATE INDEX attempt_record ON attempt (record);
CREATE TRIGGER attempt_stays BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'attempts are only added'); END;
CREATE TRIGGER attempt_remains BEFORE DELETE ON attempt BEGIN SELECT RAISE(ABORT, 'attempts are only added'); END;

CREATE TABLE accepted_credential (
    accepted     INTEGER PRIMARY KEY,
    target       INTEGER NOT NULL,
    credential   TEXT NOT NULL,
    base_url     TEXT,
    accepted_at  TEXT NOT NULL,
    program      TEXT NOT NULL,
    record       INTEGER
) STRICT;
CREATE TRIGGER accepted_stays BEFORE UPDATE ON accepted_credential
    BEGIN SELECT RAISE(ABORT, 'accepted credentials are only added'); END;
CREATE TRIGGER accepted_remains BEFORE DELETE ON accepted_credential
    BEGIN SELECT RAISE(ABORT, 'accepted credentials are only added'); END;

CREATE TABLE clock_skew (
    measured     INTEGER PRIMARY KEY,
    target       INTEGER NOT NULL,
    measured_at  TEXT NOT NULL,
    ahead_ms     INTEGER NOT NULL
) STRICT;
