import pytest

from manifests import catalogue
from planner.choices import choices
from planner.leftout import Reason, Unreadable
from planner.looking import Looker, Readers


class Read:
    """Readers that say what they were asked for."""

    def __init__(self):
        self.calls = []

    def readers(self):
        def prompts(path, service):
            return self._read(f"prompts of {service.name}", path)

        return Readers(
            lambda path: self._read("passages", path),
            prompts,
        )

    def _read(self, kind, path):
        self.calls.append(f"{kind}: {path}")
        return [path]


@pytest.fixture
def looked():
    def at(path, *services, settings=()):
        read = Read()
        found = Looker(read.readers()).look(path, choices(catalogue.load(), services, settings))
        if found is None:
            return [f"recording: {path}"]
        assert len(found) == len(read.calls)
        return read.calls

    return at


SPEECH = ("tts.voice=anna",)


@pytest.mark.parametrize(
    ("path", "services", "calls"),
    [
        ("a.mp3", ("transcription",), ["recording: a.mp3"]),
        ("a.txt", ("transcription",), ["recording: a.txt"]),
        ("a.md", ("tts", "transcription"), ["passages: a.md"]),
        ("a.SRT", ("tts",), ["passages: a.SRT"]),
        ("a.mp3", ("tts", "transcription"), ["recording: a.mp3"]),
        ("a.yml", ("music",), ["prompts of music: a.yml"]),
        ("a.txt", ("music", "music:xl"), ["prompts of music: a.txt"]),
        ("a.txt", ("tts", "music"), ["passages: a.txt", "prompts of music: a.txt"]),
    ],
)
def test_files_are_read_as_what_the_services_take(looked, path, services, calls):
    assert looked(path, *services, settings=SPEECH if "tts" in services else ()) == calls


@pytest.mark.parametrize(
    ("services", "detail"),
    [
        (("tts",), "not a text (.txt, .md, .srt)"),
        (("music",), "not a file of prompts (.yaml, .yml, .txt)"),
        (("tts", "music"), "not a text (.txt, .md, .srt) or a file of prompts (.yaml, .yml, .txt)"),
    ],
)
def test_what_no_service_takes_is_not_read(looked, services, detail):
    with pytest.raises(Unreadable) as caught:
        looked("a.mp3", *services, settings=SPEECH if "tts" in services else ())
    assert (caught.value.reason, caught.value.detail) == (Reason.NOT_TAKEN, detail)
