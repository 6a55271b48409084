-- Version 2 to 3: what a line costs beside it, and indexes by which a million lines are summed at once.
-- Older lines cost nothing until their manifest is run again. Must leave what schema.sql makes of an
-- empty file; a test compares them.

ALTER TABLE items ADD COLUMN expected INTEGER NOT NULL DEFAULT 0 CHECK (expected >= 0);
ALTER TABLE items ADD COLUMN ceiling INTEGER NOT NULL DEFAULT 0 CHECK (ceiling >= 0);
ALTER TABLE items ADD COLUMN
  currency TEXT NOT NULL DEFAULT 'cents' CHECK (currency IN ('cents', 'credits'));

CREATE INDEX parts_astir ON parts (state) WHERE state NOT IN ('planned', 'saved');
-- All that sums over a manifest need, so that a million lines are summed without being read.
CREATE INDEX items_to_sum ON items (manifest_id, purchase_id, currency, expected, ceiling);
