-- The ledger: Earmark's own durable account of one wallet. Amounts are whole US cents, or whole
-- credits of the account where a name or an attempt's currency says so; the two never meet in one sum.
-- Times are seconds since 1970 (UTC), paths are bytes as the operating system knows them.
-- What changes here is changed in older files by a step of its own (migrating.py).

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A manifest that was run against this wallet: its caps, and what counts against each. The sums are
-- kept by the triggers below, never by hand. `room` is what a cap left at the last reservation: only reserving
-- writes it, so that a cap may be lowered, and a bill come to more, whatever it says.
CREATE TABLE manifests (
  id       TEXT PRIMARY KEY,
  path     BLOB NOT NULL,
  cap      INTEGER NOT NULL CHECK (cap >= 0),
  spent    INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
  reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  in_doubt INTEGER NOT NULL DEFAULT 0 CHECK (in_doubt >= 0),
  created  REAL NOT NULL,
  credits_cap      INTEGER NOT NULL DEFAULT 0 CHECK (credits_cap >= 0),
  credits_spent    INTEGER NOT NULL DEFAULT 0 CHECK (credits_spent >= 0),
  credits_reserved INTEGER NOT NULL DEFAULT 0 CHECK (credits_reserved >= 0),
  credits_in_doubt INTEGER NOT NULL DEFAULT 0 CHECK (credits_in_doubt >= 0),
  room             INTEGER NOT NULL DEFAULT 0 CONSTRAINT over_the_cap CHECK (room >= 0),
  credits_room     INTEGER NOT NULL DEFAULT 0 CONSTRAINT over_the_cap_for_credits CHECK (credits_room >= 0)
) STRICT, WITHOUT ROWID;

-- Each run of a manifest: who asked for it, with which file, how it ended, and what the wallet said before and
-- after. One row a run. `ended` is null while it goes on, and where it was killed. One with a lease counts as
-- alive until then; what it wrote to the end of its last turn stands, and once it is fenced it writes nothing
-- more. With a shift it is a host's part of another run.
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
  read_after     REAL,
  lease_until    REAL,
  turns          INTEGER NOT NULL DEFAULT 0,
  fenced         REAL,
  shift_id       INTEGER REFERENCES shifts,
  worker_id      INTEGER REFERENCES workers
) STRICT;
CREATE INDEX runs_by_manifest ON runs (manifest_id);
CREATE INDEX runs_leased ON runs (lease_until) WHERE lease_until IS NOT NULL AND ended IS NULL AND fenced IS NULL;

-- What money is spent on. One row a content key, for ever: a failed purchase is tried again in
-- place, so that no two of them can live at once.
CREATE TABLE purchases (
  id          INTEGER PRIMARY KEY,
  content_key TEXT NOT NULL UNIQUE,
  sha256      TEXT NOT NULL,
  product     TEXT NOT NULL,
  options     TEXT NOT NULL,
  generation  INTEGER NOT NULL,
  audio_bytes INTEGER NOT NULL,
  created     REAL NOT NULL,
  characters  INTEGER NOT NULL DEFAULT 0 CHECK (characters >= 0)
) STRICT;
CREATE INDEX purchases_by_audio ON purchases (audio_bytes);
CREATE INDEX purchases_by_digest ON purchases (sha256);

-- A purchase is one or more jobs at the service, each billed by itself.
CREATE TABLE parts (
  id          INTEGER PRIMARY KEY,
  purchase_id INTEGER NOT NULL REFERENCES purchases,
  ordinal     INTEGER NOT NULL DEFAULT 0,
  state       TEXT NOT NULL DEFAULT 'planned',
  reason      TEXT NOT NULL DEFAULT '',
  tries       INTEGER NOT NULL DEFAULT 0,
  UNIQUE (purchase_id, ordinal)
) STRICT;
CREATE INDEX parts_astir ON parts (state) WHERE state NOT IN ('planned', 'saved');

