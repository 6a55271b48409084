"""How long to wait: every default with its unit and its reason.

Waits come from tenacity's strategies; the engine only asks them for seconds.
"""

import random
from dataclasses import dataclass

FIRST_LOOK = 2.0
"""Seconds from a submit to the first look at the job list (docs/api.md 17 advises 2 to 5)."""

LONGEST_LOOK = 30.0
"""Seconds between looks once jobs take long: a list request tells up to 100 jobs."""

LOOK_SHARE = 0.2
"""Jobs are looked at again after this share of their age, of half of them at least."""

QUICKEST_LOOK = 0.25
"""Seconds between looks at least where jobs were seen to take no longer, and nothing more is to be sent."""

LOOK_BATCH, LOOK_SMALL = 50, 4
"""Submits since the last look after which the next one is due at once, and those before which it is not
worth a call while more is being sent."""

LISTED, PAGE_PAUSE = 100, 3.0
"""Jobs that one page of a list shows, and the seconds between looks for each page beyond the first."""

JITTER = 0.2
"""Share by which a wait is stretched at random, so that many runs do not look in step."""

DOUBT_LOOKS = (0.0, 2.0, 5.0, 15.0, 40.0)
"""Seconds after a lost answer at which the job list is searched for its token; lists may lag."""

OLD_DOUBT_LOOKS = (0.0, 3.0)
"""The same for a doubt that an earlier run left."""

USAGE_GAPS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between readings of the usage rows while a finished job has none."""

USAGE_WHILE_BUSY = 5.0
"""Seconds between readings while jobs still run: bills are not urgent then, and calls are counted."""

USAGE_WORTH, USAGE_PATIENCE = 10, 6
"""With fewer open bills than these, and no failed job among them, it is so many times as long."""

SETTLE_WAIT = 30.0
"""Seconds that a run with nothing else to do waits for usage rows; the next run goes on with it."""

BILL_WAIT = 120.0
"""Seconds after which a failed job without a usage row counts as not charged."""

WALLET_EVERY = 60.0
RATES_EVERY = 600.0
"""Seconds between readings of balance and credits, and of the live prices, while submitting."""

GONE_LOOKS = 3
"""Times that a running job must answer 404 before it counts as lost: lists and reads may lag."""

SENDING_GRACE = 5.0
"""Seconds that an interrupted run awaits the answers of uploads whose last chunk is out."""

SIGNAL_GAP = 0.2
"""Signals closer together than this many seconds are one (a terminal sends several)."""

ENTRY_LASTS = 60.0
"""Seconds for which the addresses in a job list are used; after them the job is read anew."""

FETCH_TRIES = 5
"""Times that a result is fetched in one run before it is left to the next."""

FAILURES_TO_STOP = 5
"""Submits in a row that met a dead or failing service before the run stops early."""

GRACE_SHARE, LEAST_GRACE, MOST_GRACE = 0.1, 30.0, 600.0
"""What runs when --max-time is over is brought for this share of that time, within these seconds."""

THROTTLED_TO_STOP = 900.0
"""Seconds in which nothing but 429 came back before the run stops early."""

MAX_UNSAVED = 50
"""Finished results that may be missing on disk while more is sent. One look at a list may find as many
done at once, and four are fetched at a time: with fewer, submits would wait where nothing is wrong; with
more, a disk or a network that keeps nothing would let more be bought than is needed to see that."""

DOUBTS_TO_STOP = 3
"""Submits in a row whose answers were lost before the run stops early: each may have cost money."""

READS_TO_STOP = 4
"""Reads in a row, each repeated by itself, that got no answer before the run stops early."""

FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 60.0
"""Seconds to wait after the first failure, and at most after many in a row."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits that people or tests may want otherwise, in seconds."""

    job: float = 24 * 3600.0  # --wait
    settle: float = SETTLE_WAIT
    bill: float = BILL_WAIT
    doubt_looks: tuple[float, ...] = DOUBT_LOOKS
    first_look: float = FIRST_LOOK
    longest_look: float = LONGEST_LOOK
    retry: float = FIRST_BACKOFF  # the first of the growing waits after failures
    usage_share: float = 1.0  # of USAGE_GAPS


def grace_of(seconds: float) -> float:
    """Seconds after a --max-time of so many in which what runs is still brought."""
    return min(MOST_GRACE, max(LEAST_GRACE, GRACE_SHARE * seconds))


def backoff(failures: int, rng: random.Random, first: float = FIRST_BACKOFF) -> float:
    """Seconds to wait after the n-th failure in a row: 1, 2, 4 ... up to a minute, with jitter."""
    from tenacity import RetryCallState, wait_exponential

    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]
    state.attempt_number = max(1, failures)
    return jittered(wait_exponential(multiplier=first, max=LONGEST_BACKOFF)(state), rng)


def jittered(seconds: float, rng: random.Random) -> float:
    """The wait, stretched at random."""
    return seconds * (1 + JITTER * rng.random())
