-- Shows a job file of format 3 as one of the current format to a connection that may not write. Temporary names hide those
-- of the file.

CREATE TEMP VIEW run AS SELECT *, NULL AS verify FROM main.run;
