"""What many hosts share on one ledger: dispatches cut into shifts, who takes them, who is alive.

In short:

- A run that shares its work begins with a lease (`begin_run(..., lease=LEASE)`), makes a dispatch
  (`begin_dispatch`) and offers its lines (`offer`). It looks on (`waiting`, `ended_shifts`, `absences`,
  `hopeless`) until nothing waits, and ends it (`end_dispatch`), or stops it (`stop_dispatch`).
- A process that takes shifts enters (`enter`), takes one (`take_shift`), lets the ledger drive it
  (`drives`), ends it (`end_shift`) and leaves (`leave`).
- Every process gives signs of life for its runs from a connection of its own (`beat`). Anybody looks for
  those that give none (`fence_dead`), and rings for shifts that have waited (`waiting_shifts`).
- What one host reads of the service answers all that asked before (`board`, `begin_look` and so on); how
  often they call it together, the ledger says (`share`, `halve_rate`).

All times are the ledger's own clock (`moment`). A ledger with a `lease` checks and counts it first in each
transaction, and raises LeaseLost once the run was fenced or its lease is over.
"""

from runner.ledger.paces import Paces


class Fleet(Paces):
    """All of it."""
