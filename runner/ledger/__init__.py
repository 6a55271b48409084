"""The ledger: one for each wallet, the durable truth about what was bought with it."""
