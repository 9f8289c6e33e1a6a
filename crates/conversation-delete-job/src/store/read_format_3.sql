-- Shows a job file of format 3 as one of the current format to a connection that may not write. Temporary names hide those
-- of the file.

CREATE TEMP VIEW record AS
    SELECT *, NULL AS presence_after_error_kind, NULL AS presence_after_delivery FROM main.record;
CREATE TEMP VIEW run AS SELECT *, NULL AS verify FROM main.run;