-- One possible send of a part. The money is here: a hold until it is settled, a charge after, in the
-- attempt's own currency. Without a run are those of before version 4, and jobs that were found again. `driver` is
-- the leased run that sees it through; null: whoever comes, or whoever holds the manifest's lock.
CREATE TABLE attempts (
  id          INTEGER PRIMARY KEY,
  part_id     INTEGER NOT NULL REFERENCES parts,
  manifest_id TEXT NOT NULL REFERENCES manifests,
  service     TEXT NOT NULL,
  token       TEXT NOT NULL UNIQUE,
  state       TEXT NOT NULL,
  purse       TEXT NOT NULL CHECK (purse IN ('none', 'reserved', 'in doubt')),
  expected    INTEGER NOT NULL CHECK (expected >= 0),
  ceiling     INTEGER NOT NULL CHECK (ceiling >= expected),
  hold        INTEGER NOT NULL CHECK (hold >= 0 AND (purse <> 'none' OR hold = 0)),
  charge      INTEGER CHECK (charge >= 0),
  settled     TEXT NOT NULL DEFAULT '',
  superseded  INTEGER NOT NULL DEFAULT 0,
  job_id      TEXT,
  reason      TEXT NOT NULL DEFAULT '',
  created     REAL NOT NULL,
  changed     REAL NOT NULL,
  currency    TEXT NOT NULL DEFAULT 'cents' CHECK (currency IN ('cents', 'credits')),
  run_id      INTEGER REFERENCES runs,
  driver      INTEGER REFERENCES runs
) STRICT;
CREATE UNIQUE INDEX one_job_one_attempt ON attempts (service, job_id) WHERE job_id IS NOT NULL;
CREATE UNIQUE INDEX one_live_attempt_a_part ON attempts (part_id)
  WHERE superseded = 0 AND state NOT IN ('planned', 'rejected', 'released', 'failed charged');
CREATE INDEX attempts_by_part ON attempts (part_id);
CREATE INDEX attempts_unsettled ON attempts (state) WHERE hold > 0;
CREATE INDEX attempts_by_time ON attempts (created);
CREATE INDEX attempts_driven ON attempts (driver) WHERE driver IS NOT NULL;
CREATE INDEX attempts_in_credits ON attempts (state) WHERE currency = 'credits';
CREATE INDEX attempts_at_the_service ON attempts (service) WHERE state = 'submitted';

-- Reserving is the one act that a cap can refuse; settling and adopting always succeed.
CREATE TRIGGER reserving_stays_under_the_cap BEFORE INSERT ON attempts
WHEN NEW.state = 'reserved' AND EXISTS (
  SELECT 1 FROM manifests WHERE id = NEW.manifest_id AND iif(NEW.currency = 'cents',
    spent + reserved + in_doubt + NEW.hold > cap,
    credits_spent + credits_reserved + credits_in_doubt + NEW.hold > credits_cap))
BEGIN
  SELECT RAISE(ABORT, 'over the cap');
END;

CREATE TRIGGER attempt_added AFTER INSERT ON attempts WHEN NEW.currency = 'cents' BEGIN
  UPDATE manifests SET
    spent    = spent + coalesce(NEW.charge, 0),
    reserved = reserved + iif(NEW.purse = 'reserved', NEW.hold, 0),
    in_doubt = in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0),
    room     = iif(NEW.state = 'reserved', cap - spent - reserved - in_doubt - NEW.hold, room)
  WHERE id = NEW.manifest_id;
END;

CREATE TRIGGER credit_attempt_added AFTER INSERT ON attempts WHEN NEW.currency = 'credits' BEGIN
  UPDATE manifests SET
    credits_spent    = credits_spent + coalesce(NEW.charge, 0),
    credits_reserved = credits_reserved + iif(NEW.purse = 'reserved', NEW.hold, 0),
    credits_in_doubt = credits_in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0),
    credits_room     = iif(NEW.state = 'reserved',
      credits_cap - credits_spent - credits_reserved - credits_in_doubt - NEW.hold, credits_room)
  WHERE id = NEW.manifest_id;
