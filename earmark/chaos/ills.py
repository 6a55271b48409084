"""What goes wrong at the simulator in a round: faults and switches, drawn at random."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from earmark.chaos.hasty import ANSWER

Fault = dict[str, Any]
Rng = random.Random

FEWEST, MOST = 1, 9
"""Faults in one round; some are drawn twice, and count once."""


SWITCHED = 0.1
"""How often each switch is set."""


@dataclass(frozen=True, slots=True)
class Ills:
    """The faults of a round, and the switches that it sets."""

    faults: tuple[Fault, ...]
    switches: dict[str, Any]

    @property
    def scenario(self) -> dict[str, Any]:
        """As the simulator takes it."""
        return {"clear": True, "faults": list(self.faults), **WELL, **self.switches}


WELL: dict[str, Any] = {
    "job_seconds": 0.2,
    "job_seconds_per_minute": 0.0,
    "list_delay": 0.0,
    "names": "keep",
    "list_names": True,
    "other_case": False,
    "hollow_results": False,
    "balance_shows_holds": False,
    "charge_at_submit": False,
    "error_body": "flat",
    "link_seconds": 3600.0,
    "usage_delay": 0.0,
    "voice_list": "array",
    "transcription_paging": "offset",
    "conversion_url": False,
    "longest_result_seconds": 20,
}
"""A service that behaves."""

RECOVERED: dict[str, Any] = {"clear": True, "list_delay": 0.0, "usage_delay": 0.0, "link_seconds": 3600.0}
"""The end of the bad day; names that were lost stay lost."""


def drawn(rng: Rng) -> Ills:
    """The ills of one round."""
    kinds = rng.choices([*_ILLS], [weight for weight, _ in _ILLS.values()], k=rng.randint(FEWEST, MOST))
    faults = [_ILLS[kind][1](rng) for kind in dict.fromkeys(kinds)]
    told = {fault["do"] for fault in faults}
    if "fail_charged" in told:  # a charge that no row ever shows cannot be known to anybody
        faults = [fault for fault in faults if fault["do"] not in ("usage_never", "usage_late")]
    switches = {name: draw(rng) for name, draw in _SWITCHES.items() if rng.random() < SWITCHED}
    return Ills(tuple(faults), {"job_seconds": rng.choice((0.0, 0.2, 0.5, 1.5)), **switches})


def _some(rng: Rng, most: int = 5) -> list[int]:
    """The ordinals of the requests that a fault strikes."""
    return sorted(rng.sample(range(1, most + 1), rng.randint(1, 3)))


def _at(place: str, do: str, most: int = 5, **more: Any) -> Callable[[Rng], Fault]:
    return lambda rng: {"at": place, "do": do, "nth": _some(rng, most), **more}


def _slow(do: str) -> Callable[[Rng], Fault]:
    def draw(rng: Rng) -> Fault:
        return {"at": "submit:*", "do": do, "nth": _some(rng), "seconds": rng.choice((0.3, ANSWER + 1))}

    return draw


def _read(do: str, *places: str, **more: Any) -> Callable[[Rng], Fault]:
    def draw(rng: Rng) -> Fault:
        return {"at": rng.choice(places), "do": do, "nth": _some(rng, 8), **more}

    return draw


_LOOKS = ("list:*", "status:*", "result:*", "wallet:*")

_ILLS: dict[str, tuple[int, Callable[[Rng], Fault]]] = {
    # An order arrives, and its answer does not.
    "drop": (6, _at("submit:*", "drop")),
    "reset": (4, _at("submit:*", "reset")),
    "gateway": (4, lambda rng: _at("submit:*", "gateway", status=rng.choice((502, 504)))(rng)),
    "slow": (4, _slow("slow")),
    "trickle head": (2, _at("submit:*", "trickle_head", seconds=0.1)),
    "trickle body": (2, _at("submit:*", "trickle_body", seconds=0.1)),
    "garbage": (3, _at("submit:*", "garbage")),
    # An order does not arrive, or is refused.
    "cut upload": (3, _at("submit:*", "cut_upload")),
    "unavailable": (3, _at("submit:*", "unavailable")),
    "unavailable early": (2, _at("submit:*", "unavailable", early=True)),
    "server error": (2, _at("submit:*", "server_error")),
    "rate limited": (3, _at("submit:*", "rate_limited", retry_after=0)),
    "short of money": (1, _at("submit:*", "short_of_money")),
    "bad request": (1, _at("submit:*", "bad_request")),
    "too large": (1, _at("submit:*", "too_large")),
    # A job turns out oddly.
    "fail": (4, _at("submit:*", "fail")),
    "cancel": (2, _at("submit:*", "cancel")),
    "fail charged": (2, _at("submit:*", "fail_charged")),
    "never": (1, _at("submit:*", "never", most=3)),
    "no result": (1, _at("submit:*", "no_result")),
    "strange word": (1, _at("submit:*", "status_word", text="QUEUED_AGAIN")),
    "long job": (2, _at("submit:*", "job_seconds", seconds=2.5)),
    # Its bill does.
    "usage late": (3, _at("submit:*", "usage_late", seconds=0.8)),
    "usage never": (1, _at("submit:*", "usage_never")),
    "usage twice": (2, _at("submit:*", "usage_twice")),
    "usage split": (2, _at("submit:*", "usage_split")),
    "usage nameless": (1, _at("submit:*", "usage_without_job_id")),
    "charged more": (1, _at("submit:*", "charge_extra", cents=2)),
    # Looking at it goes wrong.
    "look refused": (4, _read("unavailable", *_LOOKS)),
    "look fails": (2, _read("server_error", *_LOOKS)),
    "look garbage": (2, _read("garbage", *_LOOKS)),
    "look dropped": (2, _read("drop", *_LOOKS)),
    "look slow": (1, _read("slow", *_LOOKS, seconds=ANSWER + 1)),
    "too many looks": (2, _read("rate_limited", *_LOOKS, retry_after=0)),
    "page repeated": (1, _read("repeat_page", "list:*", "wallet:usage")),
    "not found": (2, _read("not_found", "status:*", "result:*")),
    # Fetching it goes wrong.
    "cut download": (4, _read("cut_download", "download:*")),
    "wrong length": (2, _read("wrong_length", "download:*", bytes=7)),
    "link expired": (3, _read("link_expired", "download:*")),
    "download refused": (2, _read("unavailable", "download:*")),
}
"""Each with its weight."""

_SWITCHES: dict[str, Callable[[Rng], Any]] = {
    "list_delay": lambda rng: rng.choice((0.3, 1.0)),
    "names": lambda rng: rng.choice(("strip", "change")),
    "list_names": lambda _rng: False,
    "other_case": lambda _rng: True,
    "hollow_results": lambda _rng: True,
    "balance_shows_holds": lambda _rng: True,
    "charge_at_submit": lambda _rng: True,
    "error_body": lambda rng: rng.choice(("nested", "text", "html")),
    "link_seconds": lambda rng: rng.choice((0.2, 1.0)),
    "usage_delay": lambda _rng: 0.5,
    "voice_list": lambda _rng: "envelope",
    "transcription_paging": lambda rng: rng.choice(("skip", "both")),
    "conversion_url": lambda _rng: True,
}
