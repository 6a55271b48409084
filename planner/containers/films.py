"""Containers of films that may hold sound, by their marks, and how much of each is there."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from planner.containers.source import Source

ALL = Fraction(1)
TRANSPORT_PACKETS = ((188, 0), (192, 4), (204, 0))
"""Bytes of a packet, and before its mark: plain, with a time stamp (cameras), with error correction."""

TRANSPORT_IN_A_ROW = 3
MATROSKA_MARK = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
MAX_RIFFS = 1000
FLV_TAG_BYTES = 11
LATM_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Film:
    """A container: our name, FFmpeg's, what it shows at the front, and how much of a file is there.

    `marks` are all that it takes; what only begins with `starts` is `shown` by more.

    `share` gives None where the file does not say how large it should be; `holes` is whether times that
    jump may stand for silence.
    """

    name: str
    format: str
    marks: tuple[bytes, ...] = ()
    starts: tuple[bytes, ...] = ()
    shown: Callable[[Source], bool] | None = None
    share: Callable[[Source], Fraction | None] = lambda _source: None
    sampled: bool = False
    holes: bool = True
    promises: Callable[[Source], bool] = lambda _source: False

    def recognised(self, source: Source) -> bool:
        """Whether the content is of this kind."""
        return source.head.startswith(self.marks) if self.marks else bool(self.shown and self.shown(source))


def film_of(source: Source) -> Film | None:
    """The container that this is; None when it is none of them."""
    return next((film for film in FILMS if film.recognised(source)), None)


def _riff(*forms: bytes) -> Callable[[Source], bool]:
    return lambda source: source.head.startswith(b"RIFF") and source.head[8:12] in forms


def _says(name: bytes) -> Callable[[Source], bool]:
    """Whether the header states a time at all; FFmpeg guesses it from the bit rate otherwise."""
    return lambda source: name in source.head


def _transport(source: Source) -> bool:
    """Packets of one size that begin with `G`."""
    return any(
        source.head[before : before + size * TRANSPORT_IN_A_ROW : size] == b"G" * TRANSPORT_IN_A_ROW
        for size, before in TRANSPORT_PACKETS
    )


def _latm(source: Source) -> bool:
    """Frames of AAC in LOAS (ISO/IEC 14496-3, 1.7.2): a sync word of 11 bits, a size of 13."""
    offset = 0
    for _ in range(LATM_IN_A_ROW):
        head = source.at(offset, 3)
        if len(head) < 3 or head[0] != 0x56 or head[1] >> 5 != 7:  # noqa: PLR2004 - the sync word
            return False
        offset += 3 + ((head[1] & 31) << 8 | head[2])
    return True


def _lossless_dolby(source: Source) -> bool:
    """MLP and TrueHD: a major sync after four bytes."""
    return source.head[4:7] == b"\xf8\x72\x6f"


def _matroska_share(source: Source) -> Fraction | None:
    """By the size of the segment; written into a pipe, it is unknown (all ones)."""
    place = source.head.find(SEGMENT)
    if place < 0:
        return None
    width, size = _vint(source.head[place + 4 : place + 12])
    if size is None:
        return None
    end = place + 4 + width + size
    return min(ALL, Fraction(source.size, end)) if end else None


def _vint(raw: bytes) -> tuple[int, int | None]:
    """A number of EBML (RFC 8794, 4): its width, and its value unless that is unknown."""
    if not raw or not raw[0]:
        return 1, None
    width = 9 - raw[0].bit_length()
    value = int.from_bytes(raw[:width], "big") & ((1 << 7 * width) - 1)
    return width, None if value == (1 << 7 * width) - 1 or len(raw) < width else value


def _riff_share(source: Source) -> Fraction | None:
    """By the sizes of the chunks at the top; above 1 GiB there are several. Pipe writers leave 0."""
    offset = 0
    for _ in range(MAX_RIFFS):
        header = source.at(offset, 8)
        if offset and header[:4] != b"RIFF":
            return ALL
        size = int.from_bytes(header[4:8], "little")
        if size in {0, 0xFFFFFFFF} or len(header) < 8:  # noqa: PLR2004
            return None
        offset += 8 + size + (size & 1)
        if offset > source.size + 1:
            return Fraction(source.size, offset)
    return None


def _flash_share(source: Source) -> Fraction | None:
    """Each piece is followed by its size; a file that does not end so ends within a piece."""
    back = int.from_bytes(source.at(source.size - 4, 4), "big")
    header = source.at(source.size - 4 - back, 4)
    if back >= FLV_TAG_BYTES and int.from_bytes(header[1:4], "big") + FLV_TAG_BYTES == back:
        return None  # nothing tells whether pieces are missing
    return Fraction(source.size, source.size + 1)


FILMS = (
    Film(
        "matroska",
        "matroska",
        (MATROSKA_MARK,),
        share=_matroska_share,
        sampled=True,
        promises=_says(b"\x44\x89"),
    ),
    Film(
        "avi",
        "avi",
        starts=(b"RIFF",),
        shown=_riff(b"AVI ", b"AVIX", b"AMV "),
        share=_riff_share,
        sampled=True,
    ),
    Film("flv", "flv", (b"FLV\x01",), share=_flash_share, promises=_says(b"duration")),
    Film("mpegps", "mpeg", (b"\x00\x00\x01\xba",)),
    Film("mpegts", "mpegts", shown=_transport),
    Film("realmedia", "rm", (b".RMF",), promises=_says(b"PROP")),
    Film("amr", "amr", (b"#!AMR",)),
    Film("dts", "dts", (b"\x7f\xfe\x80\x01", b"\xfe\x7f\x01\x80", b"\x1f\xff\xe8\x00", b"\xff\x1f\x00\xe8")),
    Film("mlp", "mlp", shown=lambda source: _lossless_dolby(source) and source.head[7:8] == b"\xbb"),
    Film("truehd", "truehd", shown=lambda source: _lossless_dolby(source) and source.head[7:8] == b"\xba"),
    Film("latm", "loas", starts=(b"\x56",), shown=_latm),
    Film("spdif", "spdif", (b"\x72\xf8\x1f\x4e",)),
    Film("nut", "nut", (b"nut/multimedia container\0",)),
    Film("wtv", "wtv", (bytes.fromhex("b7d800203749da11a64e0007e95ead8d"),)),
    Film("mxf", "mxf", (bytes.fromhex("060e2b34020501010d0102010102"),)),
    Film("gxf", "gxf", (bytes.fromhex("0000000001bc"),)),
    Film("ilbc", "ilbc", (b"#!iLBC",)),
    Film("qcelp", "qcp", starts=(b"RIFF",), shown=_riff(b"QLCM")),
    Film("xwma", "xwma", starts=(b"RIFF",), shown=_riff(b"XWMA")),
    Film(
        "adx",
        "adx",
        starts=(b"\x80",),
        shown=lambda source: source.head[:2] == b"\x80\0" and b"(c)CRI" in source.head,
    ),
    Film("vqf", "vqf", (b"TWIN97012000", b"TWIN00052200")),
    Film("oma", "oma", (b"ea3\x03", b"EA3\x01")),
    Film(
        "smaf",
        "mmf",
        starts=(b"MMMD",),
        shown=lambda source: source.head.startswith(b"MMMD") and b"ATR" in source.head,
    ),
    Film("codec2", "codec2", (b"\xc0\xde\xc2",)),
    Film(
        "ircam",
        "ircam",
        (b"\x64\xa3\x01\0", b"\x64\xa3\x02\0", b"\x64\xa3\x03\0", b"\x64\xa3\x04\0", b"\0\x02\xa3\x64"),
    ),
    Film(
        "svx",
        "iff",
        starts=(b"FORM",),
        shown=lambda source: source.head.startswith(b"FORM") and source.head[8:12] == b"8SVX",
    ),
    Film("swf", "swf", (b"FWS", b"CWS")),
    Film("sox", "sox", (b".SoX", b"XoS.")),
    Film("smacker", "smk", (b"SMK2", b"SMK4")),
    Film("bink", "bink", (b"BIKb", b"BIKf", b"BIKg", b"BIKh", b"BIKi", b"BIKk")),
    Film("nsv", "nsv", (b"NSVf", b"NSVs")),
    Film("dsicin", "dsicin", (b"\x55\xaa\0\0",)),
)
"""Asked in this order. `sampled`: of a large file only some places are read; `promises`: a time is stated."""
