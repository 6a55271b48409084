"""Ogg (Vorbis, Opus, Speex, FLAC): the position on the last page, where both ends are of one whole.

Streams that follow each other (chained) or begin late (cut from a radio stream) are walked page by page.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from manifests.length import Grade
from planner.containers import ogg
from planner.containers.films import Film
from planner.containers.ogg import Page
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import SLOPPY, Length, between, clock, sure
from planner.lengths.media import by_packets

OPUS_RATE = 48_000
"""Opus counts in 48 kHz whatever it was made from (RFC 7845, section 4)."""

OPUS_MAX_PACKET = 5760
"""Samples of the longest Opus packet: 120 ms (RFC 6716, section 2.1.4)."""

WALK_BYTES = 512 * 1024
"""Files up to this size are walked at once: that costs no more than looking at three places."""

CHECKED_BYTES = 128 * 1024
"""Up to here all checksums are checked; of larger files those of the first and the last page."""

_PACKET_BYTES = 80

_OPUS_FRAMES = (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4
"""Positions of a frame by the kind of packet (RFC 6716, table 2)."""


FILM = Film("ogg", "ogg", holes=False)
"""For FFmpeg: the positions in a stream need not begin with 0."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Positions a second, positions before the sound, and the most that one packet may add.

    `held` reads from a packet how many positions it adds, 0 where that cannot be told.
    """

    rate: int
    skip: int
    most: int
    held: Callable[[bytes], int] = lambda _packet: 0


@dataclass(slots=True)
class Link:
    """One stream of sound on its way through the file."""

    codec: Codec
    begin: int | None = None
    doubt: int = 0
    position: int = 0
    ended: bool = False
    head: bytes = b""
    held: list[int] = field(default_factory=list)
    following: int | None = None
    gap: bool = False

    def add(self, source: Source, page: Page) -> None:
        """Note the position that a page tells."""
        self.ended = page.last
        self.gap = self.gap or self.following not in {None, page.sequence}
        self.following = page.sequence + 1
        if self.begin is None:
            self._look_into(source, page)
        self.position = max(self.position, page.granule)

    def _look_into(self, source: Source, page: Page) -> None:
        """Sum up what the packets hold until a page tells a position."""
        packets, goes_on = ogg.packets_begun(source, page)
        self.held += map(self.codec.held, packets)
        if page.granule > 0:  # neither headers nor a page on which no packet ends
            self._begin(page, sum(self.held[:-1] if goes_on else self.held))

    def _begin(self, page: Page, whole: int) -> None:
        """A first page whose position its packets do not explain was cut from a longer stream."""
        most = page.packets * self.codec.most + self.codec.skip
        self.begin = 0
        if page.granule > most:
            self.begin, self.doubt = page.granule - most, most
        elif page.granule < whole and not page.last:  # a last page may end within a packet
            # Sound before position 0: decoders play it, players that seek may not. A packet that goes
            # on counts too: ffmpeg tells the position one packet late there.
            self.doubt = sum(self.held) - page.granule
            self.begin = -self.doubt

    @property
    def seconds(self) -> Fraction:
        """The longest that this stream can be."""
        return Fraction(max(0, self.position - self.codec.skip - (self.begin or 0)), self.codec.rate)

    @property
    def doubt_seconds(self) -> Fraction:
        """How much shorter it may be."""
        return Fraction(self.doubt, self.codec.rate)


class Ogg:
    """Ogg files."""

    name = "ogg"
    starts = (ogg.MARK,)

    def recognises(self, source: Source) -> bool:
        """By the mark of a page."""
        return source.head.startswith(ogg.MARK)

    def length(self, source: Source) -> Length:
        """From both ends if they surely belong to one whole stream, else from every page."""
        ends = None if source.size <= WALK_BYTES else _both_ends(source)
        small = source.size <= CHECKED_BYTES
        pages = list(ogg.pages(source)) if small else ends or ogg.pages(source)
        links, stop = _links(source, pages)
        gap = ends is None and any(link.gap for link in links)
        if not links:
            raise Unreadable(Reason.NOT_AUDIO, source.path, "an Ogg file without an audio stream")
        seconds = sum((link.seconds for link in links), Fraction(0))
        if stop > source.size or (stop < source.size and not links[-1].ended):
            detail = f"cut off at {clock(seconds)}: its end is missing; copy it again"
            raise Unreadable(Reason.TRUNCATED, source.path, detail)
        checked = pages if small else [ends[0], ends[-1]] if ends else []
        sound = all(ogg.is_sound(source, page) for page in checked)
        if not sound and source.local:
            return by_packets(source, FILM, None)
        if len(links) == 1 and (gap or links[0].doubt) and (heard := _heard(source)):
            return heard
        if len({link.head for link in links}) > 1:
            return self._mixed(links)
        return self._graded(links, seconds, whole=stop == source.size and not gap and sound)

    def _mixed(self, links: list[Link]) -> Length:
        """Streams of different kinds in a row: many decoders end after the first."""
        whole, first = sum((link.seconds for link in links), Fraction(0)), links[0].seconds
        return between(
            first, first, whole + SLOPPY, self.name, f"{len(links)} streams of different kinds in a row"
        )

    def _graded(self, links: list[Link], seconds: Fraction, *, whole: bool) -> Length:
        doubt = sum((link.doubt_seconds for link in links), Fraction(0))
        if doubt:
            # decoders differ as much here as with whole files, and an interval gets no margin
            high = seconds + SLOPPY
            low = max(Fraction(0), seconds - doubt)
            return between(low, seconds, high, self.name, "begins in the middle of a stream")
        if len(links) == 1 and links[0].ended and whole:
            return sure(seconds, Grade.EXACT, self.name, "position of the last page")
        found = "position of the last page" if links[0].ended else "no end mark; position of the last page"
        reason = f"{len(links)} streams in a row" if len(links) > 1 else found
        return sure(seconds, Grade.COUNTED, self.name, reason)


def _heard(source: Source) -> Length | None:
    """What decoders find where pages are missing or of a longer stream; None where they cannot tell."""
    try:
        return by_packets(source, FILM, None)
    except Unreadable:
        return None


def _both_ends(source: Source) -> list[Page] | None:
    """The pages at the ends of one stream of sound, seen in its middle, too; None when anything is odd."""
    opening = _opening(source)
    middle = ogg.next_page(source, source.size // 2)
    if not opening or not middle:
        return None
    serials = {page.serial for page in opening}
    tail = _short_tail(source, middle) if len(serials) == 1 else []
    tail = tail or ogg.tail_pages(source)
    strange = not tail or any(page.first or page.serial not in serials for page in [middle, *tail])
    positions = [p.granule for p in [*opening, middle, *tail] if p.serial == middle.serial and p.granule >= 0]
    if strange or positions != sorted(positions):
        return None
    return [*opening, *tail]


def _short_tail(source: Source, middle: Page) -> list[Page]:
    """The last pages of a file with one stream; none where they are unlike what leads up to them."""
    tail = ogg.tail_pages(source, ogg.USUAL_PAGE_BYTES)
    whole = tail and tail[-1].end == source.size and tail[0].sequence >= middle.sequence
    return tail if whole else []


def _opening(source: Source) -> list[Page]:
    """The pages up to the first one that tells a position of each stream (a few at most)."""
    found: list[Page] = []
    waiting: set[int] = set()
    for page in ogg.pages(source):
        found.append(page)
        if page.first:
            waiting.add(page.serial)
        elif page.granule > 0:
            waiting.discard(page.serial)
        if not waiting or page.start > WALK_BYTES:
            break
    return found


def _links(source: Source, pages: Iterable[Page]) -> tuple[list[Link], int]:
    """The streams of sound in these pages, and where the last page says that it ends."""
    links: list[Link] = []
    current: dict[int, Link] = {}
    silent: set[int] = set()  # serials of those that have told no position
    stop = 0
    for page in pages:
        stop = page.end
        if page.first:
            current.pop(page.serial, None)
            silent.discard(page.serial)
            codec = _codec(source.at(page.body, _PACKET_BYTES))
            if codec and not silent:  # else it stands beside another: a second language, say
                current[page.serial] = Link(codec, head=_alike(source.at(page.body, _PACKET_BYTES)))
                links.append(current[page.serial])
                silent.add(page.serial)
        if link := current.get(page.serial):
            link.add(source, page)
            if link.position:
                silent.discard(page.serial)
    return links, stop


def _alike(packet: bytes) -> bytes:
    """What streams in a row must have in common for decoders to go on: kind, channels, perhaps a rate."""
    return packet[:10] if packet.startswith(b"OpusHead") else packet[:16]


def _codec(packet: bytes) -> Codec | None:
    """What a stream's first packet says; None when it is not sound that we know, or impossible."""
    if len(packet) < _PACKET_BYTES:
        packet = packet.ljust(_PACKET_BYTES, b"\0")
    codec = next((read(packet) for mark, read in _CODECS.items() if packet.startswith(mark)), None)
    return codec if codec and codec.rate else None


