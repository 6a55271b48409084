"""The table of services that the client can buy from: a new one is a file of its own and a row here."""

from manifests.errors import UsageError
from runner.api.adapter import Adapter
from runner.api.stems import STEMS
from runner.api.transcription import TRANSCRIPTION

ADAPTERS: dict[str, Adapter] = {each.name: each for each in (TRANSCRIPTION, STEMS)}


def adapter(service: str) -> Adapter:
    """The adapter of a service of the catalogue.

    Raises:
        UsageError: this version cannot buy it.
    """
    if service not in ADAPTERS:
        raise UsageError(f"this version cannot buy {service!r}: it knows {', '.join(ADAPTERS)}")
    return ADAPTERS[service]
