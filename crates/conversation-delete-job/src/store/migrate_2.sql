-- Turns a job file of format 2 into one of format 3, in the transaction of its caller, which checks no foreign keys.

-- A vendor could have one target only.
CREATE TABLE new_target (
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
INSERT INTO new_target (target, vendor, origin, place, credential, mode, options, planned, merged, base_url, auth_url)
    SELECT target, vendor, origin, place, credential, mode, options, planned, merged, base_url, auth_url FROM target;
DROP TABLE target;
ALTER TABLE new_target RENAME TO target;
CREATE UNIQUE INDEX target_once ON target
    (vendor, COALESCE(base_url, origin), COALESCE(auth_url, ''), COALESCE(place, ''), credential, COALESCE(mode, ''), options);

ALTER TABLE record RENAME COLUMN looked_at TO presence_after_at;
ALTER TABLE record ADD COLUMN is_over INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN tried_at TEXT;
ALTER TABLE record ADD COLUMN presence_before_status TEXT;
ALTER TABLE record ADD COLUMN presence_before_source TEXT;
ALTER TABLE record ADD COLUMN presence_before_reason TEXT;
ALTER TABLE record ADD COLUMN presence_after_status TEXT;
ALTER TABLE record ADD COLUMN presence_after_source TEXT;
ALTER TABLE record ADD COLUMN presence_after_reason TEXT;
ALTER TABLE record ADD COLUMN presence_after_run INTEGER;
ALTER TABLE run ADD COLUMN purpose TEXT;
ALTER TABLE attempt RENAME COLUMN looked_at TO presence_after_at;

PRAGMA user_version = 3;
