"""`--comment`: the comparison under the pull request, or on the page of the job where that is not allowed."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from earmark.diff.document import Diff
from earmark.diff.forge import Forge, NotAllowed, NotPosted, post
from earmark.diff.markdown import render, tag
from earmark.secrets import hidden
from earmark.terminal import printable, write_out
from manifests.errors import UsageError
from manifests.exits import Exit

SUMMARY = "GITHUB_STEP_SUMMARY"


@contextmanager
def forge_of(environ: Mapping[str, str], pull: int | None) -> Iterator[Forge]:
    """Where this environment would comment; looked at before anything is compared.

    Raises:
        UsageError: it is neither a job of GitHub nor of GitLab, or what is needed is missing.
    """
    import httpx

    from earmark.diff.github import github
    from earmark.diff.gitlab import gitlab
    from runner.api.transport import Routes

    with httpx.Client(transport=Routes(httpx.Limits())) as client:
        if environ.get("GITHUB_REPOSITORY"):
            yield github(environ, pull, client)
        elif environ.get("CI_PROJECT_ID"):
            yield gitlab(environ, pull, client)
        else:
            raise UsageError(
                "--comment works in jobs of GitHub and GitLab: no GITHUB_REPOSITORY or CI_PROJECT_ID is set"
            )


def comment(forge: Forge, document: Diff, environ: Mapping[str, str]) -> Exit:
    """Write the comment and say on stderr what was done; what the command may end with."""
    body = render(document)
    try:
        done = post(forge, tag(document.name), body)
    except (NotAllowed, NotPosted) as error:
        where = _on_page(body, environ)
        say(f"no comment: {error}{where}")
        return Exit.DONE if isinstance(error, NotAllowed) else error.exit_code
    say(f"comment {done.what}{f': {done.where}' if done.where else ''}")
    return Exit.DONE


def _on_page(body: str, environ: Mapping[str, str]) -> str:
    """Write it on the job's own page, where there is one; what was done, to be said."""
    place = environ.get(SUMMARY)
    if not place:
        return ""
    try:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"\n{hidden(body)}\n")
    except OSError as error:
        return f"; nor on the job's page: {error.strerror}"
    return "; it stands on the job's page instead"


def say(words: str) -> None:
    """Tell it on stderr."""
    write_out(f"diff: {printable(hidden(words))}\n", sys.stderr)
