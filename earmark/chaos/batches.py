"""What a round buys: recordings, texts, prompts and voices, drawn at random, and the `plan` for them."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from earmark.chaos.sounds import record, words

SHARED = 0.25
"""The share of recordings that an earlier round had, under another name: they are paid before."""

LONG_TEXT = 0.1
"""The share of texts that are more than one job."""

CREDITS = 5_000
"""What a manifest may spend of the account's credits."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder with a manifest, and how it is planned and run."""

    folder: Path
    services: tuple[str, ...]
    plan: tuple[str, ...]
    cap_share: float = 1.0
    """Of the plan's ceiling; less than 1 with `--fit`."""
    credits: bool = False

    @property
    def manifest(self) -> Path:
        """Where its manifest is."""
        return self.folder / "manifest.yaml"


@dataclass(slots=True)
class Maker:
    """Makes batches; remembers what was recorded, to use it again."""

    rng: random.Random
    recorded: list[Path] = field(default_factory=list)

    def batch(self, folder: Path) -> Batch:
        """A batch in a new folder."""
        kind = self.rng.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])[0]
        return self.batch_of(kind, folder, self.rng.choice((1.0, 1.0, 1.0, 0.6)))

    def batch_of(self, kind: str, folder: Path, share: float = 1.0) -> Batch:
        """A batch of this kind in a new folder."""
        folder.mkdir(parents=True)
        services, settings = _KINDS[kind][1](self, folder)
        plan = ["plan", str(folder), "-q", "-o", str(folder / "manifest.yaml")]
        plan += [word for service in services for word in ("--service", service)]
        plan += [word for setting in settings for word in ("--set", setting)]
        named = tuple(dict.fromkeys(service.partition(":")[0] for service in services))
        return Batch(folder, named, tuple(plan), share, credits="denoise" in named)

    def recordings(self, folder: Path, most: int = 8) -> None:
        """A few recordings, some of them heard before."""
        for number in range(self.rng.randint(2, most)):
            path = folder / f"r{number}.wav"
            if self.recorded and self.rng.random() < SHARED:
                shutil.copy(self.rng.choice(self.recorded), path)
            else:
                record(path, self.rng.randint(6, 60), self._mark())
                self.recorded.append(path)

    def texts(self, folder: Path) -> None:
        """A text or two; now and then one that is several jobs."""
        for number in range(self.rng.randint(1, 2)):
            count = 3_200 if self.rng.random() < LONG_TEXT else self.rng.randint(20, 200)
            (folder / f"t{number}.txt").write_text(words(count, self._mark()), encoding="utf-8")

    def prompts(self, folder: Path) -> None:
        """A file of prompts."""
        lines = [words(5, self._mark()) for _ in range(self.rng.randint(1, 3))]
        (folder / "songs.txt").write_text("\n".join(lines), encoding="utf-8")

    def sample(self, folder: Path) -> None:
        """A sample of a voice."""
        record(folder / "voices" / "anna.wav", self.rng.randint(12, 25), self._mark())

    def _mark(self) -> str:
        return f"{self.rng.getrandbits(64):x}"


Kind = tuple[list[str], list[str]]
"""Services, and settings of them."""


def _heard(service: str, *settings: str) -> Callable[[Maker, Path], Kind]:
    def make(maker: Maker, folder: Path) -> Kind:
        maker.recordings(folder, most=4)
        return [service], list(settings)

    return make


def _mixed(maker: Maker, folder: Path) -> Kind:
    maker.recordings(folder)
    maker.texts(folder)
    return ["transcription", "stems:two", "tts"], ["tts.voice=aura"]


def _talks(maker: Maker, folder: Path) -> Kind:
    maker.recordings(folder, most=12)
    return ["transcription"], ["formats=json,srt"]


def _spoken(maker: Maker, folder: Path) -> Kind:
    maker.texts(folder)
    return ["tts"], ["voice=aura", "audio_format=wav"]


def _sung(maker: Maker, folder: Path) -> Kind:
    maker.prompts(folder)
    return ["music"], ["audio_duration=12"]


def _cloned(maker: Maker, folder: Path) -> Kind:
    maker.sample(folder)
    maker.texts(folder)
    return ["clone", "tts"], ["tts.voice=clone:voices/anna.wav"]


_KINDS: dict[str, tuple[int, Callable[[Maker, Path], Kind]]] = {
    "mixed": (4, _mixed),
    "talks": (4, _talks),
    "speech": (3, _spoken),
    "music": (2, _sung),
    "clone": (2, _cloned),
    "stems": (1, _heard("stems:four")),
    "speakers": (1, _heard("speakers")),
    "dubbing": (1, _heard("dubbing", "target_language=de")),
    "conversion": (1, _heard("conversion", "voice_uuid=101")),
    "convert": (1, _heard("convert", "output_format=mp3")),
    "karaoke": (1, _heard("karaoke")),
    "denoise": (1, _heard("denoise:balanced")),
}
