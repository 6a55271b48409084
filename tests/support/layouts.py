"""What each store knows of the tables of a ledger, in words that can be compared."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import psycopg

Row = tuple[Any, ...]

KINDS = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea", "REAL": "double precision"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Tables and what they promise, each a set of rows that begin with a table's name."""

    columns: set[Row]  # name, kind, whether it is needed, default
    keys: set[Row]  # primary or unique, columns
    references: set[Row]  # column, other table
    indexes: set[Row]  # name, unique, columns, rows it is of
    checks: set[Row]  # condition
    triggers: set[Row]  # name
    names: set[Row]  # of the checks that were given one

    def without(self, *tables: str) -> "Layout":
        """All but some tables."""
        return Layout(*({row for row in getattr(self, f.name) if row[0] not in tables} for f in fields(self)))


def of_file(path: Path) -> Layout:
    """As SQLite tells it."""
    with closing(sqlite3.connect(path)) as db:
        schema = db.execute("SELECT type, tbl_name, name, sql FROM sqlite_schema WHERE sql <> ''").fetchall()
        of_kind = {
            kind: [row[1:] for row in schema if row[0] == kind] for kind in ("table", "index", "trigger")
        }
        columns = [
            (table, *row)
            for table, *_ in of_kind["table"]
            for row in db.execute(f"PRAGMA table_info({table})")
        ]
        checks = [(table, *each) for table, _, sql in of_kind["table"] for each in _checks(sql)]
        return Layout(
            columns={
                (table, name, KINDS[kind], bool(needed or key), default)
                for table, _, name, kind, needed, default, key in columns
            },
            keys={
                key
                for table, *_ in of_kind["table"]
                for key in _keys(db, table, [row[1:] for row in columns if row[0] == table])
            },
            references={
                (table, row[3], row[2])
                for table, *_ in of_kind["table"]
                for row in db.execute(f"PRAGMA foreign_key_list({table})")
            },
            indexes={
                (table, name, "UNIQUE" in sql, _columns_of(db, name), _bare(sql.partition(" WHERE ")[2]))
                for table, name, sql in of_kind["index"]
            },
            checks={(table, _bare(condition)) for table, _, condition in checks},
            triggers={(table, name) for table, name, _ in of_kind["trigger"]},
            names={(table, name) for table, name, _ in checks if name},
        )


def _keys(db: sqlite3.Connection, table: str, columns: list[Row]) -> Iterator[Row]:
    primary = sorted((row[5], row[1]) for row in columns if row[5])
    if primary:
        yield table, "p", tuple(name for _, name in primary)
    for row in db.execute(f"PRAGMA index_list({table})").fetchall():
        if row[3] == "u":  # made by UNIQUE in the table
            yield table, "u", _columns_of(db, row[1])


def _columns_of(db: sqlite3.Connection, index: str) -> tuple[str, ...]:
    return tuple(row[2] for row in db.execute(f"PRAGMA index_xinfo({index})").fetchall() if row[5])


def _checks(sql: str) -> Iterator[tuple[str | None, str]]:
    """The conditions of a table, each with its name, if it was given one."""
    for found in re.finditer(r"(?:CONSTRAINT (\w+) )?CHECK \(", sql):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield found.group(1), sql[found.end() : end - 1]


_HERE = "JOIN pg_class t ON t.oid = {} AND t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'"


def of_database(dsn: str) -> Layout:
    """As PostgreSQL tells it."""
    with psycopg.connect(dsn, autocommit=True) as db:

        def asked(sql: str, table: str) -> Iterator[Row]:
            return iter(db.execute(sql.replace("$", _HERE.format(table)).encode()))

        constraints = list(
            asked(
                "SELECT t.relname, contype, conname, ARRAY(SELECT attname::text"
                "   FROM unnest(conkey) WITH ORDINALITY AS k (number, nth)"
                "   JOIN pg_attribute ON attrelid = conrelid AND attnum = k.number ORDER BY nth),"
                " confrelid::regclass::text, pg_get_expr(conbin, conrelid) FROM pg_constraint $",
                "conrelid",
            )
        )
        return Layout(
            columns=set(
                asked(
                    "SELECT t.relname, attname, format_type(atttypid, NULL), attnotnull,"
                    " regexp_replace(pg_get_expr(adbin, adrelid), '::\\w+', '') FROM pg_attribute $"
                    " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
                    " WHERE attnum > 0 AND NOT attisdropped",
                    "attrelid",
                )
            ),
            keys={(table, kind, tuple(names)) for table, kind, _, names, *_ in constraints if kind in "pu"},
            references={(table, *names, to) for table, kind, _, names, to, _ in constraints if kind == "f"},
            indexes={
                (table, name, unique, tuple(names), _bare(condition))
                for table, name, unique, names, condition in asked(
                    "SELECT t.relname, indexrelid::regclass::text, indisunique,"
                    " ARRAY(SELECT pg_get_indexdef(indexrelid, n, true) FROM generate_series(1, indnatts) n),"
                    " coalesce(pg_get_expr(indpred, indrelid), '') FROM pg_index $ WHERE NOT EXISTS"
                    " (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
                    "indrelid",
                )
            },
            checks={(table, _bare(condition)) for table, kind, *_, condition in constraints if kind == "c"},
            triggers=set(
                asked("SELECT t.relname, tgname FROM pg_trigger $ WHERE NOT tgisinternal", "tgrelid")
            ),
            names={(table, name) for table, kind, name, *_ in constraints if kind == "c"},
        )


def _bare(condition: str) -> str:
    """A condition without what the stores write each in its way."""
    text = re.sub(r"::(double precision|\w+)(\[\])?", "", condition)
    text = re.sub(r"<> ALL \(+ARRAY\[(.*?)\]", r"NOT IN \1", text)
    text = re.sub(r"= ANY \(+ARRAY\[(.*?)\]", r"IN \1", text)
    return re.sub(r"[()\s]", "", text)
