"""Sales made into lines: to pay, paid before, or paid by an earlier line."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from planner.contents import Content, Paid, content_of, generations
from planner.pricing import Line, line, lines, paid_before, same_audio
from planner.recording import Recording
from planner.roots import Root
from planner.sales import Refused, Sale, Terms, spoken_by


class Batch(Struct, frozen=True):
    """Some lines, and what could not be priced of the same files; `early` are clones before their turn."""

    lines: Sequence[Line]
    refused: Sequence[Refused]
    early: bool = False


class Till:
    """Makes lines; remembers the clones' content keys for the lines that speak with them, and who pays.

    Args:
        root: what paths are relative to.
        paid: which content keys were bought before.
        terms: what lengths of output depend on.
        twins: digests of recordings that may buy one thing several times; None: any of them.
        known_audio_bytes: of all recordings that were bought before; None: not known.
        pay_again: buy on purpose what was bought before, as a new generation.
    """

    def __init__(
        self,
        root: Root,
        paid: Paid,
        terms: Terms,
        twins: Collection[str] | None,
        known_audio_bytes: Collection[int] | None = None,
        *,
        pay_again: bool,
    ) -> None:
        self._root, self._paid, self._terms, self._pay_again = root, paid, terms, pay_again
        self._twins, self._known_audio_bytes = twins, known_audio_bytes
        self._voices: dict[str, str] = {}
        self._payers: dict[str, tuple[int, str]] = {}
        self._count = 0

    def lines(self, sales: Sequence[Sale]) -> list[Line]:
        """The lines that buy it, behind those that were made before."""
        known = any(each.sha256 is not None and self._matters(each) for each in sales)
        found = self._known(sales) if known else lines(sales, self._root)
        self._count += len(found)
        return found

    def _known(self, sales: Sequence[Sale]) -> list[Line]:
        """The lines of what somebody can have bought."""
        sales = [self._spoken(each) if each.needs else each for each in sales]
        contents = [content_of(each, self._voices) if self._matters(each) else None for each in sales]
        again = generations(contents, self._paid) if self._pay_again else {}
        made, keys = self._made(sales, contents, again)
        for each, key in zip(made, keys, strict=True):
            if each.sale.choice.clones and key:
                self._voices[each.item.file] = key
        asked = list(dict.fromkeys(key for key in keys if key))
        bought = self._paid(asked) if asked else set()
        pairs = zip(made, keys, strict=True)
        return [
            self._settled(each, key, number, bought) for number, (each, key) in enumerate(pairs, self._count)
        ]

    def _spoken(self, one: Sale) -> Sale:
        """The sale with what is known of the clone that speaks."""
        clone = self._voices.get(one.needs or "")
        return spoken_by(one, clone, self._terms) if clone else one

    def _made(
        self, sales: Sequence[Sale], contents: Sequence[Content | None], again: Mapping[str, int]
    ) -> tuple[Sequence[Line], Sequence[str]]:
        """The lines with their content keys, empty where nobody can have bought it."""
        first = ["" if each is None else each.key() for each in contents]
        if not again:
            return lines(sales, self._root), first
        numbers = [again.get(key, 0) for key in first]
        keys = ["" if each is None else each.key(n) for each, n in zip(contents, numbers, strict=True)]
        return [line(each, self._root, n) for each, n in zip(sales, numbers, strict=True)], keys

    def _settled(self, made: Line, key: str, number: int, bought: Collection[str]) -> Line:
        """The line made free if it was bought before, or if an earlier line pays for it."""
        if not key:
            return made
        if key in bought:
            return paid_before(made)
        if self._is_alone(made):
            return made
        payer, file = self._payers.setdefault(key, (number, made.item.file))
        return made if payer == number else same_audio(made, payer, file)

    def _matters(self, one: Sale) -> bool:
        """Whether somebody can have bought it, or buys it here, too: only then is its content worked out."""
        sound, twins, known = one.input, self._twins, self._known_audio_bytes
        if twins is None or known is None or type(sound) is not Recording or one.choice.clones:
            return True
        return one.sha256 in twins or sound.audio_bytes in known

    def _is_alone(self, made: Line) -> bool:
        """Whether no other line can buy the same: then nothing of it need be remembered."""
        recorded = isinstance(made.sale.input, Recording)
        return recorded and self._twins is not None and made.item.sha256 not in self._twins
