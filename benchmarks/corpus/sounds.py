"""The sounds that variants are made of: each a WAV file of known length, seeded, none like the other."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus.tools import ffmpeg


@dataclass(frozen=True, slots=True)
class Sound:
    """A WAV file and its length in seconds."""

    name: str
    seconds: float
    rate: int
    channels: int
    path: Path


def _noise(seed: int) -> str:
    return f"0.3*(random({seed})-0.5)"


def _tone(seed: int) -> str:
    return f"0.2*sin({300 + 70 * seed}*2*PI*t)*(0.6+0.4*sin(2*t))"


def _quiet_then_loud(seconds: float, seed: int) -> str:
    """Silence first, noise afterwards: the first frames of a VBR file then promise a far longer one."""
    return f"if(lt(t,{seconds * 0.6}),0,{_noise(seed)})"


def sounds(folder: Path, seed: int) -> list[Sound]:
    """The sounds of a corpus with this seed; lengths and rates differ by seed."""
    folder.mkdir(parents=True, exist_ok=True)
    shift = seed % 7 / 10
    odd = seed % 2
    recipes = [
        ("short", 0.61 + shift / 7, 44100, 2, _noise(seed)),
        ("speech", 3.37 + shift, 16000 if odd else 24000, 1, _tone(seed)),
        ("telephone", 5.125 + shift, 8000 if odd else 11025, 1, _tone(seed + 1)),
        ("music", 12.9 + shift, 48000, 2, f"{_tone(seed + 2)}+{_noise(seed)}"),
        ("uneven", 41.3 + shift, 44100 if odd else 32000, 1, _quiet_then_loud(41.3, seed)),
        ("long", 187.7 + shift, 22050, 1, f"{_tone(seed)}+0.1*{_noise(seed)}"),
    ]
    return [_made(folder, name, *rest) for name, *rest in recipes]  # type: ignore[arg-type]


def _made(folder: Path, name: str, seconds: float, rate: int, channels: int, formula: str) -> Sound:
    samples = round(seconds * rate)
    path = folder / f"{name}.wav"
    if not path.exists():
        source = f"aevalsrc={'|'.join([formula.replace(',', chr(92) + ',')] * channels)}:s={rate}"
        ffmpeg("-f", "lavfi", "-i", source, "-af", f"atrim=end_sample={samples}", "-c:a", "pcm_s16le", path)
    return Sound(name, samples / rate, rate, channels, path)
