-- Shows a job file of format 1 as one of format 2 to a connection that may not write. Temporary names hide those of the file.

CREATE TEMP VIEW job AS SELECT *, NULL AS since, NULL AS until FROM main.job;
CREATE TEMP VIEW record AS
    SELECT *, NULL AS intent_run, NULL AS settled_run, NULL AS presence_before_at FROM main.record;
CREATE TEMP TABLE accepted_credential (target INTEGER, accepted INTEGER, credential TEXT, base_url TEXT, accepted_at TEXT);
CREATE TEMP TABLE clock_skew (measured INTEGER, target INTEGER, measured_at TEXT, ahead_ms INTEGER);
