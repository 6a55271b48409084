from datetime import datetime, timedelta, timezone
from fractions import Fraction

import pytest

from manifests.errors import UsageError
from manifests.manifest import total
from manifests.money import Cents
from planner.heading import head_of, id_of
from planner.history import History
from planner.pricing import paid_before

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=timezone(timedelta(hours=1)))


def test_the_head_says_what_the_plan_stands_on(priced, chosen):
    items = [priced("a.mp3", ms=1_834_210).item, paid_before(priced("b.mp3", ms=60_000)).item]
    choices = chosen("transcription", "stems:karaoke")
    head = head_of("7c0e5a41d2f94b6b", NOW, "podcasts", "2026-05-22", choices, total(items), Cents(2000))
    assert (head.id, head.created, head.root) == ("7c0e5a41d2f94b6b", "2026-11-23T05:00:00Z", "podcasts")
    assert head.rates == {"transcription": Fraction(1), "stems:karaoke": Fraction(15)}
    assert (head.total.items, head.total.seconds, head.total.cents, head.total.ceiling) == (2, 1895, 31, 31)
    assert (head.catalogue, head.cap, head.version) == ("2026-05-22", 2000, 1)


def test_a_name_always_gives_the_same_id():
    assert id_of("pr-481") == id_of(" pr-481 ")
    assert id_of("pr-481") != id_of("pr-482")
    assert len(id_of("pr-481")) == 16
    assert int(id_of("pr-481"), 16)


@pytest.mark.parametrize(
    ("name", "kept"),
    [(" pr-481 ", "pr-481"), (None, None), ("x" * 101, None), ("a\nb", None), ("bad\udcff", None)],
)
def test_a_name_is_kept_where_a_head_can_hold_it(name, kept):
    head = head_of("7c0e5a41d2f94b6b", NOW, ".", "2026-05-22", (), total([]), None, name)
    assert head.name == kept


@pytest.mark.parametrize("name", ["", "  "])
def test_a_blank_name_is_refused(name):
    with pytest.raises(UsageError, match="--name is empty"):
        id_of(name)


def test_without_a_ledger_nothing_is_known():
    history = History()
    assert history.paid(["k"]) == set()
    assert history.known_audio_bytes() == set()
    assert not history.ours("/media/results/a.srt")
    assert history.unfinished("7c0e5a41d2f94b6b") == 0
    assert history.committed("7c0e5a41d2f94b6b").committed == 0
    assert history.held() == 0
