"""Parts of a long text that lie in a store, put together on this machine and stored as one."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from manifests.errors import EarmarkError
from manifests.stored import Stored
from runner.points import Reach
from runner.stored_results import BLOCK_BYTES, store_file
from stores.interface import NotThere
from stores.opening import store_of


def is_joined(parts: Sequence[Stored], target: Stored) -> bool:
    """Whether the whole was made of these parts before: none is newer; also where the store does not say."""
    try:
        made = _time(target)
        return all(_time(part) <= made for part in parts)
    except NotThere:
        return False
    except EarmarkError:
        return True


def _time(place: Stored) -> int:
    about = store_of(str(place)).about(str(place))
    if about is None:
        raise NotThere(f"{place}: no such object")
    return about.mtime_ns


def join_stored(
    parts: Sequence[Stored],
    target: Stored,
    output: Stored,
    join: Callable[[Sequence[Path], Path], None],
    reach: Reach,
) -> None:
    """Bring the parts here, join them, and store the whole.

    Raises:
        EarmarkError: they cannot be joined, read or stored.
    """
    with tempfile.TemporaryDirectory(prefix="earmark-") as folder:
        here = [Path(folder) / f"{number}{part.suffix}" for number, part in enumerate(parts)]
        for part, copy in zip(parts, here, strict=True):
            _bring(str(part), copy)
        whole = Path(folder) / f"whole{target.suffix}"
        join(here, whole)
        store_file(whole, target, output, reach)


def _bring(url: str, copy: Path) -> None:
    store = store_of(url)
    about = store.about(url)
    size = about.size if about is not None else 0
    with copy.open("wb") as file:
        for start in range(0, size, BLOCK_BYTES):
            file.write(store.read(url, start, min(start + BLOCK_BYTES, size)))
