"""Documents of runs and plans that never were, of any size: for tests of what is made of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from msgspec.structs import replace

from earmark.reports.document import (
    Drift,
    Effort,
    Elsewhere,
    FateSum,
    Following,
    Item,
    Moment,
    Money,
    Purse,
    Report,
    Share,
    Step,
    Stopped,
)
from earmark.reports.planned import (
    Advice,
    Files,
    Gate,
    LeftOut,
    NotPriced,
    Planned,
    Product,
    Row,
    Skipped,
)

RATES = {"transcription": 1, "stems:six": 10, "stems:two": 6, "noise_reduction": 4}
FOLDERS = ("podcasts/s01", "podcasts/s02", "songs/first light", "songs/harbour", "talks", "archive/2019")
STARTED = datetime(2026, 11, 30, 7, 2, 11, tzinfo=UTC)
ENDS = {"stems:six": ("vocals.wav", "drums.wav", "bass.wav"), "stems:two": ("vocals.wav", "other.wav")}
REASONS = {
    "failed": "the service could not decode the audio: unexpected end of stream",
    "rejected": "no speech found (not charged, not tried again by itself)",
    "in doubt": "the answer to the submit was lost at 07:31",
    "lost": "410: the service deleted the result before it was fetched",
}
STATES = {"waiting": "planned", "in doubt": "in_doubt", "running": "submitted", "failed": "released"}


def item(file: str = "talks/ep1.mp3", **rest: Any) -> Item:
    """One item: saved, 10 cents planned and charged."""
    values: dict[str, Any] = {
        "file_bytes": None,
        "service": "transcription",
        "fate": "saved",
        "state": "saved",
        "reason": "",
        "ms": 600_000,
        "grade": "exact",
        "bytes": 9_600_000,
        "currency": "cents",
        "expected": 10,
        "ceiling": 11,
        "charged": 10,
        "held": 0,
        "shared": False,
        "paid_before": False,
        "saved": 0,
        "tries": 0,
        "job_id": "4711",
        "since": "2026-11-30T07:10:00Z",
        "results": [],
    }
    return Item(file=file, **{**values, **rest})


def items(count: int, output: str, seed: int = 7) -> Iterator[Item]:
    """So many items as a run leaves them: most saved, a few that somebody should look at."""
    draw = Random(seed)
    for number in range(count):
        folder = FOLDERS[number % len(FOLDERS)]
        if count > 1000:
            folder += f"/show {number // 400:03d}"
        service = draw.choices(list(RATES), [6, 2, 1, 1])[0]
        fate = draw.choices(
            ["saved", "failed", "rejected", "in doubt", "waiting", "lost"], [90, 2, 2, 1, 4, 0.5]
        )[0]
        yield _item(draw, number, f"{folder}/episode {number:05d}.mp3", service, fate, output)


def _item(draw: Random, number: int, file: str, service: str, fate: str, output: str) -> Item:
    ms = draw.randint(20_000, 5_400_000)
    price = max(1, -(-ms * RATES[service] // 60_000))
    saved, paid = fate == "saved", fate == "saved" and draw.random() < 0.06
    drift = draw.choice([0] * 18 + [1, -1, 2])
    stem = file.removesuffix(".mp3")
    ends = [f"/{name}" for name in ENDS.get(service, ())] or [".srt", ".json"]
    return item(
        file,
        service=service,
        fate=fate,
        state=STATES.get(fate, fate),
        reason=REASONS.get(fate, ""),
        ms=ms,
        grade="exact",
        bytes=ms * 16,
        expected=0 if paid else price,
        ceiling=0 if paid else price + 1,
        charged=0 if paid else max(1, price + drift) if saved else None,
        held=price + 1 if fate == "in doubt" else 0,
        paid_before=paid,
        saved=price if paid else 0,
        tries=int(fate == "failed"),
        job_id="" if fate == "waiting" else str(184_000 + number),
        since=None if fate == "waiting" else rfc3339(STARTED + timedelta(seconds=number * 7)),
        results=[f"{output}/{stem}{end}" for end in ends] if saved else [],
    )


def rfc3339(at: datetime) -> str:
    """A time as documents write it."""
    return at.isoformat().replace("+00:00", "Z")


def made(count: int = 40, output: str = "/home/me/results", *, seed: int = 7, **rest: Any) -> Report:
    """What `run` makes of so many items."""
    return of(list(items(count, output, seed)), output=output, **rest)


def of(lines: Sequence[Item], *, output: str = "/home/me/results", **rest: Any) -> Report:
    """What `run` makes of these items; sums and amounts are theirs."""
    spent = sum(each.charged or 0 for each in lines)
    doubt = sum(each.held for each in lines if each.fate == "in doubt")
    reserved = sum(each.held for each in lines) - doubt
    cap = -(-(sum(each.ceiling for each in lines) + 100) // 100) * 100
    left = cap - spent - doubt - reserved
    done = sum(each.fate == "saved" for each in lines)
    values: dict[str, Any] = {
        "made_by": "run",
        "made": "2026-11-30T10:06:40Z",
        "earmark": "0.1.0",
        "running": False,
        "outcome": "some items failed" if done < len(lines) else "done",
        "exit": 1 if done < len(lines) else 0,
        "also": [],
        "sentence": f"ENDED, exit 1: some items failed. {done:,} of {len(lines):,} done, nothing paid twice.",
        "manifest": "manifest.yaml",
        "id": "7c0e5a41d2f94b6b",
        "root": "/home/me/audio",
        "output": output,
        "amounts": Money(cap=cap, spent=spent, reserved=reserved, in_doubt=doubt, left=left, over=0),
        "credits": None,
        "besides": None,
        "fates": list(fates(lines)),
        "services": shares(lines, "service"),
        "folders": shares(lines, "file"),
        "drift": drifts(lines),
        "timeline": timeline(lines),
        "wallet": Purse(
            balance=5000, total_spent=spent, low=False, went_elsewhere=Elsewhere(least=277, most=323)
        ),
        "planned": planned(),
        "effort": Effort(
            submitted=done, sent_bytes=10_300_000_000, seconds=11_069.0, refused=None, credits_refused=None,
            repriced=None, shortage=None, declined=False, left_by_fit=0, pilot=None, signal=None, hosts=[],
            stops=[Stopped("money", "the wallet ran dry at 10:06 (the next item needs $0.61)")],
        ),
        "notes": ["2 results were on disk before."],
        "next": Following(
            path=[
                Step(command="earmark wallet topup --amount 3", words=None),
                Step(command="run manifest.yaml --max-spend 50", words="sends what waits"),
            ],
            others=[Step(command="earmark reconcile manifest.yaml", words="what is in doubt")],
        ),
        "items": lines,
    }  # fmt: skip
    return Report(**{**values, **rest})


def fates(lines: Sequence[Item]) -> Iterator[FateSum]:
    """A sum for each end."""
    for fate in dict.fromkeys(each.fate for each in lines):
        mine = [each for each in lines if each.fate == fate]
        charged, held = sum(each.charged or 0 for each in mine), sum(each.held for each in mine)
        expected = sum(each.expected for each in mine)
        yield FateSum(
            fate=fate, items=len(mine), cents=charged + held, charged=charged, held=held, expected=expected,
            credits=0, credits_charged=0, credits_held=0, credits_expected=0, shared=0,
            unbilled=sum(each.charged is None and each.held > 0 for each in mine),
        )  # fmt: skip


def shares(lines: Sequence[Item], by: str) -> list[Share]:
    """By service, or by the first two folders of a file; the dearest first."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for each in lines:
        groups[each.service if by == "service" else "/".join(each.file.split("/")[:-1][:2])].append(each)
    found = [
        Share(
            name=name,
            items=len(mine),
            done=sum(each.fate == "saved" for each in mine),
            **{
                field: sum(getattr(each, field) or 0 for each in mine)
                for field in ("ms", "bytes", "expected", "ceiling", "charged", "held", "saved")
            },
            **dict.fromkeys(("credits", "credits_ceiling", "credits_charged", "credits_held"), 0),
        )
        for name, mine in groups.items()
    ]
    return sorted(found, key=lambda share: -share.expected)


