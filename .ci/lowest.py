"""Turn the lower bounds of a pyproject.toml on stdin into pinned requirements on stdout.

The direct dependencies, the fleet's, the simulator's, the build backend, and those test tools that the
tests of `make lowest` need: each in exactly the version that its bound names.
"""

import re
import sys
import tomllib

TOOLS = ("hypothesis", "jsonschema", "pytest", "pytest-socket", "pytest-xdist")
"""What the tests of `make lowest` stand on."""

_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[a-z,]+\])?>=(?P<version>[0-9.]+)")


def pinned(requirement: str) -> tuple[str, str]:
    """The name of a requirement, and its pin to the lowest version.

    Raises:
        SystemExit: the requirement has no lower bound, or more than that.
    """
    match = _BOUND.fullmatch(requirement.strip())
    if match is None:
        raise SystemExit(f"pyproject.toml: {requirement!r} is not of the form name>=version")
    return match["name"].lower(), f"{match['name']}{match['extras'] or ''}=={match['version']}"


def lowest(pyproject: str) -> list[str]:
    """The pins, in the order of pyproject.toml."""
    table = tomllib.loads(pyproject)
    project, extras = table["project"], table["project"]["optional-dependencies"]
    tools = dict(pinned(each) for each in extras["test"] if not each.startswith(project["name"]))
    wanted = [
        *project["dependencies"],
        *extras["distributed"],
        *extras["simulator"],
        *table["build-system"]["requires"],
    ]
    return [pin for _, pin in map(pinned, wanted)] + [tools[name] for name in TOOLS]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lowest(sys.stdin.read())) + "\n")
