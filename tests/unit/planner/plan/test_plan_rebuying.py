"""Audio that was bought before with other options."""

from types import SimpleNamespace

from planner.history import Bought
from planner.pricing import Standing
from planner.rebuying import Change, rebuyings

AUDIO = "a" * 64
NOW = {"language": "en", "enable_word_timestamps": True}


def line(sha256=AUDIO, service="transcription", standing=Standing.TO_PAY, submitted=None):
    product = SimpleNamespace(name=service, service=SimpleNamespace(name=service.partition(":")[0]))
    choice = SimpleNamespace(product=product, submitted=NOW if submitted is None else submitted)
    return SimpleNamespace(item=SimpleNamespace(sha256=sha256), choice=choice, standing=standing)


def test_what_changed_is_told_option_by_option():
    before = Bought(AUDIO, "transcription", {"enable_word_timestamps": True, "min_speakers": 2})
    (found,) = rebuyings([line()], [before])
    assert set(found.changes) == {Change("min_speakers", 2, None), Change("language", None, "en")}


def test_of_several_earlier_purchases_the_nearest_is_told():
    far = Bought(AUDIO, "transcription", {"language": "de", "min_speakers": 2})
    near = Bought(AUDIO, "transcription", {**NOW, "language": "de"})
    (found,) = rebuyings([line()], [far, near])
    assert found.changes == (Change("language", "de", "en"),)


def test_another_variant_of_the_same_service_is_a_change():
    before = Bought(AUDIO, "stems:two", {"mode": "two"})
    (found,) = rebuyings([line(service="stems:six", submitted={"mode": "six"})], [before])
    assert found.changes == (Change("mode", "two", "six"),)


def test_other_audio_other_services_and_free_lines_are_no_rebuyings():
    before = Bought(AUDIO, "transcription", {})
    others = [
        line(sha256="b" * 64),
        line(sha256=None),
        line(service="stems:two"),
        line(standing=Standing.PAID_BEFORE),
    ]
    assert rebuyings(others, [before]) == ()
