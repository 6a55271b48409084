"""Bad days on purpose: batches under kills and faults against the simulator, and the accounts compared."""
