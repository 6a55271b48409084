"""What the fuzz targets begin with: short recordings of every kind that can be made here, and real texts."""

import io
import json
import struct
from functools import cache
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "tests" / "data" / "fuzz"
"""Inputs that once broke a target, a folder each; they stay broken in nobody's hands."""

av.logging.set_level(None)


@cache
def recording(
    container: str, codec: str, rate: int = 8000, seconds: float = 0.4, bit_rate: int = 0, **muxing: str
) -> bytes:
    """A short gliding tone."""
    time = np.arange(round(rate * seconds)) / rate
    samples = (np.sin(2 * np.pi * (220 + 90 * time) * time) * 9000).astype(np.int16)
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=dict(muxing)) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        for start in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(
                samples[None, start : start + 1024], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = rate, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def wav() -> list[bytes]:
    plain = recording("wav", "pcm_s16le")
    kinds = [recording("wav", codec) for codec in ("pcm_u8", "adpcm_ms", "adpcm_ima_wav", "pcm_mulaw")]
    inside = recording("wav", "libmp3lame", 16_000)
    large = recording("wav", "pcm_s16le", rf64="always")
    piped = plain[:4] + b"\xff" * 4 + plain[8:]
    return [plain, *kinds, inside, large, piped, b"RIFX" + plain[4:]]


def flac() -> list[bytes]:
    one, other = recording("flac", "flac"), recording("flac", "flac", 44_100, 0.2)
    return [one, other, one + one, one + other, b"ID3\4\0\0\0\0\0\0" + one]


def ogg() -> list[bytes]:
    opus, other = recording("ogg", "libopus", 16_000), recording("ogg", "flac")
    speex = (ROOT / "tests" / "data" / "short.spx").read_bytes()
    return [opus, other, speex, opus + other, opus + opus, other[: len(other) // 2]]


def mp4() -> list[bytes]:
    plain = recording("ipod", "aac")
    pieces = recording("mp4", "aac", movflags="frag_keyframe+empty_moov+default_base_moof")
    return [plain, pieces, recording("mov", "pcm_s16le"), recording("ipod", "alac"), plain[:-40]]


def aiff() -> list[bytes]:
    return [recording("aiff", codec) for codec in ("pcm_s16be", "pcm_s8", "pcm_f32be", "pcm_mulaw")]


def mpeg() -> list[bytes]:
    stated, bare = (
        recording("mp3", "libmp3lame", 16_000),
        recording("mp3", "libmp3lame", 16_000, write_xing="0"),
    )
    tagged = b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + bare + b"TAG" + bytes(125)
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8)
    return [
        stated,
        bare,
        tagged,
        bare + ape,
        recording("mp2", "mp2", 16_000),
        bare[:200] + bytes(50) + bare[200:],
    ]


def adts() -> list[bytes]:
    return [recording("adts", "aac"), recording("adts", "aac", 44_100)]


def ac3() -> list[bytes]:
    return [recording("ac3", "ac3", 32_000), recording("eac3", "eac3", 48_000)]


def others() -> list[bytes]:
    made = [
        recording("asf", "wmav2", 44_100, bit_rate=64_000),
        recording("wv", "wavpack"),
        recording("tta", "tta"),
        recording("au", "pcm_s16be"),
        recording("w64", "pcm_s16le"),
        recording("caf", "pcm_s16le"),
        recording("voc", "pcm_u8"),
    ]
    marks = [
        b"MAC " + struct.pack("<HHIIIIIII", 3990, 0, 52, 24, 0, 0, 10, 0, 0) + bytes(100),
        b"MPCK" + b"SH\x0e\0\0\0\0\x08\x80\x10\x00\x10\x00RG\x0c" + bytes(40),
        b"MP+\x07" + bytes(60),
        b"tBaK\x01" + bytes(60),
        b"OFR \x0f\0\0\0" + bytes(60),
        b"DSD "
        + struct.pack("<QQQ", 28, 200, 0)
        + b"fmt "
        + struct.pack("<QIIIIIIQII", 52, 1, 0, 2, 2, 2822400, 1, 44100, 4096, 0),
        b"FRM8" + struct.pack(">Q", 188) + b"DSD FVER" + struct.pack(">QI", 4, 0x01050000) + bytes(88),
        b"NIST_1A\n   1024\nsample_rate -i 8000\nchannel_count -i 1\nsample_count -i 800\nend_head\n"
        + bytes(2000),
        b"2BIT" + bytes(128),
        b" paf" + bytes(40),
        b"PVF1\n1 8000 16\n" + bytes(40),
    ]
    return made + marks


def manifests() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "manifests" / "examples").glob("*.yaml"))]


