"""An input that a product takes, with the length that is billed; or the reason why it is not taken."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from manifests.errors import UsageError
from manifests.keys import CLONE
from manifests.length import Basis, Grade, show_length
from manifests.money import MS_PER_SECOND
from planner.choices import Choice
from planner.distant import Distant
from planner.history import Speech, no_speech
from planner.inputs import Input, Passage, Prompt
from planner.lengths.interface import Length
from planner.recording import Recording
from planner.speech import Told, speech_length

NO_AUDIO = hashlib.sha256(b"").hexdigest()
"""The digest of a prompt's audio: there is none, its words are options."""

LONGEST_MUSIC = 600
"""Seconds that the service makes at most where it chooses itself (docs/api.md 3.4)."""

AUTOMATIC = -1

LONGEST_SAMPLE_MS = 60_000
"""More than any sample; see the catalogue for the limits of the service."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What lengths of output depend on beside the input and its options."""

    speech: Speech = no_speech
    accept_ceiling: bool = False  # music may be as long as the service likes


_PLAIN_TERMS = Terms()
_INPUT, _UNKNOWN = Basis.INPUT, Grade.UNKNOWN  # an enum's names are slow to look up


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that one product cannot take, with the way out."""

    path: str
    product: str
    reason: str
    detail: str


class Sale(msgspec.Struct, frozen=True, gc=False):
    """An input, what is bought of it, and how long that is; `told` says what a rate of speech stands on."""

    input: Input
    choice: Choice
    length: Length
    basis: Basis = Basis.INPUT
    sha256: str | None = None  # of what is sent, where it is known
    needs: str | None = None  # the `file` of the clone line whose voice speaks
    told: Told | None = None
    number: int = 0  # of the input


def concerns(choice: Choice, one: Input) -> bool:
    """Whether the product is meant for inputs of this sort at all."""
    return one.kind in choice.kinds


def sale(
    one: Input, choice: Choice, terms: Terms = _PLAIN_TERMS, sha256: str | None = None, number: int = 0
) -> Sale | Refused:
    """What the product makes of the input.

    Args:
        one: the input.
        choice: what is bought.
        terms: what lengths of output depend on.
        sha256: that of a recording's sound, where it was taken.
        number: the input's.
    """
    match one:
        case Recording():
            return _refusal(one, choice) or Sale(one, choice, one.length, sha256=sha256, number=number)
        case Passage():
            length, told = speech_length(one, choice.given, terms.speech)
            return Sale(one, choice, length, Basis.OUTPUT, one.sha256, told=told, number=number)
        case Prompt():
            return _music(one, choice, terms, number)
        case Distant():
            return _refusal(one, choice) or Sale(
                one, choice, one.length, one.basis, one.sha256, number=number
            )


def sales(
    inputs: Sequence[Input],
    start: int,
    choices: Sequence[Choice],
    digests: Mapping[int, str],
    otherwise: Callable[[int, Input], Iterable[Sale | Refused]],
) -> list[Sale | Refused]:
    """What products make of many inputs, of which most are plain sounds.

    Args:
        inputs: some.
        start: the number of the first of them.
        choices: what is bought of every sound, with nothing to refuse for its length.
        digests: of recordings' sound, where they were taken, by their numbers.
        otherwise: what is made of an input that is no sound of a known length.
    """
    found: list[Sale | Refused] = []
    digest = digests.get if digests else _no_digest  # most plans have none
    for number, one in enumerate(inputs, start):
        if isinstance(one, Recording) and not one.video and one.length.grade is not _UNKNOWN:
            length, sha256 = one.length, digest(number)
            for choice in choices:
                found.append(Sale(one, choice, length, _INPUT, sha256, None, None, number))  # noqa: PERF401
        else:
            found += otherwise(number, one)
    return found


def _no_digest(_number: int) -> None:
    return None


def spoken_by(sale_: Sale, clone_key: str, terms: Terms) -> Sale:
    """The sale with the length that this clone, if it was made before, is known to take for it."""
    voice = sale_.choice.product.service.voice
    if not isinstance(sale_.input, Passage) or voice is None:
        return sale_
    options = {**sale_.choice.given, voice.name: f"{CLONE}{clone_key}"}
    length, told = speech_length(sale_.input, options, terms.speech)
    return msgspec.structs.replace(sale_, length=length, told=told)


def _refusal(recording: Recording | Distant, choice: Choice) -> Refused | None:
    """Why this product cannot be priced for this recording; None when it can."""
    service = choice.product.service
    if isinstance(recording, Distant) and not service.address:
        reason = f"an address, {service.name} takes files only"
        return Refused(recording.path, choice.name, reason, "download it, and plan the file")
    if recording.length.grade is _UNKNOWN:
        return Refused(recording.path, choice.name, "without a length", recording.length.reason)
    if recording.video and not choice.takes("video"):
        return Refused(
            recording.path,
            choice.name,
            f"video, {service.name} takes sound only",
            "take out its sound first: --service convert --set convert.output_format=wav (1 c/min),"
            " or ffmpeg -i IN -vn OUT.wav",
        )
    return _sample_refusal(recording, choice) if choice.clones else None


def fits_as_sample(recording: Recording) -> bool:
    """Whether a voice may be made of it: it is read whole then, to recognise what is bought with it."""
    return recording.length.ms <= LONGEST_SAMPLE_MS


def _sample_refusal(recording: Recording | Distant, choice: Choice) -> Refused | None:
    """A voice's sample has a length that the service's sources agree on (docs/api.md 20, row 39)."""
    limits = choice.product.service.limits
    low, high = limits.minimum_seconds, limits.maximum_seconds
    ms = recording.length.ms
    if low * MS_PER_SECOND <= ms <= high * MS_PER_SECOND:
        return None
    short = ms < low * MS_PER_SECOND
    shown = show_length(ms // MS_PER_SECOND if short else -(-ms // MS_PER_SECOND))
    way = f"record at least {low} s" if short else f"cut one out: ffmpeg -i IN -t {high - 1} OUT.wav"
    reason = f"a sample that is too {'short' if short else 'long'}"
    return Refused(recording.path, choice.product.name, reason, f"{shown}, not {low} to {high} s: {way}")


def _music(prompt: Prompt, choice: Choice, terms: Terms, number: int) -> Sale | Refused:
    """What a prompt makes: as long as its options say."""
    name = choice.product.name
    try:
        own = choice.with_own(prompt.given)
    except UsageError as error:
        return Refused(prompt.path, name, "with an option that cannot be", f"line {prompt.line}: {error}")
    seconds, takes = int(str(own.given["audio_duration"])), int(str(own.submitted.get("batch_size", 1)))
    if seconds == AUTOMATIC and not terms.accept_ceiling:
        return Refused(
            prompt.path,
            name,
            "without a length of its own",
            f"line {prompt.line}: audio_duration -1 lets the service choose, up to {LONGEST_MUSIC} s: say how"
            " long, or plan with --accept-ceiling to set that much aside",
        )
    each = LONGEST_MUSIC if seconds == AUTOMATIC else seconds
    ms = each * takes * MS_PER_SECOND
    reason = f"{each} s" if takes == 1 else f"{takes} takes of {each} s"
    length = Length(ms, Grade.HEADER, ms, ms, "prompt", reason)
    return Sale(prompt, own, length, Basis.OUTPUT, NO_AUDIO, number=number)


class Unlike:
    """Refuses a prompt that stands twice in its file: it would buy one thing twice."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, bytes], Prompt] = {}

    def __call__(self, answers: Iterable[Sale | Refused]) -> Iterator[Sale | Refused]:
        """The same, with such prompts refused; those of earlier calls count, too."""
        for each in answers:
            if isinstance(each, Sale) and isinstance(each.input, Prompt):
                yield self._once(each, each.input)
            else:
                yield each

    def _once(self, each: Sale, prompt: Prompt) -> Sale | Refused:
        product = each.choice.name
        thing = prompt.path, product, msgspec.json.encode(each.choice.submitted, order="deterministic")
        first = self._seen.setdefault(thing, prompt)
        if first is prompt:
            return each
        detail = (
            f"line {prompt.line}: the same prompt and options as on line {first.line}; for two takes set"
            " batch_size"
        )
        return Refused(prompt.path, product, "standing twice", detail)