def drifts(lines: Sequence[Item]) -> list[Drift]:
    """Charged against planned, by service."""
    return [
        Drift(
            service=service,
            expected=sum(
                each.expected for each in lines if each.service == service and each.charged is not None
            ),
            charged=sum(each.charged or 0 for each in lines if each.service == service),
        )
        for service in sorted({each.service for each in lines})
    ]


def timeline(lines: Sequence[Item], most: int = 200) -> list[Moment]:
    """Where the run stood, at even steps of its items."""
    saved = [each for each in lines if each.since and (each.charged is not None or each.held)]
    done = cents = 0
    found = []
    for number, each in enumerate(saved, 1):
        done, cents = done + (each.fate == "saved"), cents + (each.charged or each.held)
        if number % max(1, -(-len(saved) // most)) == 0 or number == len(saved):
            found.append(Moment(at=each.since or "", done=done, cents=cents))
    return found


ROW = Row(items=0, ms=0, cents=0, ceiling=0, bytes=0, characters=0, credits=0, credits_ceiling=0)


def planned(**rest: Any) -> Planned:
    """What only planning knows."""
    total = replace(ROW, items=388, ms=1_051_800_000, cents=17_722, ceiling=17_731, bytes=38_400_000_000)
    values: dict[str, Any] = {
        "created": "2026-11-30T06:55:00Z",
        "catalogue": "2026-05-22",
        "cap": None,
        "committed": 0,
        "files": Files(seen=403, to_pay=388, paid=9, over=0, left_out=6),
        "products": [Product(product="transcription", row=total, rate="1")],
        "total": total,
        "paid_before": replace(ROW, items=9, ms=20_820_000),
        "same_audio": ROW,
        "did_not_fit": ROW,
        "did_not_fit_items": [],
        "did_not_fit_more": 0,
        "fit": None,
        "left_out": [
            LeftOut("podcasts/cover.jpg", None, "no audio", "", folder=False),
            LeftOut("podcasts/s01/ep09.mp3", None, "cut off", "at 31:10 of 58:02", folder=False),
            LeftOut("old", None, "not readable", "permission denied", folder=True),
        ],
        "left_out_more": 0,
        "not_priced": [NotPriced("talks/hum.opus", None, "stems:six", "unknown length", "no total in it")],
        "not_priced_more": 0,
        "skipped": [Skipped("hidden files", 12), Skipped("results of earlier runs", 80)],
        "advice": [
            Advice(
                kind="pair",
                words="11 pairs x.mp3 + x.wav of one length are probably one recording each.",
                items=11,
                cents=495,
                files=["talks/a.mp3", "talks/a.wav"],
                command="--exclude '*.wav'",
            )
        ],
        "spoken": [],
        "spoken_more": 0,
        "to_know": {},
        "dearest": [],
        "rules": None,
        "fits_cap": None,
        "gate": None,
    }
    return Planned(**{**values, **rest})


def gate(**rest: Any) -> Gate:
    """A wallet that does not suffice."""
    values: dict[str, Any] = {
        "known": True,
        "reason": None,
        "balance": 5000,
        "held": 0,
        "verdict": "over_balance",
        "needed": 17_731,
        "short": 12_731,
        "prices_read": True,
        "prices_moved": [],
        "fits_now": None,
        "try_first": None,
        "top_up": "earmark wallet topup --amount 128",
    }
    return Gate(**{**values, **rest})
