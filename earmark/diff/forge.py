"""Where comments stand: what GitHub and GitLab have in common, and the one that is kept up to date."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from earmark.secrets import hidden
from manifests.errors import EarmarkError, UsageError
from manifests.exits import Exit
from runner.api.address import Base

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 20.0
PAGE = 100
PAGES = 100
"""Ten thousand comments are looked through; a comment of ours stands among the first."""

SHOWN = 200
"""Characters of a forge's own words in a message."""


class NotAllowed(EarmarkError):
    """The token may read only, as that of a pull request from a fork."""

    exit_code = Exit.SOME_FAILED


class NotPosted(EarmarkError):
    """The comment could not be posted: no answer, or one that says no."""

    exit_code = Exit.SOME_FAILED


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the forge has it."""

    number: int
    body: str
    author: str
    bot: bool = False


class Forge(Protocol):
    """A pull request, or a merge request."""

    def me(self) -> tuple[str, bool]:
        """Whose the token is, and whether that is a bot."""
        ...

    def comments(self) -> Iterator[Comment]:
        """All comments, the oldest first."""
        ...

    def create(self, body: str) -> str:
        """Write a comment; its address."""
        ...

    def update(self, number: int, body: str) -> str:
        """Write another text into a comment; its address."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """What was done: `written`, `brought up to date` or `up to date already`, and where."""

    what: str
    where: str


def post(forge: Forge, tag: str, body: str) -> Posted:
    """Write the comment, or bring the one with this tag up to date: only one of the token's own.

    Raises:
        NotAllowed: the token may not.
        NotPosted: the forge does not answer, or not as expected.
    """
    body = hidden(body)
    mine = _mine(forge, tag)
    if mine is None:
        return Posted("written", forge.create(body))
    if mine.body.replace("\r\n", "\n").strip() == body.strip():
        return Posted("up to date already", "")
    return Posted("brought up to date", forge.update(mine.number, body))


def _mine(forge: Forge, tag: str) -> Comment | None:
    tagged = [each for each in forge.comments() if each.body.startswith(tag)]
    if not tagged:
        return None
    name, bot = forge.me()
    return next((each for each in tagged if (each.author, each.bot) == (name, bot)), None)


class Calls:
    """Calls of a forge's API; the token goes to its address and nowhere else.

    Args:
        client: sends them; follows no redirects.
        base: the address, already checked.
        headers: with the token.
        name: for messages.
    """

    def __init__(self, client: "httpx.Client", base: str, headers: Mapping[str, str], name: str) -> None:
        self._client, self._base, self._headers, self._name = client, base, headers, name

    def __call__(self, method: str, path: str, *, data: object = None, url: str = "") -> Any:
        """An answer as JSON; `url` in place of the path.

        Raises:
            NotAllowed: 403.
            NotPosted: any other answer but a good one, or none.
        """
        import httpx

        try:
            answer = self._client.request(
                method,
                url or f"{self._base}{path}",
                json=data,
                headers=dict(self._headers),
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
            )
            if answer.is_success:
                return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NotPosted(
                hidden(f"{self._name} does not answer as it should: {str(error) or type(error).__name__}")
            ) from error
        told = f"{self._name} answers {answer.status_code}: {_words(answer.text)}"
        raise (NotAllowed if answer.status_code == 403 else NotPosted)(hidden(told))  # noqa: PLR2004

    def pages(self, path: str) -> Iterator[Any]:
        """The entries of a list, page by page."""
        for page in range(1, PAGES + 1):
            found = self("GET", f"{path}?per_page={PAGE}&page={page}")
            if not isinstance(found, list) or not all(map(_is_comment, found)):
                raise NotPosted(f"{self._name} answers with no list of comments")
            yield from found
            if len(found) < PAGE:
                return


def _is_comment(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), int)


def _words(text: str) -> str:
    """A forge's own words: what its JSON calls the message."""
    found = re.search(r'"message"\s*:\s*"([^"]*)"', text)
    return " ".join((found[1] if found else text).split())[:SHOWN] or "nothing more"


def address(name: str, text: str) -> str:
    """The address of an API.

    Raises:
        UsageError: it is none, or one to which a token must not be sent.
    """
    try:
        return Base.parse(text).url
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def token(name: str, text: str | None) -> str:
    """A token from the environment.

    Raises:
        UsageError: there is none, or one that is no token.
    """
    found = (text or "").strip()
    if not found:
        raise UsageError(f"--comment needs {name}")
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise UsageError(f"{name} holds no token: it has signs that no token has")
    return found
