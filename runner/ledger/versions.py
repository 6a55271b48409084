"""The version of the ledger's tables, the same in every store."""

VERSION = 5