END;

CREATE TRIGGER attempt_changed AFTER UPDATE OF hold, charge, purse ON attempts
WHEN NEW.currency = 'cents'
  AND (OLD.hold IS NOT NEW.hold OR OLD.charge IS NOT NEW.charge OR OLD.purse IS NOT NEW.purse)
BEGIN
  UPDATE manifests SET
    spent    = spent + coalesce(NEW.charge, 0) - coalesce(OLD.charge, 0),
    reserved = reserved + iif(NEW.purse = 'reserved', NEW.hold, 0) - iif(OLD.purse = 'reserved', OLD.hold, 0),
    in_doubt = in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0) - iif(OLD.purse = 'in doubt', OLD.hold, 0)
  WHERE id = NEW.manifest_id;
END;

CREATE TRIGGER credit_attempt_changed AFTER UPDATE OF hold, charge, purse ON attempts
WHEN NEW.currency = 'credits'
  AND (OLD.hold IS NOT NEW.hold OR OLD.charge IS NOT NEW.charge OR OLD.purse IS NOT NEW.purse)
BEGIN
  UPDATE manifests SET
    credits_spent    = credits_spent + coalesce(NEW.charge, 0) - coalesce(OLD.charge, 0),
    credits_reserved = credits_reserved
      + iif(NEW.purse = 'reserved', NEW.hold, 0) - iif(OLD.purse = 'reserved', OLD.hold, 0),
    credits_in_doubt = credits_in_doubt
      + iif(NEW.purse = 'in doubt', NEW.hold, 0) - iif(OLD.purse = 'in doubt', OLD.hold, 0)
  WHERE id = NEW.manifest_id;
END;

CREATE TRIGGER currencies_are_kept BEFORE UPDATE OF currency ON attempts
WHEN OLD.currency IS NOT NEW.currency
BEGIN
  SELECT RAISE(ABORT, 'an attempt keeps its currency');
END;

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts BEGIN
  SELECT RAISE(ABORT, 'attempts are never deleted');
END;

-- A line of a manifest, bound to what it buys.
CREATE TABLE items (
  id          INTEGER PRIMARY KEY,
  manifest_id TEXT NOT NULL REFERENCES manifests,
  line        TEXT NOT NULL,
  file        BLOB NOT NULL,
  size        INTEGER NOT NULL,
  print       TEXT NOT NULL,
  base        BLOB NOT NULL,
  wanted      TEXT NOT NULL,
  purchase_id INTEGER NOT NULL REFERENCES purchases,
  expected    INTEGER NOT NULL DEFAULT 0 CHECK (expected >= 0),
  ceiling     INTEGER NOT NULL DEFAULT 0 CHECK (ceiling >= 0),
  currency    TEXT NOT NULL DEFAULT 'cents' CHECK (currency IN ('cents', 'credits')),
  UNIQUE (manifest_id, line)
) STRICT;
CREATE INDEX items_by_purchase ON items (purchase_id);

