"""Console scripts: a Ctrl-C while the program is still being imported ends it as any later one does."""

import importlib
import sys

INTERRUPTED = 130  # as manifests.exits has it: nothing may be imported for it here


def earmark() -> None:
    """Console script `earmark`."""
    enter("earmark")


def plan() -> None:
    """Console script `plan`."""
    enter("plan")


def run() -> None:
    """Console script `run`."""
    enter("run")


def enter(name: str) -> None:
    """Import the front door and go through it."""
    try:
        door = importlib.import_module("earmark.main")
    # Python 3.11 wraps what stops the making of a class
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        sys.stderr.write(f"{name}: interrupted; the same command goes on\n")
        sys.exit(INTERRUPTED)
    getattr(door, name)()
