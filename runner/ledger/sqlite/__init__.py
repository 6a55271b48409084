"""The ledger in a SQLite file: one machine, no server."""