def rules() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "manifests" / "examples" / "rules").glob("*.yaml"))]


def prompts() -> list[bytes]:
    return [
        b"- calm piano\n- {prompt: 'rain, soft', audio_duration: 60}\n",
        b'# two\n- prompt: storm\n  audio_duration: 30\n  lyrics: |\n    la\n    la\n- "wind"\n',
        b"calm piano\n# not this\nrain on tin\n",
    ]


def markdown() -> list[bytes]:
    some = (
        "---\na: b\n---\n# Head #\n\n*one* __two__ `c` ![i](a(b)) [l](x) [r][d] [^1] <http://a.b> <i>x</i>\n"
    )
    more = (
        '| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```\ncode\n```\n> - [x] said <break time="500ms"/> \\* <!---->\n'
    )
    return [some.encode(), more.encode(), "日本。한국 ~~z~~ ***b***\n".encode(), b"[a]: b\n[a] [a](b(c)d)\n"]


def subtitles() -> list[bytes]:
    return [
        b"1\n00:00:01,000 --> 00:00:02,500\n- {\\an8}<i>H</i>\n\n2\n00:00:03.0 --> 00:00:04.000 X1:1\nYes\n",
        b"\xef\xbb\xbf00:00:01,000 --> 00:00:02,500\nno number\n",
    ]


CONTENT = "0123456789abcdef" * 4
"""A content key."""


def receipts() -> list[bytes]:
    known = {"key": CONTENT, "token": f"ek-{CONTENT[:16]}-{'f' * 16}", "version": 1, "server": "127.0.0.1:1"}
    bought = {
        "service": "transcription",
        "job": "7",
        "product": "transcription",
        "options": {"language": "en"},
    }
    result = {"name": "json", "file": "a/b.json", "size": 3, "sha256": "0" * 64}
    line = json.dumps({**known, **bought, "cents": 5, "settled": "billed", "results": [result]}).encode()
    return [line + b"\n", line + b"\n" + line + b"\nhalf", line.replace(b'"7"', b'"\\ud83d"') + b"\n"]


def addresses() -> list[bytes]:
    return [b"https://example.org/a.mp3 12:34\nhttp://[::1]:80/x%20y 90s # said\nhttps://a/b?c=d#e\n"]


def answers() -> list[bytes]:
    return [
        b'{"id": 7, "status": "COMPLETED", "output_path": "a/b.wav", "duration": 3.5}',
        b'{"job": {"job_id": "x1", "status": "failed", "error": {"message": "no"}}, "estimated_duration": 2}',
        b'[{"id": 1, "stems": {"vocals": "https://a/b.wav"}}, {"jobs": [{"id": "2"}]}]',
        b'{"items": [{"id": 3, "created_at": "2026-01-01T00:00:00Z"}], "hasMore": false, "total": "1"}',
        b'{"logs": [{"id": "u", "service_type": "stems", "amount_usd": "$1,234", "job_id": 9}], "limit": 1}',
        b'{"services": {"transcription": {"cents_per_minute": 1.0}, "x": {"rate_per_minute": "$0.10/min"}}}',
        b'{"detail": [{"loc": ["body", "mode"], "msg": "no"}], "balance_cents": 5, "total_spent_cents": 1}',
        b'{"error": {"code": "E", "message": ""}, "required_cents": 7, "url": "https://y", "cost_usd": "$1"}',
        b"<html><script>x</script><body>502 Bad Gateway</body></html>",
        b'{"results": [{"name": "../../x", "url": "http://["}], "tracks": {"\\u0000": "b"}}',
    ]
