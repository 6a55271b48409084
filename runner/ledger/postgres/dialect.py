"""The ledger's SQL as PostgreSQL understands it: the few words that SQLite alone has, each named here."""

import re
from functools import cache

from runner.ledger.db import TO_CHANGE

_WORDS = (
    (re.compile(re.escape(TO_CHANGE)), "FOR NO KEY UPDATE OF a"),
    (re.compile(r"\bjson_each\(\?\)"), "jsonb_array_elements_text(CAST(? AS jsonb)) AS each (value)"),
    (re.compile(r"\bjson_extract\(([\w.]+), '\$\.(\w+)'\)"), r"(CAST(\1 AS jsonb) ->> '\2')"),
    (re.compile(r" INDEXED BY \w+"), ""),  # its planner chooses by what it counted
    (re.compile(r"\bCROSS JOIN (\w+ \w+) ON\b"), r"JOIN \1 ON"),  # likewise: here it fixes an order
    (re.compile(r"\+([a-z]+\.manifest_id)\b"), r"(\1 || '')"),  # both keep its index from being used
)


@cache
def translated(sql: str) -> str:
    """A statement with the driver's own marks for values."""
    for word, other in _WORDS:
        sql = word.sub(other, sql)
    return sql.replace("%", "%%").replace("?", "%s")
