-- Version 1 to 2: credits beside cents, and the characters of what is spoken. Must leave what schema.sql
-- makes of an empty file; a test compares them.

ALTER TABLE manifests ADD COLUMN credits_cap      INTEGER NOT NULL DEFAULT 0 CHECK (credits_cap >= 0);
ALTER TABLE manifests ADD COLUMN credits_spent    INTEGER NOT NULL DEFAULT 0 CHECK (credits_spent >= 0);
ALTER TABLE manifests ADD COLUMN credits_reserved INTEGER NOT NULL DEFAULT 0 CHECK (credits_reserved >= 0);
ALTER TABLE manifests ADD COLUMN credits_in_doubt INTEGER NOT NULL DEFAULT 0 CHECK (credits_in_doubt >= 0);
ALTER TABLE purchases ADD COLUMN characters INTEGER NOT NULL DEFAULT 0 CHECK (characters >= 0);
ALTER TABLE attempts ADD COLUMN
  currency TEXT NOT NULL DEFAULT 'cents' CHECK (currency IN ('cents', 'credits'));

DROP TRIGGER reserving_stays_under_the_cap;
DROP TRIGGER attempt_added;
DROP TRIGGER attempt_changed;

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
    in_doubt = in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0)
  WHERE id = NEW.manifest_id;
END;

CREATE TRIGGER credit_attempt_added AFTER INSERT ON attempts WHEN NEW.currency = 'credits' BEGIN
  UPDATE manifests SET
    credits_spent    = credits_spent + coalesce(NEW.charge, 0),
    credits_reserved = credits_reserved + iif(NEW.purse = 'reserved', NEW.hold, 0),
    credits_in_doubt = credits_in_doubt + iif(NEW.purse = 'in doubt', NEW.hold, 0)
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
