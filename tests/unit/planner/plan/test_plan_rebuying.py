"""Audio that was bought before with other options."""

from types import SimpleNamespace

from manifests import catalogue
from manifests.keys import content_key
from planner.history import Bought
from planner.pricing import Standing
from planner.rebuying import Change, Rebought
from planner.sales import NO_AUDIO

AUDIO = "a" * 64
NOW = {"language": "en", "enable_word_timestamps": True}


def line(
    sha256=AUDIO, service="transcription", standing=Standing.TO_PAY, submitted=None, needs=None, generation=0
):
    product = catalogue.load().product(service)
    submitted = NOW if submitted is None else submitted
    choice = SimpleNamespace(product=product, submitted=submitted, clones=service == "clone")
    item = SimpleNamespace(
        sha256=sha256, needs=needs, generation=generation, file="voices/anna.wav", service=service
    )
    return SimpleNamespace(item=item, choice=choice, standing=standing)


def rebuyings(lines, before):
    """What is found among lines that come one by one."""
    rebought = Rebought(lambda digests: [each for each in before if each.sha256 in digests])
    for each in lines:
        rebought.add([each])
    return rebought.found


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


def test_another_voice_is_a_change_that_people_can_read():
    before = [Bought(AUDIO, "tts", {"voice": "clone:" + "b" * 64})]
    (found,) = rebuyings([line(service="tts", submitted={}, needs="voices/anna.wav")], before)
    assert found.changes == (Change("voice", "another clone", "clone:voices/anna.wav"),)
    (found,) = rebuyings([line(service="tts", submitted={"voice": "7"})], before)
    assert found.changes == (Change("voice", "another clone", "7"),)


def test_a_clone_that_speaks_again_is_no_change():
    clone = line("c" * 64, "clone", Standing.PAID_BEFORE, submitted={})
    before = [Bought(AUDIO, "tts", {"voice": f"clone:{content_key('c' * 64, 'clone', {})}", "speed": "1"})]
    faster = line(service="tts", submitted={"speed": "2"}, needs="voices/anna.wav")
    (found,) = rebuyings([clone, faster], before)
    assert found.changes == (Change("speed", "1", "2"),)


def test_the_same_clone_bought_again_on_purpose_is_no_change():
    before = [Bought(AUDIO, "tts", {"voice": "clone:" + "b" * 64})]
    (found,) = rebuyings([line(service="tts", submitted={}, needs="a.wav", generation=1)], before)
    assert found.changes == ()


def test_prompts_have_no_audio_by_which_they_were_bought_before():
    before = [Bought(NO_AUDIO, "music", {"prompt": "calm"})]
    assert rebuyings([line(NO_AUDIO, "music", submitted={"prompt": "loud"})], before) == ()
