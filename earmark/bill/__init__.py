"""The bill: what was paid in a period, by whom, and whether the wallet agrees."""
