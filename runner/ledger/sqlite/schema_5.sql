-- Version 4 to 5: what a cap left at the last reservation; runs that count as alive for a while only, what they
-- drive, and the shifts in which many hosts share a manifest. Older runs have no lease. Must leave what
-- schema.sql makes of an empty file; a test compares them.

ALTER TABLE manifests ADD COLUMN room         INTEGER NOT NULL DEFAULT 0 CONSTRAINT over_the_cap CHECK (room >= 0);
ALTER TABLE manifests ADD COLUMN credits_room INTEGER NOT NULL DEFAULT 0
  CONSTRAINT over_the_cap_for_credits CHECK (credits_room >= 0);
DROP TRIGGER attempt_added;
CREATE TRIGGER attempt_added AFTER INSERT ON attempts WHEN NEW.currency = 'cents' BEGIN
  UPDATE manifests SET
    spent    = spent + coalesce(NEW.charge, 0),
    reserved = reserved + iif(NEW.purse = 'reserved', NEW.hold, 0),
    in_doubt = in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0),
    room     = iif(NEW.state = 'reserved', cap - spent - reserved - in_doubt - NEW.hold, room)
  WHERE id = NEW.manifest_id;
END;
DROP TRIGGER credit_attempt_added;
CREATE TRIGGER credit_attempt_added AFTER INSERT ON attempts WHEN NEW.currency = 'credits' BEGIN
  UPDATE manifests SET
    credits_spent    = credits_spent + coalesce(NEW.charge, 0),
    credits_reserved = credits_reserved + iif(NEW.purse = 'reserved', NEW.hold, 0),
    credits_in_doubt = credits_in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0),
    credits_room     = iif(NEW.state = 'reserved',
      credits_cap - credits_spent - credits_reserved - credits_in_doubt - NEW.hold, credits_room)
  WHERE id = NEW.manifest_id;
END;

ALTER TABLE runs ADD COLUMN lease_until REAL;
ALTER TABLE runs ADD COLUMN turns       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN fenced      REAL;
ALTER TABLE runs ADD COLUMN shift_id    INTEGER REFERENCES shifts;
ALTER TABLE runs ADD COLUMN worker_id   INTEGER REFERENCES workers;
CREATE INDEX runs_leased ON runs (lease_until) WHERE lease_until IS NOT NULL AND ended IS NULL AND fenced IS NULL;

ALTER TABLE attempts ADD COLUMN driver INTEGER REFERENCES runs;
CREATE INDEX attempts_driven ON attempts (driver) WHERE driver IS NOT NULL;
CREATE INDEX attempts_in_credits ON attempts (state) WHERE currency = 'credits';
CREATE INDEX attempts_at_the_service ON attempts (service) WHERE state = 'submitted';

ALTER TABLE results ADD COLUMN host TEXT NOT NULL DEFAULT '';

-- Every change of state, with its reason.
CREATE TABLE numbered_history (
  id         INTEGER PRIMARY KEY,
  at         REAL NOT NULL,
  part_id    INTEGER NOT NULL,
  attempt_id INTEGER,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL
) STRICT;
INSERT INTO numbered_history SELECT rowid, at, part_id, attempt_id, state, reason FROM history ORDER BY rowid;
DROP TABLE history;
ALTER TABLE numbered_history RENAME TO history;
CREATE INDEX history_by_part ON history (part_id);

-- A process that takes shifts: `earmark worker`, and a run that works on what it offers. `roots` are the folders
-- under which it looks for files, as JSON; `seen` is its last sign of life.
CREATE TABLE workers (
  id      INTEGER PRIMARY KEY,
  host    TEXT NOT NULL,
  pid     INTEGER NOT NULL,
  version TEXT NOT NULL,
  roots   TEXT NOT NULL,
  started REAL NOT NULL,
  seen    REAL NOT NULL,
  ended   REAL
) STRICT;
CREATE INDEX workers_here ON workers (seen) WHERE ended IS NULL;

