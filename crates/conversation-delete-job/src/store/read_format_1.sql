-- Shows a job file of format 1 as one of the current format to a connection that may not write. Temporary names hide those of the file.

CREATE TEMP VIEW job AS SELECT *, format AS hash_rule, NULL AS since, NULL AS until FROM main.job;
CREATE TEMP VIEW record AS
    SELECT *, NULL AS intent_run, NULL AS settled_run, NULL AS presence_before_at, looked_at AS presence_after_at, 0 AS is_over, NULL AS tried_at, NULL AS presence_before_status,
           NULL AS presence_before_source, NULL AS presence_before_reason, NULL AS presence_after_status,
           NULL AS presence_after_source, NULL AS presence_after_reason, NULL AS presence_after_error_kind,
           NULL AS presence_after_delivery
    FROM main.record;
CREATE TEMP TABLE accepted_credential (target INTEGER, accepted INTEGER, credential TEXT, base_url TEXT, accepted_at TEXT);
CREATE TEMP TABLE clock_skew (measured INTEGER, target INTEGER, measured_at TEXT, ahead_ms INTEGER);
CREATE TEMP VIEW child AS
    SELECT record, key AS child, value ->> 'kind' AS kind, value ->> 'id' AS id, value ->> 'outcome' AS outcome,
           value ->> 'attempts' AS attempts, value ->> 'status' AS status, value ->> 'request_id' AS request_id,
           value ->> '$.error.kind' AS error_kind, value ->> '$.error.delivery' AS delivery,
           value ->> '$.error.message' AS message
    FROM main.record, json_each(CASE WHEN json_valid(children) THEN children ELSE '[]' END);
CREATE TEMP VIEW run AS SELECT *, NULL AS purpose, NULL AS verify FROM main.run;
