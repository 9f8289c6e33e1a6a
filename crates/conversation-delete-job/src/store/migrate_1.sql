-- Turns a job file of format 1 into one of format 2, in the transaction of its caller.

-- It was always 1, the first value of the hash: now it is the rule by which the plan was hashed, so the hash stays valid.
ALTER TABLE job RENAME COLUMN format TO hash_rule;
ALTER TABLE job ADD COLUMN since TEXT;
ALTER TABLE job ADD COLUMN until TEXT;
ALTER TABLE target ADD COLUMN base_url TEXT;
ALTER TABLE target ADD COLUMN auth_url TEXT;
ALTER TABLE record ADD COLUMN intent_run INTEGER;
ALTER TABLE record ADD COLUMN settled_run INTEGER;
ALTER TABLE record ADD COLUMN presence_before_at TEXT;

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
-- Of two entries about one child the later one counts, in the position of the first.
INSERT INTO child (record, kind, id, outcome, attempts, status, request_id, error_kind, delivery, message)
    SELECT record, value ->> 'kind', value ->> 'id', value ->> 'outcome', value ->> 'attempts', value ->> 'status',
           value ->> 'request_id', value ->> '$.error.kind', value ->> '$.error.delivery', value ->> '$.error.message'
    FROM record, json_each(CASE WHEN json_valid(children) THEN children ELSE '[]' END)
    WHERE value ->> 'kind' IS NOT NULL AND value ->> 'id' IS NOT NULL AND value ->> 'outcome' IS NOT NULL
          AND value ->> 'attempts' IS NOT NULL
    ORDER BY record, key
    ON CONFLICT (record, kind, id) DO UPDATE SET
        outcome = excluded.outcome, attempts = excluded.attempts, status = excluded.status,
        request_id = excluded.request_id, error_kind = excluded.error_kind, delivery = excluded.delivery,
        message = excluded.message;
ALTER TABLE record DROP COLUMN children;

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
    looked_at      TEXT
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

PRAGMA user_version = 2;