def _opus(packet: bytes) -> Codec:
    return Codec(OPUS_RATE, int.from_bytes(packet[10:12], "little"), OPUS_MAX_PACKET, _opus_held)


def _opus_held(packet: bytes) -> int:
    """By the first byte, and the second where it counts the frames (RFC 6716, section 3.1)."""
    if not packet or packet.startswith((b"OpusHead", b"OpusTags")):
        return 0
    kind, counting = packet[0] >> 3, packet[0] & 3
    frames = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[counting]
    return min(frames * _OPUS_FRAMES[kind], OPUS_MAX_PACKET)


def _vorbis(packet: bytes) -> Codec:
    return Codec(int.from_bytes(packet[12:16], "little"), 0, 1 << (packet[28] >> 4))


def _speex(packet: bytes) -> Codec:
    frame, frames = int.from_bytes(packet[56:60], "little"), int.from_bytes(packet[64:68], "little")
    return Codec(int.from_bytes(packet[36:40], "little"), 0, frame * max(1, frames))


def _flac(packet: bytes) -> Codec:
    # 13 bytes of mapping header, 4 of block header, then STREAMINFO (RFC 9639, 10.1)
    least, most = int.from_bytes(packet[17:19], "big"), int.from_bytes(packet[19:21], "big")
    fixed = most if least == most else 0
    return Codec(int.from_bytes(packet[27:30], "big") >> 4, 0, most, partial(_flac_held, fixed))


def _flac_held(block: int, packet: bytes) -> int:
    """A frame begins with a byte that no header packet can begin with."""
    return block if packet.startswith(b"\xff") else 0


_CODECS: dict[bytes, Callable[[bytes], Codec]] = {
    b"\x01vorbis": _vorbis,
    b"OpusHead": _opus,
    b"Speex   ": _speex,
    b"\x7fFLAC": _flac,
}
