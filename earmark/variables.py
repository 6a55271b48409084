"""The environment variables that Earmark reads, and a note about one that is spelled wrong.

A cap in a variable that nothing reads is no cap, and nothing else would tell.
"""

from collections.abc import Iterator, Mapping

from manifests.errors import closest

READ = (
    "AUDIOPOD_API_KEY",
    "AUDIOPOD_API_KEY_FILE",
    "AUDIOPOD_BASE_URL",
    "AUDIOPOD_SESSION_TOKEN",
    "EARMARK_CRASH_AT",
    "EARMARK_DEBUG",
    "EARMARK_GITHUB",
    "EARMARK_HOST",
    "EARMARK_LEDGER",
    "EARMARK_MAX_SPEND",
    "EARMARK_MAX_SPEND_FILE",
    "EARMARK_MAX_SPEND_MONTH",
    "EARMARK_MAX_SPEND_RUN",
    "EARMARK_MAX_SPEND_SERVICE",
    "EARMARK_SCAN_CACHE",
    "EARMARK_WHO",
)
"""All of them (docs/commands.md, Environment)."""

SET = ("EARMARK_EXIT", "EARMARK_OUTCOME", "EARMARK_SENTENCE", "EARMARK_MANIFEST")
"""What the command at the end of a run finds (`earmark.on_end`); such a command may call `earmark`."""

NEAR = 0.7
"""How alike two names must be, without the start that all share, for one to be the other spelled wrong."""

_STARTS = ("EARMARK_", "AUDIOPOD_")


def misspelled(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that nothing reads, each with the one that was probably meant."""
    for name in environ:
        start = next((each for each in _STARTS if name.startswith(each)), None)
        if start is not None and name not in (*READ, *SET):
            known = [each.removeprefix(start) for each in READ if each.startswith(start)]
            close = closest(name.removeprefix(start), known, NEAR)
            if close:
                yield name, start + close
