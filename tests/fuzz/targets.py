"""Every reader of foreign bytes as a function of bytes: what it may raise, and what must hold otherwise."""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av

from fuzz import seeds
from manifests import catalogue
from manifests.errors import ManifestError, UsageError
from manifests.length import Grade
from manifests.text import read_manifest, write_manifest
from planner import addresses, prompts, rules_text, texts
from planner.containers import ogg
from planner.containers.opening import opened
from planner.leftout import Unreadable
from planner.lengths.interface import Length, Reader
from planner.lengths.registry import READERS, length_of
from planner.survey import survey
from runner import receipts
from runner.api import answers, jobs, links, names, wallet
from runner.api.address import Base
from runner.api.errors import ApiError, ServiceDown
from runner.api.services import ADAPTERS
from runner.api.verdicts import Answer

LARGEST = 1 << 20
"""Bytes of an input; time and memory are promised for so many."""

SECONDS, SECONDS_OF_TEXT = 1.0, 6.0
"""Of processor time for one input; texts are read line by line, some ten microseconds each."""

MEMORY = 100 * 2**20
"""Bytes that one input may add to what the process ever had."""

BASE = Base.parse("http://127.0.0.1:1")
PLACE = Path(tempfile.mkdtemp(dir=next(filter(os.path.isdir, ("/dev/shm",)), None)))


class Broken(Exception):
    """A promise about an input does not hold."""


@dataclass(frozen=True)
class Target:
    """One reader: what it is fed first, and what is done with an input."""

    seeds: Callable[[], list[bytes]]
    look: Callable[[bytes], None]
    seconds: float = SECONDS

    def __call__(self, data: bytes) -> None:
        """Look at an input within the limits.

        Raises:
            Broken: it took too long or too much.
        """
        memory, began = _peak(), time.process_time()
        self.look(data[:LARGEST])
        seconds, grown = time.process_time() - began, _peak() - memory
        if seconds > self.seconds * float(os.environ.get("FUZZ_PATIENCE", "1")):
            raise Broken(f"{seconds:.1f} s")
        if grown > MEMORY:
            raise Broken(f"{grown / 2**20:.0f} MB")


def _peak() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _file(data: bytes, name: str = "input") -> str:
    path = PLACE / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    return str(path)


# Lengths.


def _reader(*readers: Reader) -> Callable[[bytes], None]:
    def look(data: bytes) -> None:
        path = _file(data)
        with opened(path) as source:
            for reader in readers:
                if not reader.recognises(source):
                    continue
                with suppress(Unreadable):
                    _check(path, reader.length(source), len(data))
                return

    return look


def _whole(data: bytes) -> None:
    try:
        survey(_file(data))
    except Unreadable:
        return
    with opened(_file(data)) as source:
        length_of(source)


def _check(path: str, length: Length, size: int) -> None:
    if length.ms <= 0 or size * 8000 < length.ms * 40:
        return  # `registry` refuses these
    if not length.low_ms <= length.ms <= length.high_ms <= length.longest_ms:
        raise Broken(f"{length}")
    if length.grade is Grade.EXACT:
        _compare(path, length)


def _compare(path: str, length: Length) -> None:
    """An exact length is the decoded one, where decoding finds no fault; its ceiling is above it always."""
    heard = _decoded(path, length.longest_ms)
    if heard is None:
        return
    seconds, frame, clean = heard
    near = 100 + float(frame) * 1000
    if float(seconds) * 1000 > length.longest_ms + near:
        raise Broken(f"{float(seconds):.3f} s decoded, {length}")
    if clean and float(seconds) * 1000 < length.ms - near:
        raise Broken(f"only {float(seconds):.3f} s decoded, {length}")


def _decoded(path: str, enough_ms: int) -> tuple[Fraction, Fraction, bool] | None:
    """Seconds decoded, those of the longest frame, and whether nothing was found wrong on the way."""
    seconds = frame_seconds = Fraction(0)
    av.logging.set_level(av.logging.WARNING)
    clean = True
    try:
        with av.logging.Capture() as said, av.open(path) as container:
            for frame in container.decode(audio=0):
                one = Fraction(frame.samples, frame.sample_rate)
                seconds, frame_seconds = seconds + one, max(frame_seconds, one)
                if seconds * 1000 > enough_ms + 10_000:
                    break
    except (av.FFmpegError, ValueError, IndexError, ZeroDivisionError):
        clean = False
    finally:
        av.logging.set_level(None)
    clean = clean and not said and _checksums_are_right(path)
    return (seconds, frame_seconds, clean) if seconds else None


