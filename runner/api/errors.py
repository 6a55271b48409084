"""Why a read did not answer; each error says itself what may be done.

ApiError
├── ServiceDown     8   5xx, unreadable, no connection, too slow: later
├── TooManyCalls    8   429; `retry_after` in seconds where the answer says it
├── KeyRefused      5   401, or 403 about the key
│   └── SessionRefused  the same about the session token: what the key opens is open all the same
├── Gone            1   404 of a job, 410: it or its result is no longer there
├── LinkExpired     1   a result address that has nothing, or no longer lets us in: read the job again
├── BadDownload     1   cut short or of the wrong length: fetch again
└── CallRefused     1   any other 4xx: the same call would be refused again
"""

from manifests.errors import EarmarkError
from manifests.exits import Exit


class ApiError(EarmarkError):
    """A read that did not answer."""

    exit_code = Exit.SOME_FAILED


class ServiceDown(ApiError):
    """No usable answer: 5xx, garbage, no connection, too slow."""

    exit_code = Exit.SERVICE_DOWN

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds, where the answer says it


class TooManyCalls(ApiError):
    """429."""

    exit_code = Exit.SERVICE_DOWN

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class KeyRefused(ApiError):
    """401, or 403 about the key."""

    exit_code = Exit.KEY


class SessionRefused(KeyRefused):
    """The session token is missing, wrong or has expired; the key may be as good as ever."""


class Gone(ApiError):
    """404 of a job, or 410: no use in asking again."""


class LinkExpired(ApiError):
    """A result address has nothing (404) or is too old (403); the job may show a better one."""


class BadDownload(ApiError):
    """A download that was cut or has the wrong length."""


class CallRefused(ApiError):
    """Any other 4xx; `status` is 0 where we refused by ourselves."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
