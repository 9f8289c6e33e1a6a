UPDATE record SET intent_at = '2026-11-28T12:00:00Z', tried_at = '2026-11-28T12:00:01Z', settled_at = '2026-11-28T12:00:01Z',
    attempts = 1, status = 204, intent_run = 1, settled_run = 1, request_id = 'request-' || record, outcome = 'deleted',
    presence_before = 'present', presence_before_at = '2026-11-28T11:00:00Z', presence_before_source = 'list',
    presence_before_status = 'ended'
    WHERE outcome IS NULL;
UPDATE record SET presence_after = 'absent', presence_after_at = '2026-11-28T12:10:00Z', presence_after_source = 'lookup'
    WHERE record <= 3;
UPDATE record SET outcome = 'acknowledged', status = 200 WHERE record = 2;
UPDATE record SET outcome = 'gone', attempts = 2, status = 404 WHERE record = 3;
UPDATE record SET outcome = 'not_found', status = 404, presence_before = NULL, error_kind = 'not_found', delivery = 'answered',
    message = 'the vendor''s own words' WHERE record = 4;
UPDATE record SET outcome = 'failed', status = 503, error_kind = 'server', delivery = 'maybe_delivered', attempts = 4,
    message = 'the vendor''s own words', presence_after = 'unknown', presence_after_reason = 'why nothing is known', presence_after_error_kind = 'timeout',
    presence_after_at = '2026-11-28T12:10:00Z' WHERE record = 5;
UPDATE record SET outcome = 'unresolved', presence_after = 'present', presence_after_at = '2026-11-28T12:10:00Z'
    WHERE record = 6;
UPDATE record SET outcome = 'held', attempts = 0, status = NULL, request_id = NULL, intent_at = NULL, tried_at = NULL
    WHERE record = 8;
INSERT INTO late_hold VALUES ('c7', '2026-11-28T11:59:00Z');
UPDATE record SET outcome = NULL, settled_at = NULL, attempts = 0, status = NULL, request_id = NULL, intent_at = NULL,
    tried_at = NULL WHERE record = 9;
INSERT INTO child (record, kind, id, run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message)
    VALUES (10, 'transcript', 't1', 1, '2026-11-28T12:00:00Z', 'deleted', 1, 204, 'request-of-t1', NULL, NULL, NULL),
           (10, 'transcript', 't2', 1, '2026-11-28T12:00:00Z', 'failed', 1, 403, NULL, 'forbidden', 'answered',
            'the vendor''s own words');
INSERT INTO run (program, process, started_at, ended_at, ending, purpose)
    VALUES ('conversation-delete 0.1.0', 7, '2026-11-28T11:59:59Z', '2026-11-28T12:10:00Z', 'interrupted', 'delete');
