"""Many hosts on one ledger: shifts of a manifest, who works on them, and what became of them."""
