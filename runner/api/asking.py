"""What a service tells before a submit, for nothing; some of it is asked once a client."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from runner.api.errors import ApiError

if TYPE_CHECKING:
    from runner.api.reads import Reads


class Known:
    """Answers that do not change while a client lives; from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: dict[str, object] = {}

    def once(self, path: str, read: Callable[[str], object]) -> object:
        """The answer, read by whoever comes first; None where there was no readable one."""
        with self._lock:  # the others wait: all of them want the same
            if path not in self._answers:
                try:
                    self._answers[path] = read(path)
                except ApiError:  # no opinion; the submit itself tells
                    self._answers[path] = None
            return self._answers[path]


class Asking:
    """Reads before one submit."""

    def __init__(self, reads: "Callable[[], Reads]", known: Known) -> None:
        self._reads = reads
        self._known = known

    def __call__(self, path: str) -> object:
        """The JSON value at a path of the service.

        Raises:
            ApiError: no readable answer.
        """
        return self._reads().json(path)

    def once(self, path: str) -> object:
        """The same, asked once a client; None where there was no readable answer."""
        return self._known.once(path, self)
