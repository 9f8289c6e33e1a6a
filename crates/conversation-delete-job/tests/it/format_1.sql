-- A job of format 1, as the program of that time left it: planned with holds and a refused line, run with --verify and
-- stopped in the middle, then held. It has records that are deleted, failed, in doubt, held and open.
PRAGMA application_id = 1667523948;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE job (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    format       INTEGER NOT NULL,
    program      TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    planned_at   TEXT,
    plan_hash    TEXT
) STRICT;
INSERT INTO job VALUES(1,1,'conversation-delete 0.0.0','2026-11-28T19:08:27.533028094Z','2026-11-28T19:08:27.5335727Z','6fa25c75071977560c2a4ae699abe3509962bab0f2098766f38653628e5cde38');
CREATE TABLE target (
    target       INTEGER PRIMARY KEY,
    vendor       TEXT NOT NULL UNIQUE,
    origin       TEXT NOT NULL,
    place        TEXT,
    credential   TEXT NOT NULL,
    mode         TEXT,
    options      TEXT NOT NULL,
    planned      INTEGER NOT NULL DEFAULT 0,
    merged       INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO target VALUES(1,'tavus','https://tavusapi.com',NULL,'0123456789abcdef','hard','',13,1);
CREATE TABLE record (
    record          INTEGER PRIMARY KEY,
    target          INTEGER NOT NULL REFERENCES target,
    id              TEXT NOT NULL,
    intent_at       TEXT,
    outcome         TEXT,
    settled_at      TEXT,
    attempts        INTEGER NOT NULL DEFAULT 0,
    status          INTEGER,
    request_id      TEXT,
    error_kind      TEXT,
    delivery        TEXT,
    message         TEXT,
    presence_before TEXT,
    presence_after  TEXT,
    looked_at       TEXT,
    children        TEXT,
    UNIQUE (target, id)
) STRICT;
INSERT INTO record VALUES(1,1,'c000001','2026-11-28T19:08:27.5408293Z','deleted','2026-11-28T19:08:27.541679579Z',1,204,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(2,1,'c000002',NULL,'held',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO record VALUES(3,1,'c000003','2026-11-28T19:08:27.541679579Z','deleted','2026-11-28T19:08:27.542859956Z',1,204,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(4,1,'c000004','2026-11-28T19:08:27.541679579Z','failed','2026-11-28T19:08:27.542859956Z',1,403,NULL,'forbidden','answered','Tavus: the vendor forbids this credential to delete this (status 403); nothing was deleted: ask the record''s owner, or use a credential that may','present',NULL,NULL,NULL);
INSERT INTO record VALUES(5,1,'c000005','2026-11-28T19:08:27.541679579Z','failed','2026-11-28T19:08:27.542859956Z',1,200,NULL,'unexpected_response','answered','Tavus: the response has a success status but not the expected body (status 200); whether the record was deleted is unknown: check the base URL and any proxy in between, then look the record up','present',NULL,NULL,NULL);
INSERT INTO record VALUES(6,1,'c000006','2026-11-28T19:08:27.541679579Z','deleted','2026-11-28T19:08:27.542859956Z',1,204,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(7,1,'c000007','2026-11-28T19:08:27.541679579Z',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(8,1,'c000008','2026-11-28T19:08:27.541679579Z',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(9,1,'c000009',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(10,1,'c000010',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(11,1,'c000011',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(12,1,'c000012',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(13,1,'c000013',NULL,'held','2026-11-28T19:08:27.546576401Z',0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
INSERT INTO record VALUES(14,1,'c000014',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'present',NULL,NULL,NULL);
CREATE TABLE refused (
    refused      INTEGER PRIMARY KEY,
    vendor       TEXT NOT NULL,
    source       TEXT NOT NULL,
    line         INTEGER,
    text         TEXT NOT NULL,
    reason       TEXT NOT NULL
) STRICT;
INSERT INTO refused VALUES(1,'tavus','ids.txt',16,'a/b','it holds a slash');
CREATE TABLE hold (
    id           TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO hold VALUES('c000002');
INSERT INTO hold VALUES('c999999');
CREATE TABLE late_hold (
    id           TEXT PRIMARY KEY,
    held_at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO late_hold VALUES('c000001','2026-11-28T19:08:27.546576401Z');
INSERT INTO late_hold VALUES('c000013','2026-11-28T19:08:27.546576401Z');
CREATE TABLE tally (
    target       INTEGER NOT NULL REFERENCES target,
    outcome      TEXT NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (target, outcome)
) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES(1,'deleted',3);
INSERT INTO tally VALUES(1,'failed',2);
INSERT INTO tally VALUES(1,'held',2);
INSERT INTO tally VALUES(1,'open',7);
CREATE TABLE run (
    run          INTEGER PRIMARY KEY,
    program      TEXT NOT NULL,
    process      INTEGER NOT NULL,
    started_at   TEXT NOT NULL,
    ended_at     TEXT,
    ending       TEXT
) STRICT;
INSERT INTO run VALUES(1,'conversation-delete 0.0.0',9356,'2026-11-28T19:08:27.536176474Z','2026-11-28T19:08:27.543480084Z','interrupted');
CREATE INDEX record_looked ON record (target, outcome, delivery, presence_before, presence_after)
    WHERE presence_after IS NOT NULL;
CREATE INDEX record_failed ON record (target, delivery) WHERE outcome = 'failed';
COMMIT;