def _checksums_are_right(path: str) -> bool:
    """Of an Ogg file: a decoder leaves out pages whose checksum is wrong, without a word."""
    with opened(path) as source:
        if not source.head.startswith(ogg.MARK):
            return True
        raw = ((page, source.at(page.start, page.end - page.start)) for page in ogg.pages(source))
        return all(_checksum(page[:22] + bytes(4) + page[26:]) == page[22:26] for _, page in raw)


def _checksum(page: bytes) -> bytes:
    crc = 0
    for byte in page:
        crc = (crc << 8 ^ _CRC[crc >> 24 ^ byte]) & 0xFFFFFFFF
    return crc.to_bytes(4, "little")


def _crc_of(byte: int) -> int:
    crc = byte << 24
    for _ in range(8):
        crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


_CRC = [_crc_of(byte) for byte in range(256)]
"""RFC 3533, section 6."""


# Texts.


def _manifest(data: bytes) -> None:
    path = Path(_file(data, "m.yaml"))
    try:
        found = read_manifest(path)
    except ManifestError as error:
        _shown(str(error))
        return
    again = Path(_file(b"", "again.yaml"))
    from msgspec.structs import replace

    total = replace(
        found.head.total,
        items=len(found.items),
        cents=sum(item.cents for item in found.items),
        ceiling=sum(item.ceiling for item in found.items),
    )
    head = replace(found.head, total=total)
    write_manifest(again, head, found.items)
    second = read_manifest(again)
    if (second.head, second.items) != (head, found.items):
        raise Broken("what was written reads otherwise")


def _rules(data: bytes) -> None:
    try:
        found = rules_text.read_rules(_file(data, "r.yaml"), catalogue.load())
        for name in ("talks/ep1.mp3", "a/a/a/a/a/a/a/a/a/b.wav", "x"):
            found.of(name)
    except UsageError as error:
        _shown(str(error))


def _prompts(data: bytes) -> None:
    service = catalogue.load().service("music")
    for name in ("p.yaml", "p.txt"):
        try:
            for each in prompts.prompts(_file(data, name), service):
                assert 0 < each.size <= prompts.LARGEST_ENTRY
        except Unreadable as error:
            _shown(error.detail)


def _text(name: str) -> Callable[[bytes], None]:
    def look(data: bytes) -> None:
        path = _file(data, name)
        try:
            found = texts.passages(path)
            words = texts.spoken(path)
        except Unreadable as error:
            _shown(error.detail)
            return
        spans = [each.span or (0, len(words)) for each in found]
        apart = "".join(words[slice(*span)] for span in spans)
        if "".join(apart.split()) != "".join(words.split()):
            raise Broken("the parts are not the whole")

    return look


def _receipts(data: bytes) -> None:
    manifest = Path(_file(b"", "m.yaml"))
    receipts.receipts_of(manifest).write_bytes(data)
    book = receipts.Receipts(manifest, PLACE / "results", "127.0.0.1:1", _shown)
    for each in book.of({seeds.CONTENT}):
        receipts.receipts_of(manifest).write_bytes(each.line)
        if book.of({seeds.CONTENT}) != [each]:
            raise Broken("what was written reads otherwise")


def _addresses(data: bytes) -> None:
    try:
        addresses.addresses(addresses.lines(data, "urls.txt"))
    except UsageError as error:
        _shown(str(error))


def _shown(message: str) -> None:
    if len(message) > 20_000:
        raise Broken(f"a message of {len(message)} characters")


# Answers.


def _answers(data: bytes) -> None:
    error = answers.error_text(data)
    for text in (str(error), error.code, error.message):
        if len(text) > 2 * answers.TEXT_LENGTH + 10 or not text.isprintable():
            raise Broken(repr(text))
    answers.retry_after(data[:200].decode("latin-1"), 1e9)
    for read in (_jobs, *_wallet_reads(data)):
        try:
            read(data)
        except (answers.UnreadableError, ApiError) as fault:
            _shown(str(fault))
            if not str(fault).isprintable():
                raise Broken(repr(str(fault))) from None


