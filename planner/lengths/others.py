"""Kinds that are known by their first bytes and read by a library.

mutagen: WMA, Monkey's Audio, WavPack, Musepack, TTA, TAK, OptimFROG, DSD.
soundfile, what it alone reads: AU, Wave64, CAF, SPHERE, VOC and a few more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from manifests.length import Grade
from planner.containers.source import Source
from planner.containers.whole import ALL, share_there
from planner.leftout import Reason, Unreadable
from planner.lengths import mutagen_end, sndfile
from planner.lengths.interface import Length, cut_off, sure


@dataclass(frozen=True, slots=True)
class Marked:
    """A kind with a mark at the front, and who reads its length."""

    name: str
    mark: bytes
    read: Callable[[Source, str], Length]

    def recognises(self, source: Source) -> bool:
        """By the first bytes."""
        return source.head.startswith(self.mark)

    def length(self, source: Source) -> Length:
        """What the library reads, unless the file ends before its own header says."""
        share = share_there(source)
        try:
            length = self.read(source, self.name)
        except Unreadable as error:
            if share == ALL:
                raise
            detail = f"cut off: {float(share):.0%} of its bytes are there; copy it again"
            raise Unreadable(Reason.TRUNCATED, source.path, detail) from error
        if share == ALL:
            return length
        seconds = Fraction(length.ms, 1000)
        if self.read is sndfile.length:  # libsndfile counts what is there, mutagen what is stated
            raise cut_off(source, seconds, seconds / share)
        raise cut_off(source, seconds * share, seconds)


def by_mutagen(module: str, type_name: str) -> Callable[[Source, str], Length]:
    """Read by one of mutagen's file types; nothing confirms its header."""

    def read(source: Source, name: str) -> Length:
        return sure(mutagen_end.seconds(source, module, type_name), Grade.HEADER, name, "header")

    return read


MARKED = (
    Marked("wma", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), by_mutagen("mutagen.asf", "ASF")),
    Marked("ape", b"MAC ", by_mutagen("mutagen.monkeysaudio", "MonkeysAudio")),
    Marked("wv", b"wvpk", by_mutagen("mutagen.wavpack", "WavPack")),
    Marked("mpc", b"MPCK", by_mutagen("mutagen.musepack", "Musepack")),
    Marked("mpc", b"MP+", by_mutagen("mutagen.musepack", "Musepack")),
    Marked("tta", b"TTA1", by_mutagen("mutagen.trueaudio", "TrueAudio")),
    Marked("tak", b"tBaK", by_mutagen("mutagen.tak", "TAK")),
    Marked("ofr", b"OFR ", by_mutagen("mutagen.optimfrog", "OptimFROG")),
    Marked("dsf", b"DSD ", by_mutagen("mutagen.dsf", "DSF")),
    Marked("dff", b"FRM8", by_mutagen("mutagen.dsdiff", "DSDIFF")),
    Marked("au", b".snd", sndfile.length),
    Marked("au", b"dns.", sndfile.length),
    Marked("w64", b"riff\x2e\x91\xcf\x11", sndfile.length),
    Marked("caf", b"caff", sndfile.length),
    Marked("sphere", b"NIST_1A", sndfile.length),
    Marked("voc", b"Creative Voice File", sndfile.length),
    Marked("avr", b"2BIT", sndfile.length),
    Marked("paf", b" paf", sndfile.length),
    Marked("paf", b"fap ", sndfile.length),
    Marked("pvf", b"PVF1\n", sndfile.length),
)
