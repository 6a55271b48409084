"""Items that are made anew each time they are gone through: a million of them are in no memory."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made(Generic[S, T]):
    """What `make` makes of each of `of`."""

    of: Collection[S]
    make: Callable[[S], T]

    def __iter__(self) -> Iterator[T]:
        return map(self.make, self.of)

    def __len__(self) -> int:
        return len(self.of)

    def __contains__(self, one: object) -> bool:
        return any(one == each for each in self)


@dataclass(frozen=True, slots=True)
class Remade(Generic[T]):
    """`count` things that `again` brings, each time it is called."""

    again: Callable[[], Iterable[T]]
    count: int

    def __iter__(self) -> Iterator[T]:
        return iter(self.again())

    def __len__(self) -> int:
        return self.count

    def __contains__(self, one: object) -> bool:
        return any(one == each for each in self)
