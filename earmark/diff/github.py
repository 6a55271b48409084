"""Comments under a pull request of GitHub, through its REST API."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.diff.forge import Calls, Comment, Forge, NotAllowed, NotPosted, address, token
from manifests.errors import UsageError

if TYPE_CHECKING:
    import httpx

API = "https://api.github.com"
TOKEN = "GITHUB_TOKEN"  # noqa: S105 - its name
ACTIONS_BOT = "github-actions"
"""Whose the token of a workflow is, should GitHub not tell."""

EVENT_BYTES = 32 * 1024 * 1024
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")


def github(environ: Mapping[str, str], pull: int | None, client: "httpx.Client") -> Forge:
    """The pull request that this environment is about.

    Raises:
        UsageError: a variable is missing or wrong, or it is about no pull request.
    """
    key = token(TOKEN, environ.get(TOKEN))
    repository = environ.get("GITHUB_REPOSITORY", "")
    if _REPOSITORY.fullmatch(repository) is None:
        raise UsageError(f"--comment needs GITHUB_REPOSITORY, such as owner/name, not {repository[:100]!r}")
    base = address("GITHUB_API_URL", environ.get("GITHUB_API_URL") or API)
    graph = environ.get("GITHUB_GRAPHQL_URL") or _graph_of(base)
    number = pull or _of_event(environ.get("GITHUB_EVENT_PATH"))
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "earmark",
    }
    calls = Calls(client, base, headers, "GitHub")
    return GitHub(calls, repository, number, address("GITHUB_GRAPHQL_URL", graph))


def _graph_of(base: str) -> str:
    """GitHub Enterprise has `/api/v3` and `/api/graphql`."""
    return f"{base.removesuffix('/v3')}/graphql"


def _of_event(path: str | None) -> int:
    """The number in the event that started a workflow."""
    if not path:
        raise UsageError("--comment: which pull request? add --pull NUMBER (GITHUB_EVENT_PATH is not set)")
    try:
        with Path(path).open("rb") as file:
            event = json.loads(file.read(EVENT_BYTES))
    except (OSError, ValueError) as error:
        raise UsageError(f"--comment: GITHUB_EVENT_PATH names {path}, which is no event: {error}") from error
    number = _number(event)
    if number is None:
        raise UsageError("--comment: this event is about no pull request; add --pull NUMBER")
    return number


def _number(event: Any) -> int | None:
    if not isinstance(event, dict):
        return None
    issue = event.get("issue")
    about = issue if isinstance(issue, dict) and "pull_request" in issue else event.get("pull_request")
    number = about.get("number") if isinstance(about, dict) else None
    return number if isinstance(number, int) and number > 0 else None


class GitHub:
    """A `Forge`."""

    def __init__(self, calls: Calls, repository: str, number: int, graph: str) -> None:
        self._calls, self._graph = calls, graph
        self._issues = f"/repos/{repository}/issues"
        self._comments = f"{self._issues}/{number}/comments"

    def me(self) -> tuple[str, bool]:
        """As `Forge.me`; a token of a workflow may not ask for its user in any other way."""
        try:
            found = self._calls("POST", "", data={"query": "{viewer{login}}"}, url=self._graph)
            login = found["data"]["viewer"]["login"]
        except (NotAllowed, NotPosted, LookupError, TypeError):
            return ACTIONS_BOT, True
        return str(login).removesuffix("[bot]"), str(login).endswith("[bot]")

    def comments(self) -> Iterator[Comment]:
        """As `Forge.comments`."""
        for each in self._calls.pages(self._comments):
            user = each.get("user") or {}
            bot = user.get("type") == "Bot"
            login = str(user.get("login") or "")
            yield Comment(int(each["id"]), str(each.get("body") or ""), login.removesuffix("[bot]"), bot)

    def create(self, body: str) -> str:
        """As `Forge.create`."""
        return _where(self._calls("POST", self._comments, data={"body": body}))

    def update(self, number: int, body: str) -> str:
        """As `Forge.update`."""
        return _where(self._calls("PATCH", f"{self._issues}/comments/{number}", data={"body": body}))


def _where(answer: Any) -> str:
    return str(answer.get("html_url") or "") if isinstance(answer, dict) else ""