-- What a run on a shared ledger offers to the fleet: the head of its manifest and what it was asked for, as JSON,
-- and the cap that it asked for in cents. From `stopped` on nothing more is bought for it; `ended` once all of its
-- shifts are over.
CREATE TABLE dispatches (
  id          INTEGER PRIMARY KEY,
  manifest_id TEXT NOT NULL REFERENCES manifests,
  run_id      INTEGER NOT NULL REFERENCES runs,
  head        TEXT NOT NULL,
  options     TEXT NOT NULL,
  cap         INTEGER NOT NULL CHECK (cap >= 0),
  created     REAL NOT NULL,
  stopped     REAL,
  ended       REAL,
  reason      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX dispatches_open ON dispatches (manifest_id) WHERE ended IS NULL;

-- Some lines of a manifest that one host takes at a time: `lines` is JSON, `size` how many there are. `buys` is 0
-- where only what is bought already is seen through. `tries` counts the hosts that were lost over it.
CREATE TABLE shifts (
  id          INTEGER PRIMARY KEY,
  dispatch_id INTEGER NOT NULL REFERENCES dispatches,
  ordinal     INTEGER NOT NULL,
  lines       TEXT NOT NULL,
  size        INTEGER NOT NULL,
  buys        INTEGER NOT NULL DEFAULT 1 CHECK (buys IN (0, 1)),
  state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'done', 'cancelled')),
  run_id      INTEGER REFERENCES runs,
  tries       INTEGER NOT NULL DEFAULT 0,
  since       REAL NOT NULL,
  outcome     TEXT NOT NULL DEFAULT '',
  CHECK ((state = 'taken') = (run_id IS NOT NULL))
) STRICT;
CREATE INDEX shifts_by_dispatch ON shifts (dispatch_id, ordinal);
CREATE INDEX shifts_open ON shifts (dispatch_id) WHERE state IN ('waiting', 'taken');
CREATE INDEX shifts_waiting ON shifts (dispatch_id, ordinal) WHERE state = 'waiting';

-- Which shift has a line until it is over: never two at a time.
CREATE TABLE claims (
  manifest_id TEXT NOT NULL REFERENCES manifests,
  line        TEXT NOT NULL,
  shift_id    INTEGER NOT NULL REFERENCES shifts,
  PRIMARY KEY (manifest_id, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_shift ON claims (shift_id);

-- Lines of a dispatch that a worker cannot send, and why: its disks have no such file, or another one.
CREATE TABLE absences (
  dispatch_id INTEGER NOT NULL REFERENCES dispatches,
  line        TEXT NOT NULL,
  worker_id   INTEGER NOT NULL REFERENCES workers,
  reason      TEXT NOT NULL,
  at          REAL NOT NULL,
  PRIMARY KEY (dispatch_id, line, worker_id)
) STRICT, WITHOUT ROWID;

-- What one host read of the service for all. Looks of a name are numbered as they begin: `begun` is the latest,
-- `ended` the one whose `body` this is. `claimed` is until when whoever looks counts as alive, 0 where nobody
-- looks; no look begins before `rests`.
CREATE TABLE looks (
  name    TEXT PRIMARY KEY,
  begun   INTEGER NOT NULL DEFAULT 0,
  began   REAL NOT NULL DEFAULT 0,
  claimed REAL NOT NULL DEFAULT 0,
  rests   REAL NOT NULL DEFAULT 0,
  ended   INTEGER NOT NULL DEFAULT 0,
  body    TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- How many calls a second of a kind all hosts together make: `run_id` 0 is what a 429 taught when it `changed`,
-- else what that run was told; it counts for all while its dispatch lasts.
CREATE TABLE paces (
  kind    TEXT NOT NULL,
  run_id  INTEGER NOT NULL DEFAULT 0,
  rate    REAL NOT NULL CHECK (rate > 0),
  changed REAL NOT NULL,
  PRIMARY KEY (kind, run_id)
) STRICT, WITHOUT ROWID;
