"""The table of services that the client can buy from: a new one is a file of its own and a row here."""

from manifests.errors import UsageError
from runner.api.adapter import Adapter
from runner.api.clone import CLONE
from runner.api.conversion import CONVERSION
from runner.api.convert import CONVERT
from runner.api.denoise import DENOISE
from runner.api.dubbing import DUBBING
from runner.api.karaoke import KARAOKE
from runner.api.music import MUSIC
from runner.api.speakers import SPEAKERS
from runner.api.stems import STEMS
from runner.api.transcription import TRANSCRIPTION
from runner.api.tts import TTS

_ALL: tuple[Adapter, ...] = (
    TRANSCRIPTION,
    STEMS,
    TTS,
    CLONE,
    CONVERSION,
    DUBBING,
    MUSIC,
    SPEAKERS,
    KARAOKE,
    CONVERT,
    DENOISE,
)
ADAPTERS = {each.name: each for each in _ALL}


def adapter(service: str) -> Adapter:
    """The adapter of a service of the catalogue.

    Raises:
        UsageError: this version cannot buy it.
    """
    if service not in ADAPTERS:
        raise UsageError(f"this version cannot buy {service!r}: it knows {', '.join(ADAPTERS)}")
    return ADAPTERS[service]
