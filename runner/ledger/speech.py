"""What spoken texts came to: what the next estimate of a text's length can go by."""

import json
from fractions import Fraction

from runner.ledger.store import Store

MOST = 500
"""Jobs looked back at, the newest first: voices are changed, and an average of more tells no more."""


class Speech(Store):
    """Texts that were spoken and billed."""

    def speech(self, voice: str, language: str = "") -> list[tuple[int, int, Fraction]]:
        """Jobs of one voice, the newest first: characters, billed seconds, speed.

        Args:
            voice: as the submit options name it.
            language: likewise; empty where none was given.
        """
        rows = self._db.execute(
            "SELECT p.characters, sum(u.seconds), p.options FROM attempts a"
            " JOIN parts t ON t.id = a.part_id JOIN purchases p ON p.id = t.purchase_id"
            " JOIN usage_rows u ON u.attempt_id = a.id"
            " WHERE a.service = 'tts' AND a.settled = 'billed' AND a.charge > 0 AND u.cents > 0"
            " AND a.state IN ('finished', 'saved', 'lost') AND p.characters > 0"
            " AND json_extract(p.options, '$.voice') = ?"
            " AND coalesce(json_extract(p.options, '$.language'), '') = ?"
            " GROUP BY a.id, p.id HAVING sum(u.seconds) > 0 ORDER BY a.id DESC LIMIT ?",
            (voice, language, MOST),
        )
        return [(characters, seconds, _speed(options)) for characters, seconds, options in rows]


def _speed(options: str) -> Fraction:
    return Fraction(str(json.loads(options).get("speed", 1)))
