"""Counts what goes over the wire: requests by what they are for."""

import re
from collections import Counter
from threading import Lock

import httpx

from runner.api.transport import Routes

SUBMIT, RESULT, SMALL = "submit", "result", "small"

_RESULTS = re.compile(r"/transcript$|/transcript/|^/media/")


def kind(request: httpx.Request) -> str:
    """A submit, the download of a result, or one of the small calls that both need."""
    if request.method == "POST" and "/api-wallet/" not in request.url.path:
        return SUBMIT
    return RESULT if _RESULTS.search(request.url.path) else SMALL


class Counting(httpx.BaseTransport):
    """The usual way to the service, with a count; one for all clients."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.small: Counter[str] = Counter()  # by path, numbers left out
        self._routes = Routes(httpx.Limits(max_connections=None))
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Count it, send it."""
        found = kind(request)
        with self._lock:
            self.requests[found] += 1
            if found == SMALL:
                self.small[f"{request.method} {re.sub('[0-9]+', 'N', request.url.path)}"] += 1
        return self._routes.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        self._routes.close()
