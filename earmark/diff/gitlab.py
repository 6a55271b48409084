"""Notes under a merge request of GitLab, through its REST API."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from earmark.diff.forge import Calls, Comment, Forge, NotPosted, address, token
from manifests.errors import UsageError

if TYPE_CHECKING:
    import httpx

TOKEN = "GITLAB_TOKEN"  # noqa: S105 - its name


def gitlab(environ: Mapping[str, str], pull: int | None, client: "httpx.Client") -> Forge:
    """The merge request that this environment is about; a job's own token may not write notes.

    Raises:
        UsageError: a variable is missing or wrong, or it is about no merge request.
    """
    key = token(f"{TOKEN} (a project access token with the scope api)", environ.get(TOKEN))
    base = address("CI_API_V4_URL", environ.get("CI_API_V4_URL", ""))
    project = environ.get("CI_PROJECT_ID", "")
    if not (project.isascii() and project.isdigit()):
        raise UsageError(f"--comment needs CI_PROJECT_ID, a number, not {project[:100]!r}")
    number = str(pull or environ.get("CI_MERGE_REQUEST_IID", ""))
    if not (number.isascii() and number.isdigit()):
        raise UsageError(
            "--comment: which merge request? add --pull NUMBER (CI_MERGE_REQUEST_IID is not set)"
        )
    calls = Calls(client, base, {"PRIVATE-TOKEN": key, "User-Agent": "earmark"}, "GitLab")
    return GitLab(calls, f"/projects/{project}/merge_requests/{number}/notes")


class GitLab:
    """A `Forge`."""

    def __init__(self, calls: Calls, notes: str) -> None:
        self._calls, self._notes = calls, notes

    def me(self) -> tuple[str, bool]:
        """As `Forge.me`."""
        user = self._calls("GET", "/user")
        if not isinstance(user, dict) or not user.get("username"):
            raise NotPosted("GitLab does not tell whose the token is")
        return str(user["username"]), False

    def comments(self) -> Iterator[Comment]:
        """As `Forge.comments`."""
        for each in self._calls.pages(self._notes):
            if not each.get("system"):
                author = str((each.get("author") or {}).get("username") or "")
                yield Comment(int(each["id"]), str(each.get("body") or ""), author)

    def create(self, body: str) -> str:
        """As `Forge.create`."""
        self._calls("POST", self._notes, data={"body": body})
        return ""

    def update(self, number: int, body: str) -> str:
        """As `Forge.update`."""
        self._calls("PUT", f"{self._notes}/{number}", data={"body": body})
        return ""
