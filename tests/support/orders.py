"""What is typed, and put into a folder, to buy each product of the catalogue."""

from collections.abc import Iterable

from manifests import catalogue
from manifests.catalogue import Option, Product, Service
from support.bench import wav
from support.rehearsal import Rehearsal

SERVICES = [service.name for service in catalogue.load().services]
SECONDS = 13
"""Length of the recording; odd, so that prices are rounded."""

TEXT = "Good evening. These few words are spoken by a voice of the house, and no longer than that."
PROMPT = "quiet harp in a large room"
VALUES = {
    "voice": "aura",
    "voice_uuid": "101",
    "audio_duration": "12",
    "single_stem": "acoustic_guitar",
    "target_instrument": "acoustic_guitar",
}
"""What is typed for an option that is free text or a number: something that the service knows."""


def example(option: Option) -> str:
    """A value for an option that a product cannot do without, as it is typed."""
    return VALUES.get(option.name) or option.choices[0]


def needs(product: Product) -> dict[str, str]:
    """The options that a product cannot do without, each with a value."""
    required = [option.name for option in product.service.options if option.required and not option.own]
    return {name: example(product.service.option(name)) for name in (*product.variant.needs, *required)}


def products(service: Service) -> list[Product]:
    """All that is sold of a service."""
    return [Product(service, variant) for variant in service.variants]


def words(bought: Iterable[Product], more: dict[str, str] | None = None) -> list[str]:
    """The command line that plans these products of one service, with further options of it."""
    found: list[str] = []
    options = dict(more or {})
    wanted = list(bought)
    for product in wanted:
        found += ["--service", product.name]
        options |= needs(product)
    for name, value in options.items():
        found += ["--set", f"{wanted[0].service.name}.{name}={value}"]
    return found


def supply(place: Rehearsal, service: Service) -> None:
    """An input that the service takes."""
    media = place.folder / "media"
    if "text" in service.accepts:
        media.mkdir()
        (media / "song.txt").write_text(TEXT, encoding="utf-8")
    elif "prompt" in service.accepts:
        media.mkdir()
        (media / "song.txt").write_text(PROMPT, encoding="utf-8")
    else:
        wav(media / "song.wav", SECONDS)
