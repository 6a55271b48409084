"""The ledger in a PostgreSQL database: many hosts, one wallet."""
