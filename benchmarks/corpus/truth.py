"""How long files really are: decoded by ffmpeg's libraries, checked by libsndfile where it reads them.

What counts is the sound of the first sound stream as a decoder gives it: samples over the rate, encoder
delay left out where ffmpeg leaves it out, gaps not filled. Where the witnesses differ, and the length that
the file was made with does not decide, the program ffmpeg (another version) is the third; the truth is then
the interval of the two that agree. If none do it is that of all three, and the file is *disputed*. So are
chained Ogg files that some decoders do not follow to the end. A whole file that nobody decodes, or only to
something far from what it was made with, is *set aside*.
"""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

from benchmarks.corpus.ask import Asked
from benchmarks.corpus.bare import BARE
from benchmarks.corpus.shelf import Entry, Kind

TRUTH = "truth.jsonl"
SET_ASIDE = "set aside"
DISPUTED = "disputed"
FIRST_PAGES = 1000
"""Bytes within which streams begin that play at the same time."""

FAR = 0.5
FAR_PART = 0.25
"""An encoder that makes so much more or less of a sound made something else of it."""

DECODE_SECONDS = 60
LEAST = 0.1
PART = 0.01


@dataclass(frozen=True, slots=True)
class Truth:
    """Seconds from `low` to `high`, the same where it is sure; none where nothing can be decoded."""

    path: str
    digest: str
    low: float | None
    high: float | None
    by: str
    errors: bool = False

    @property
    def sounds(self) -> bool:
        """Whether there is any sound in it."""
        return self.high is not None and self.high > 0

    @property
    def set_aside(self) -> bool:
        """Whether nobody knows."""
        return self.by == SET_ASIDE

    def agrees(self, seconds: float) -> bool:
        """Whether a length is right: within 0.1 s or 1 %, whichever is more."""
        return self.low is not None and self.high is not None and near(seconds, self.low, self.high)


def near(seconds: float, low: float, high: float) -> bool:
    """Within 0.1 s or 1 % of the interval."""
    return low - max(LEAST, low * PART) <= seconds <= high + max(LEAST, high * PART)


def truths(root: Path, entries: Iterable[Entry]) -> Iterator[Truth]:
    """The truth about each file; what is in `truth.jsonl` already is not decoded again."""
    store = root / TRUTH
    known = {truth.digest: truth for truth in _stored(store)}
    with (
        store.open("a", encoding="utf-8") as file,
        Asked("ffmpeg-decoded") as one,
        Asked("libsndfile-decoded") as two,
    ):
        for entry in entries:
            digest = _digest(root / entry.path)
            if (truth := known.get(digest)) is None:
                truth = known[digest] = _decoded(root, entry, digest, one, two)
                file.write(json.dumps(asdict(truth)) + "\n")
                file.flush()
            yield truth


def _stored(store: Path) -> Iterator[Truth]:
    if store.exists():
        for line in store.read_text(encoding="utf-8").splitlines():
            yield Truth(**json.loads(line))


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.name.encode() + b"\0" + path.read_bytes(), digest_size=16).hexdigest()


def _decoded(root: Path, entry: Entry, digest: str, one: Asked, two: Asked) -> Truth:
    if entry.kind is Kind.NOT_AUDIO:
        return Truth(entry.path, digest, None, None, "made")
    path = root / entry.path
    answer = one.answer(path)
    said = {"ffmpeg's libraries": answer.get("seconds"), "libsndfile": two.seconds(path)}
    low, high, by = settled(said, entry.seconds, lambda: ffmpeg_seconds(path), pairs=not chained(path))
    if entry.kind is not Kind.DAMAGED and _unknown(low, high, entry.seconds):
        low, high, by = None, None, SET_ASIDE
    return Truth(entry.path, digest, low, high, by, errors=bool(answer.get("errors")))


def _unknown(low: float | None, high: float | None, made: float | None) -> bool:
    """Whether a whole file has no truth."""
    if low is None or high is None:
        return True
    far = max(FAR, FAR_PART * (made or 0))
    return made is not None and (low < made - far or high > made + far)


def chained(path: Path) -> bool:
    """Whether Ogg streams follow each other; libraries stop where the next one is of another make."""
    with path.open("rb") as file:
        if file.read(4) != b"OggS":
            return False
        starts = [match.start() for match in re.finditer(rb"OggS\0\x02", b"OggS" + file.read())]
    return len(starts) > 1 and starts[-1] > FIRST_PAGES


def settled(
    said: Mapping[str, float | None],
    made: float | None,
    third: Callable[[], float | None],
    *,
    pairs: bool = True,
) -> tuple[float | None, float | None, str]:
    """One truth of what witnesses decoded and the length made; the third is heard if they differ.

    Without `pairs` it is heard always, and two do not outvote one: they may stop early both.
    """
    heard = {who: seconds for who, seconds in said.items() if seconds}
    if made is not None:
        for who, seconds in heard.items():
            if near(seconds, made, made):
                return seconds, seconds, f"{who}, as made"
    if pairs and len(heard) == len(said) and _agree(heard.values()):
        return (*_ends(heard.values()), " and ".join(heard))
    if (more := third()) is not None:
        heard["ffmpeg"] = more
    if not heard:
        return None, None, "nobody"
    if _agree(heard.values()):
        return (*_ends(heard.values()), " and ".join(heard))
    for pair in combinations(heard, 2) if pairs else ():
        if _agree([heard[who] for who in pair]):
            return (*_ends([heard[who] for who in pair]), " and ".join(pair))
    return (*_ends(heard.values()), DISPUTED)


def _agree(seconds: Collection[float]) -> bool:
    return near(max(seconds), min(seconds), min(seconds))


def _ends(seconds: Collection[float]) -> tuple[float, float]:
    return min(seconds), max(seconds)


def ffmpeg_seconds(path: Path) -> float | None:
    """The seconds that the program ffmpeg decodes; None where it finds no sound."""
    muxer = BARE.get(path.suffix[1:])
    given = ["-f", muxer[0], "-ar", str(muxer[1])] if muxer else []
    command = ["ffmpeg", "-nostdin", "-v", "quiet", *given, "-i", str(path), "-map", "0:a:0", "-ac", "1"]
    command += ["-c:a", "pcm_s16le", "-f", "wav", "pipe:"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=DECODE_SECONDS, check=False).stdout
    except subprocess.TimeoutExpired:
        return None
    start = done.find(b"data") + 8
    if start < 8 or len(done) <= start:
        return None
    return (len(done) - start) / 2 / int.from_bytes(done[24:28], "little")
