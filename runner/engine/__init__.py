"""The engine: one loop without I/O. Events in; ledger writes and actions out."""