-- Where each manifest stands: its lines by the state of what they buy, and the money of its attempts that
-- are not superseded by theirs. Kept by the triggers below, never by hand, so that a million lines are
-- told at once. `expected` and `ceiling` count a purchase once, for the first line that wants it. A `+` keeps
-- SQLite from looking through all lines of a manifest.
CREATE TABLE standings (
  manifest_id   TEXT NOT NULL,
  state         TEXT NOT NULL,
  currency      TEXT NOT NULL,
  items         INTEGER NOT NULL DEFAULT 0,
  expected      INTEGER NOT NULL DEFAULT 0,
  ceiling       INTEGER NOT NULL DEFAULT 0,
  each_expected INTEGER NOT NULL DEFAULT 0,
  each_ceiling  INTEGER NOT NULL DEFAULT 0,
  charged       INTEGER NOT NULL DEFAULT 0,
  billed        INTEGER NOT NULL DEFAULT 0,
  held          INTEGER NOT NULL DEFAULT 0,
  holding       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (manifest_id, state, currency)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER line_added AFTER INSERT ON items BEGIN
  INSERT INTO standings (manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling)
  SELECT NEW.manifest_id, t.state, NEW.currency, 1, iif(l.shared, 0, NEW.expected),
    iif(l.shared, 0, NEW.ceiling), NEW.expected, NEW.ceiling
  FROM parts t, (SELECT EXISTS (SELECT 1 FROM items WHERE purchase_id = NEW.purchase_id
    AND manifest_id = NEW.manifest_id AND id <> NEW.id) AS shared) l
  WHERE t.purchase_id = NEW.purchase_id
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET items = items + excluded.items,
    expected = expected + excluded.expected, ceiling = ceiling + excluded.ceiling,
    each_expected = each_expected + excluded.each_expected,
    each_ceiling = each_ceiling + excluded.each_ceiling;
END;

CREATE TRIGGER line_changes BEFORE UPDATE OF purchase_id, expected, ceiling, currency ON items
WHEN (OLD.purchase_id, OLD.expected, OLD.ceiling, OLD.currency)
  IS NOT (NEW.purchase_id, NEW.expected, NEW.ceiling, NEW.currency)
BEGIN
  INSERT INTO standings (manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling)
  SELECT i.manifest_id, t.state, i.currency, -count(*),
    -sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.expected, 0)),
    -sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.ceiling, 0)),
    -sum(i.expected), -sum(i.ceiling)
  FROM items i JOIN parts t ON t.purchase_id = i.purchase_id
  WHERE +i.manifest_id = NEW.manifest_id AND i.purchase_id IN (OLD.purchase_id, NEW.purchase_id)
  GROUP BY 1, 2, 3
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET items = items + excluded.items,
    expected = expected + excluded.expected, ceiling = ceiling + excluded.ceiling,
    each_expected = each_expected + excluded.each_expected,
    each_ceiling = each_ceiling + excluded.each_ceiling;
END;
CREATE TRIGGER line_changed AFTER UPDATE OF purchase_id, expected, ceiling, currency ON items
WHEN (OLD.purchase_id, OLD.expected, OLD.ceiling, OLD.currency)
  IS NOT (NEW.purchase_id, NEW.expected, NEW.ceiling, NEW.currency)
BEGIN
  INSERT INTO standings (manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling)
  SELECT i.manifest_id, t.state, i.currency, count(*),
    sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.expected, 0)),
    sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.ceiling, 0)),
    sum(i.expected), sum(i.ceiling)
  FROM items i JOIN parts t ON t.purchase_id = i.purchase_id
  WHERE +i.manifest_id = NEW.manifest_id AND i.purchase_id IN (OLD.purchase_id, NEW.purchase_id)
  GROUP BY 1, 2, 3
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET items = items + excluded.items,
    expected = expected + excluded.expected, ceiling = ceiling + excluded.ceiling,
    each_expected = each_expected + excluded.each_expected,
    each_ceiling = each_ceiling + excluded.each_ceiling;
END;

CREATE TRIGGER part_moved AFTER UPDATE OF state ON parts WHEN OLD.state IS NOT NEW.state BEGIN
  INSERT INTO standings (manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling)
  SELECT i.manifest_id, OLD.state, i.currency, -count(*),
    -sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.expected, 0)),
    -sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.ceiling, 0)),
    -sum(i.expected), -sum(i.ceiling)
  FROM items i WHERE i.purchase_id = NEW.purchase_id
  GROUP BY 1, 2, 3
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET items = items + excluded.items,
    expected = expected + excluded.expected, ceiling = ceiling + excluded.ceiling,
    each_expected = each_expected + excluded.each_expected,
    each_ceiling = each_ceiling + excluded.each_ceiling;
  INSERT INTO standings (manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling)
  SELECT i.manifest_id, NEW.state, i.currency, count(*),
    sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.expected, 0)),
    sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.ceiling, 0)),
    sum(i.expected), sum(i.ceiling)
  FROM items i WHERE i.purchase_id = NEW.purchase_id
  GROUP BY 1, 2, 3
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET items = items + excluded.items,
    expected = expected + excluded.expected, ceiling = ceiling + excluded.ceiling,
    each_expected = each_expected + excluded.each_expected,
    each_ceiling = each_ceiling + excluded.each_ceiling;
