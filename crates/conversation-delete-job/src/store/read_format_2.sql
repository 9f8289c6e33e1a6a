-- Shows a job file of format 2 as one of the current format to a connection that may not write. Temporary names hide those
-- of the file.

CREATE TEMP VIEW record AS
    SELECT *, looked_at AS presence_after_at, 0 AS is_over, NULL AS tried_at, NULL AS presence_before_status,
           NULL AS presence_before_source, NULL AS presence_before_reason, NULL AS presence_after_status,
           NULL AS presence_after_source, NULL AS presence_after_reason, NULL AS presence_after_error_kind,
           NULL AS presence_after_delivery
    FROM main.record;
CREATE TEMP VIEW run AS SELECT *, NULL AS purpose, NULL AS verify FROM main.run;
