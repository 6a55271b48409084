"""Reservations by the group: one statement takes the parts, checks the cap and sets the money aside."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from runner.ledger.attempts import Attempts
from runner.ledger.db import Refused
from runner.ledger.rows import Reservation
from runner.ledger.store import AlreadyLive, OverTheCap

_RESERVE = """
WITH n AS (
  SELECT * FROM unnest(CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS bigint[]),
    CAST(? AS bigint[])) WITH ORDINALITY AS n (part_id, service, token, expected, ceiling, place)),
cap AS (
  SELECT CASE WHEN ? = 'cents' THEN cap - spent - reserved - in_doubt
    ELSE credits_cap - credits_spent - credits_reserved - credits_in_doubt END AS room
  FROM manifests WHERE id = ? FOR NO KEY UPDATE),
free AS (
  SELECT n.* FROM n JOIN parts t ON t.id = n.part_id
  WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.part_id = n.part_id AND a.superseded = 0
    AND a.state NOT IN ('planned', 'rejected', 'released', 'failed charged'))
  ORDER BY n.place FOR NO KEY UPDATE OF t SKIP LOCKED),
counted AS (SELECT free.*, sum(ceiling) OVER (ORDER BY place) AS total FROM free),
made AS (
  INSERT INTO attempts (part_id, manifest_id, service, token, currency, expected, ceiling, hold, state, purse,
    created, changed, run_id, driver)
  SELECT c.part_id, ?, c.service, c.token, ?, c.expected, c.ceiling, c.ceiling, 'reserved', 'reserved',
    CAST(? AS double precision), CAST(? AS double precision), CAST(? AS bigint), CAST(? AS bigint)
  FROM counted c, cap WHERE c.total <= cap.room ORDER BY c.place
  RETURNING id, part_id, token, ceiling, currency, created),
moved AS (UPDATE parts t SET state = 'reserved', reason = '' FROM made WHERE t.id = made.part_id),
told AS (
  INSERT INTO history (at, part_id, attempt_id, state, reason)
  SELECT created, part_id, id, 'reserved', '' FROM made ORDER BY id),
less AS (
  UPDATE allotments SET cents = greatest(0, cents - (SELECT coalesce(sum(ceiling), 0) FROM made))
  WHERE manifest_id = ? AND ? = 'cents')
SELECT token, id FROM made
"""


class GroupedAttempts(Attempts):
    """Attempts of which several are made at once."""

    def reserve_many(self, wishes: Sequence[Reservation]) -> list[int | OverTheCap | AlreadyLive]:
        """Reserve for one manifest in this order; for each its attempt's number, or why there is none."""
        if len(wishes) == 1:
            return [self._reserved(wishes[0])]
        answers: list[int | OverTheCap | AlreadyLive] = []
        for _, each in groupby(wishes, attrgetter("manifest_id", "currency")):
            together = list(each)
            made = self._reserve_together(together)
            # one by one what met something: a cap that is used up, another host that buys the same
            answers += [made.get(wish.token) or self._reserved(wish) for wish in together]
        return answers

    def _reserve_together(self, wishes: list[Reservation]) -> dict[str, int]:
        """The attempts that could be made at once, by token."""
        fields = attrgetter("part_id", "service", "token", "expected", "ceiling")
        columns = [list(each) for each in zip(*map(fields, wishes), strict=True)]
        manifest, currency, now = wishes[0].manifest_id, wishes[0].currency, self.hour()
        values = (
            *(*columns, currency, manifest, manifest, currency, now, now, self.run_id, self.lease),
            *(manifest, currency),
        )
        try:
            with self._db.tentative():
                return dict(self._db.execute(_RESERVE, values).fetchall())
        except Refused:
            return {}
