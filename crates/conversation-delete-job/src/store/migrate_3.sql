-- Turns a job file of format 3 into one of format 4, in the transaction of its caller.

ALTER TABLE run ADD COLUMN verify TEXT;
ALTER TABLE record ADD COLUMN presence_after_error_kind TEXT;
ALTER TABLE record ADD COLUMN presence_after_delivery TEXT;
CREATE TABLE shard (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    shard        INTEGER NOT NULL,
    shards       INTEGER NOT NULL,
    folder_hash  TEXT NOT NULL
) STRICT;

PRAGMA user_version = 4;