SHOWN_JOBS = 20
"""Of a list: what each of eleven services would save of them."""


def _jobs(data: bytes) -> None:
    value = answers.json_value(data)
    jobs.submitted(value)
    jobs.estimated(value)
    list(answers.texts(value))
    entries = answers.entries(value) if isinstance(value, list) else [value]
    for number, entry in enumerate(each for each in entries if isinstance(each, dict)):
        jobs.job(entry, ("duration", "job.duration"))
        if number < SHOWN_JOBS:
            _results(entry)


def _results(entry: answers.Fields) -> None:
    for adapter in ADAPTERS.values():
        for file in adapter.results("7", jobs.flat(entry), {}, BASE):
            _safe(file.name)
    for name, _ in links.labelled(entry):
        _safe(names.safe(name))


def _safe(name: str) -> None:
    odd = not name or "/" in name or name in (".", "..") or not name.isprintable() or len(name.encode()) > 200
    if odd:
        raise Broken(f"the name {name!r}")


def _wallet_reads(data: bytes) -> list[Callable[[bytes], object]]:
    def json(path: str, _params: object = None) -> object:
        try:
            return answers.json_value(data)
        except answers.UnreadableError as error:
            raise ServiceDown(f"{path}: {error}") from None

    answer = Answer(200, {}, data)
    reads = SimpleNamespace(
        json=json,
        http=SimpleNamespace(
            get=lambda *_: answer, post=lambda *_: answer, base=BASE, now=lambda: 0.0, variable="K"
        ),
    )
    purse = wallet.Wallet(reads)
    calls = [
        purse.balance,
        purse.rates,
        purse.credits,
        purse.credit_rates,
        purse.credit_rows,
        purse.service_types,
        lambda: list(purse.usage_pages()),
        lambda: list(purse.topups()),
        lambda: purse.estimate("x", 1),
        lambda: purse.check_balance("x", 1),
        lambda: purse.checkout(1000),
    ]
    return [lambda _data, call=call: call() for call in calls]


def _named(name: str) -> list[Reader]:
    return [reader for reader in READERS if reader.name == name]


_KNOWN = ("wav", "flac", "ogg", "mp4", "aiff", "mp3", "aac", "ac3")
_OTHERS = [reader for reader in READERS if reader.name not in _KNOWN]

_RECORDINGS = (
    *(seeds.wav, seeds.flac, seeds.ogg, seeds.mp4, seeds.aiff),
    *(seeds.mpeg, seeds.adts, seeds.ac3, seeds.others),
)

TARGETS: dict[str, Target] = {
    "manifest": Target(seeds.manifests, _manifest, SECONDS_OF_TEXT),
    "rules": Target(seeds.rules, _rules, SECONDS_OF_TEXT),
    "prompts": Target(seeds.prompts, _prompts, SECONDS_OF_TEXT),
    "markdown": Target(seeds.markdown, _text("t.md"), SECONDS_OF_TEXT),
    "subtitles": Target(seeds.subtitles, _text("t.srt"), SECONDS_OF_TEXT),
    "receipts": Target(seeds.receipts, _receipts, SECONDS_OF_TEXT),
    "addresses": Target(seeds.addresses, _addresses, SECONDS_OF_TEXT),
    "answers": Target(seeds.answers, _answers, SECONDS_OF_TEXT),
    "wav": Target(seeds.wav, _reader(*_named("wav"))),
    "flac": Target(seeds.flac, _reader(*_named("flac"))),
    "ogg": Target(seeds.ogg, _reader(*_named("ogg"))),
    "mp4": Target(seeds.mp4, _reader(*_named("mp4"))),
    "aiff": Target(seeds.aiff, _reader(*_named("aiff"))),
    "mp3": Target(seeds.mpeg, _reader(*_named("mp3"))),
    "aac": Target(seeds.adts, _reader(*_named("aac"))),
    "ac3": Target(seeds.ac3, _reader(*_named("ac3"))),
    "others": Target(seeds.others, _reader(*_OTHERS)),
    "file": Target(lambda: [each for made in _RECORDINGS for each in made()[:2]], _whole),
}
