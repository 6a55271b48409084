-- Version 3 to 4: who ran what, and attempts by their time. Older attempts are of no run that is known. Must
-- leave what schema.sql makes of an empty file; a test compares them.

-- Each run of a manifest: who asked for it, with which file, how it ended, and what the wallet said before and
-- after. One row a run. `ended` is null while it goes on, and where it was killed.
CREATE TABLE runs (
  id             INTEGER PRIMARY KEY,
  manifest_id    TEXT NOT NULL REFERENCES manifests,
  started        REAL NOT NULL,
  ended          REAL,
  exit           INTEGER,
  who            TEXT NOT NULL,
  host           TEXT NOT NULL,
  pid            INTEGER NOT NULL,
  version        TEXT NOT NULL,
  name           TEXT NOT NULL,
  digest         TEXT NOT NULL,
  balance_before INTEGER,
  spent_before   INTEGER,
  read_before    REAL,
  balance_after  INTEGER,
  spent_after    INTEGER,
  read_after     REAL
) STRICT;
CREATE INDEX runs_by_manifest ON runs (manifest_id);

ALTER TABLE attempts ADD COLUMN run_id INTEGER REFERENCES runs;
CREATE INDEX attempts_by_time ON attempts (created);
