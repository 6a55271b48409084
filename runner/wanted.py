"""What a run would buy, a million parts of it in little memory: each with its price and its line."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import overload

from manifests.budget import fit
from manifests.limits import NONE, Limits, Used, Wish
from manifests.money import Cents
from manifests.states import State
from runner.bits import Bits
from runner.engine.task import Target, Task

_NOWHERE = Target(0, "", "", {})


class Wanted(Sequence[Task]):
    """Parts in the manifest's order. As a sequence: tasks that know what they cost, and nothing to send."""

    def __init__(self, manifest_id: str) -> None:
        self._manifest_id = manifest_id
        self.parts = array("Q")
        self.numbers = array("L")  # of the line that buys each, counted from 0
        self._products = array("H")
        self._expected, self._ceilings = array("Q"), array("Q")
        self.names: list[tuple[str, str]] = []  # product and service
        self._in = Bits()
        self.more: dict[int, list[int]] = {}  # other lines that want a part too, by part

    def add(self, task: Task, number: int) -> None:
        """One more part; `number` is that of the line which buys it."""
        name = (task.product, task.service)
        if name not in self.names:
            self.names.append(name)
        self.put(task.part_id, number, self.names.index(name), task.expected, task.ceiling)

    def put(self, part_id: int, number: int, product: int, expected: int, ceiling: int) -> None:
        """The same, with the number of its product among `names`."""
        self.parts.append(part_id)
        self.numbers.append(number)
        self._products.append(product)
        self._expected.append(expected)
        self._ceilings.append(ceiling)
        self._in.add(part_id)

    def has(self, part_id: int) -> bool:
        """Whether a part is among these."""
        return part_id in self._in

    def add_line(self, part_id: int, number: int) -> None:
        """Another line that wants a part."""
        self.more.setdefault(part_id, []).append(number)

    def price(self, index: int) -> tuple[Cents, Cents]:
        """What one of them is expected to cost, and the most that it can."""
        return Cents(self._expected[index]), Cents(self._ceilings[index])

    def fitting(self, room: Cents, limits: Limits = NONE, used: Used = Used()) -> "Wanted":  # noqa: B008 - frozen
        """Those that fit, in order."""
        if limits:
            return self._some(limits.fit(self.wishes(), room, used))
        return self._some(fit([Cents(each) for each in self._ceilings], room))

    def wishes(self) -> Iterator[Wish]:
        """What they buy, as limits see it."""
        products = [product for product, _ in self.names]
        for number, cents in zip(self._products, self._ceilings, strict=True):
            yield Wish(products[number], Cents(cents), Cents(cents))

    def but(self, others: "Wanted") -> "Wanted":
        """Those that are not among others."""
        return self._some([index for index, part in enumerate(self.parts) if not others.has(part)])

    def priced(self, price: Callable[[int], tuple[Cents, Cents]]) -> "Wanted":
        """The same at other prices, which `price` tells for the number of a line: expected and ceiling."""
        return self._some(range(len(self)), price)

    def _some(
        self, indices: Sequence[int], price: Callable[[int], tuple[Cents, Cents]] | None = None
    ) -> "Wanted":
        found = Wanted(self._manifest_id)
        found.names, found.more = self.names, self.more
        for index in indices:
            number = self.numbers[index]
            money = self.price(index) if price is None else price(number)
            found.put(self.parts[index], number, self._products[index], *money)
        return found

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | Sequence[Task]:
        if isinstance(index, slice):
            return [self._task(each) for each in range(*index.indices(len(self)))]
        return self._task(range(len(self))[index])

    def __iter__(self) -> Iterator[Task]:
        return (self._task(index) for index in range(len(self)))

    def __len__(self) -> int:
        return len(self.parts)

    def _task(self, index: int) -> Task:
        product, service = self.names[self._products[index]]
        part_id = self.parts[index]
        return Task(
            part_id=part_id,
            manifest_id=self._manifest_id,
            product=product,
            service=service,
            key="",
            fields={},
            state=State.PLANNED,
            expected=Cents(self._expected[index]),
            ceiling=Cents(self._ceilings[index]),
            targets=[_NOWHERE] * (1 + len(self.more.get(part_id, ()))),
        )
