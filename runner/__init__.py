"""From a manifest to saved results: the API, the ledger, the engine."""
