"""Two accounts that agree: one job in the simulator's books, the same one in a ledger."""

from fractions import Fraction

from earmark.chaos.accounts import Attempt, Cap, LedgerView
from simulator.books import Books, Fate, Job, Order

ORDER = Order("transcription", "transcription", "", 3, 0, 180, Fraction(180), "a.wav", "a" * 64, token="t1")
JOB = Job(1001, ORDER, Fate(), 0.0, 1.0, "COMPLETED", charged_cents=3)
ATTEMPT = Attempt("m1", 1, "transcription", "t1", "saved", "1001", 3, 0, "billed", "cents", False, "a" * 64)
CAP = Cap("m1", "/m1.yaml", 10, 3, 0, 0)


def books_of(*jobs, **fields):
    empty = dict.fromkeys(Books.__dataclass_fields__, ())
    amounts = {name: 0 for name, kind in Books.__annotations__.items() if kind == "int"}
    spent = sum(job.charged_cents for job in jobs)
    holds = sum(job.hold_cents for job in jobs)
    told = {**empty, **amounts, "spent_cents": spent, "holds_cents": holds, "struck": {}}
    return Books(**{**told, "jobs": jobs, **fields})


def ledger_of(*attempts, lines=(), caps=(CAP,)):
    return LedgerView({cap.manifest: cap for cap in caps}, attempts, tuple(lines))