END;

CREATE TRIGGER attempt_counted AFTER INSERT ON attempts BEGIN
  INSERT INTO standings (manifest_id, state, currency, charged, billed, held, holding)
  SELECT NEW.manifest_id, NEW.state, NEW.currency, coalesce(NEW.charge, 0),
    (NEW.charge IS NOT NULL), NEW.hold, (NEW.hold > 0) WHERE NEW.superseded = 0
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET charged = charged + excluded.charged,
    billed = billed + excluded.billed, held = held + excluded.held, holding = holding + excluded.holding;
END;
CREATE TRIGGER attempt_recounted AFTER UPDATE OF state, hold, charge, superseded ON attempts BEGIN
  INSERT INTO standings (manifest_id, state, currency, charged, billed, held, holding)
  SELECT OLD.manifest_id, OLD.state, OLD.currency, -coalesce(OLD.charge, 0),
    -(OLD.charge IS NOT NULL), -OLD.hold, -(OLD.hold > 0) WHERE OLD.superseded = 0
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET charged = charged + excluded.charged,
    billed = billed + excluded.billed, held = held + excluded.held, holding = holding + excluded.holding;
  INSERT INTO standings (manifest_id, state, currency, charged, billed, held, holding)
  SELECT NEW.manifest_id, NEW.state, NEW.currency, coalesce(NEW.charge, 0),
    (NEW.charge IS NOT NULL), NEW.hold, (NEW.hold > 0) WHERE NEW.superseded = 0
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET charged = charged + excluded.charged,
    billed = billed + excluded.billed, held = held + excluded.held, holding = holding + excluded.holding;
END;

-- A file of an item's result, on our disk.
CREATE TABLE results (
  item_id INTEGER NOT NULL REFERENCES items,
  name    TEXT NOT NULL,
  path    BLOB NOT NULL,
  size    INTEGER NOT NULL,
  sha256  TEXT NOT NULL,
  saved   REAL NOT NULL,
  host    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (item_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX results_by_path ON results (path);

-- What a running run may still reserve, so that two runs cannot count on the same money.
CREATE TABLE allotments (
  manifest_id TEXT PRIMARY KEY REFERENCES manifests,
  cents       INTEGER NOT NULL CHECK (cents >= 0)
) STRICT, WITHOUT ROWID;

-- The wallet's own rows of charges, each once.
CREATE TABLE usage_rows (
  row_id       TEXT PRIMARY KEY,
  service_type TEXT NOT NULL,
  job_id       TEXT NOT NULL,
  cents        INTEGER NOT NULL,
  seconds      INTEGER,
  created      TEXT NOT NULL,
  attempt_id   INTEGER REFERENCES attempts
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_by_job ON usage_rows (job_id);

-- Money that left the account for this manifest other than by a job's charge (account credits).
CREATE TABLE extra_charges (
  manifest_id TEXT NOT NULL REFERENCES manifests,
  cents       INTEGER NOT NULL CHECK (cents >= 0),
  reason      TEXT NOT NULL,
  at          REAL NOT NULL
) STRICT;
CREATE TRIGGER extra_charge_added AFTER INSERT ON extra_charges BEGIN
  UPDATE manifests SET spent = spent + NEW.cents WHERE id = NEW.manifest_id;
END;

-- Every change of state, with its reason.
CREATE TABLE history (
  id         INTEGER PRIMARY KEY,
  at         REAL NOT NULL,
  part_id    INTEGER NOT NULL,
  attempt_id INTEGER,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL
) STRICT;
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
