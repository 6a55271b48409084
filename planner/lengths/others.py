"""Kinds that are known by their first bytes and read by a library.

mutagen: Monkey's Audio, WavPack, Musepack, TTA, TAK, OptimFROG, DSD; bytes at both ends confirm its header
or tell of a cut, and PyAV counts packets where neither is possible.
soundfile, what it alone reads: AU, Wave64, SPHERE, VOC and a few more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers import whole
from planner.containers.films import Film
from planner.containers.source import Part, Source
from planner.containers.tags import LEADING_MARKS, between_tags
from planner.containers.whole import ALL, Measure
from planner.leftout import Reason, Unreadable
from planner.lengths import mutagen_end, sndfile
from planner.lengths.interface import Length, cut_off, sure
from planner.lengths.media import by_packets


@dataclass(frozen=True, slots=True)
class Marked:
    """A kind with a mark at the front, perhaps behind tags, and who reads its length."""

    name: str
    mark: bytes
    read: Callable[[Source, str], Length]

    @property
    def starts(self) -> tuple[bytes, ...]:
        """The mark, or tags."""
        return (self.mark, *LEADING_MARKS)

    def recognises(self, source: Source) -> bool:
        """By the first bytes."""
        if source.head.startswith(self.mark):
            return True
        return source.head.startswith(LEADING_MARKS) and (
            source.at(source.once(between_tags)[0], len(self.mark)) == self.mark
        )

    def length(self, source: Source) -> Length:
        """What the library reads, unless the file ends before its own header says."""
        begin = 0 if source.head.startswith(self.mark) else source.once(between_tags)[0]
        return self.read(Part(source, begin) if begin else source, self.name)


def by_mutagen(
    module: str, type_name: str, measure: Measure, film: str | None = None
) -> Callable[[Source, str], Length]:
    """Read by one of mutagen's file types, as far as the file's bytes bear it out.

    Args:
        module: mutagen's module of this kind, as `mutagen.tak`.
        type_name: the file type in it, as `TAK`.
        measure: how much of the file is there.
        film: FFmpeg's name of this kind, if it is to count the packets where the measure does not tell.
    """

    def read(source: Source, name: str) -> Length:
        share = measure(source)
        try:
            seconds = mutagen_end.seconds(source, module, type_name)
        except Unreadable as error:
            raise _cut_before(source, share) or error from error
        if share is not None and share < ALL:
            raise cut_off(source, seconds * share, seconds)
        if share == ALL:
            return sure(seconds, Grade.EXACT, name, "header, confirmed by the bytes of sound")
        stated = sure(seconds, Grade.HEADER, name, "header")
        return _counted(source, stated, Film(name, film)) if film else stated

    return read


def by_soundfile(measure: Measure, film: str) -> Callable[[Source, str], Length]:
    """Read by libsndfile, which counts what is there, not what is stated.

    Args:
        measure: how much of the file is there.
        film: FFmpeg's name of this kind: it reads sorts of it that libsndfile does not.
    """

    def read(source: Source, name: str) -> Length:
        share = measure(source)
        try:
            length = sndfile.length(source, name)
        except Unreadable as error:
            if cut := _cut_before(source, share):
                raise cut from error
            if error.reason is not Reason.DAMAGED:
                raise
            return by_packets(source, Film(name, film), share)
        if share is not None and share < ALL:
            seconds = Fraction(length.ms, 1000)
            raise cut_off(source, seconds, seconds / share)
        return length

    return read


def _cut_before(source: Source, share: Fraction | None) -> Unreadable | None:
    """Why a library reads nothing, where that is plain."""
    if share is None or share == ALL:
        return None
    detail = f"cut off: {float(share):.0%} of its bytes are there; copy it again"
    return Unreadable(Reason.TRUNCATED, source.path, detail)


def _counted(source: Source, stated: Length, film: Film) -> Length:
    """The packets, unless the header promises more of them, or FFmpeg does not know this version."""
    try:
        counted = by_packets(source, film, None)
    except Unreadable as error:
        if error.reason in {Reason.DAMAGED, Reason.NO_LENGTH}:
            return stated
        raise
    if stated.ms - counted.high_ms > max(1000, stated.ms // 50):
        raise cut_off(source, Fraction(counted.ms, 1000), Fraction(stated.ms, 1000))
    return counted


def unmeasured(_source: Source) -> None:
    """Nothing in the file says how large it should be."""


MARKED = (
    Marked("ape", b"MAC ", by_mutagen("mutagen.monkeysaudio", "MonkeysAudio", whole.monkeys, "ape")),
    Marked("wv", b"wvpk", by_mutagen("mutagen.wavpack", "WavPack", whole.wavpack, "wv")),
    Marked("mpc", b"MPCK", by_mutagen("mutagen.musepack", "Musepack", whole.musepack)),
    Marked("mpc", b"MP+", by_mutagen("mutagen.musepack", "Musepack", unmeasured, "mpc")),
    Marked("tta", b"TTA1", by_mutagen("mutagen.trueaudio", "TrueAudio", whole.true_audio)),
    Marked("tak", b"tBaK", by_mutagen("mutagen.tak", "TAK", unmeasured, "tak")),
    Marked("ofr", b"OFR ", by_mutagen("mutagen.optimfrog", "OptimFROG", whole.optimfrog)),
    Marked("dsf", b"DSD ", by_mutagen("mutagen.dsf", "DSF", whole.dsf)),
    Marked("dff", b"FRM8", by_mutagen("mutagen.dsdiff", "DSDIFF", whole.dsdiff)),
    Marked("au", b".snd", by_soundfile(whole.au, "au")),
    Marked("au", b"dns.", by_soundfile(whole.au, "au")),
    Marked("w64", b"riff\x2e\x91\xcf\x11", by_soundfile(whole.wave64, "w64")),
    Marked("sphere", b"NIST_1A", by_soundfile(unmeasured, "nistsphere")),
    Marked("voc", b"Creative Voice File", by_soundfile(unmeasured, "voc")),
    Marked("avr", b"2BIT", by_soundfile(unmeasured, "avr")),
    Marked("paf", b" paf", by_soundfile(unmeasured, "epaf")),
    Marked("paf", b"fap ", by_soundfile(unmeasured, "epaf")),
    Marked("pvf", b"PVF1\n", by_soundfile(unmeasured, "pvf")),
)
