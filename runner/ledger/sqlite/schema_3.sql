-- Version 2 to 3: what a line costs beside it, and where each manifest stands, kept by triggers. Older
-- lines cost nothing until their manifest is run again. Must leave what schema.sql makes of an empty file;
-- a test compares them.

ALTER TABLE items ADD COLUMN expected INTEGER NOT NULL DEFAULT 0 CHECK (expected >= 0);
ALTER TABLE items ADD COLUMN ceiling INTEGER NOT NULL DEFAULT 0 CHECK (ceiling >= 0);
ALTER TABLE items ADD COLUMN
  currency TEXT NOT NULL DEFAULT 'cents' CHECK (currency IN ('cents', 'credits'));

CREATE INDEX parts_astir ON parts (state) WHERE state NOT IN ('planned', 'saved');

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

-- What was there before.
INSERT INTO standings (manifest_id, state, currency, items, expected, ceiling, each_expected, each_ceiling)
SELECT i.manifest_id, t.state, i.currency, count(*),
    sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.expected, 0)),
    sum(iif(i.id = (SELECT min(id) FROM items WHERE purchase_id = i.purchase_id
      AND manifest_id = i.manifest_id), i.ceiling, 0)),
    sum(i.expected), sum(i.ceiling)
  FROM items i JOIN parts t ON t.purchase_id = i.purchase_id
  WHERE true
  GROUP BY 1, 2, 3
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET items = items + excluded.items,
    expected = expected + excluded.expected, ceiling = ceiling + excluded.ceiling,
    each_expected = each_expected + excluded.each_expected,
    each_ceiling = each_ceiling + excluded.each_ceiling;
INSERT INTO standings (manifest_id, state, currency, charged, billed, held, holding)
  SELECT manifest_id, state, currency, coalesce(sum(charge), 0), count(charge), sum(hold), sum(hold > 0)
  FROM attempts WHERE superseded = 0 GROUP BY 1, 2, 3
  ON CONFLICT (manifest_id, state, currency) DO UPDATE SET charged = charged + excluded.charged,
    billed = billed + excluded.billed, held = held + excluded.held, holding = holding + excluded.holding;
