"""Starting a run: a large manifest, whose lines stay in their file, has a kind of its own."""

from manifests.manifest import Manifest
from manifests.text_file import ManifestFile
from runner import large
from runner.options import RunEnds, RunOptions
from runner.pieces import count_of, held, is_plain
from runner.recording import recorded
from runner.report import RunReport
from runner.run import Run


def run(manifest: Manifest | ManifestFile, options: RunOptions, ends: RunEnds) -> RunReport:
    """Run a manifest to its end, or to where money, time or the user stop it.

    The report of a large one reads its items from ledger and manifest, each time they are gone through.

    Raises:
        Busy: another run of this manifest is under way.
        KeyRefused: there is no key.
        MachineError: the ledger or the results folder cannot be used.
    """
    many = count_of(manifest) >= large.FROM and is_plain(manifest)
    if ends.fleet is not None and not options.one_look:
        return recorded(ends.ledger, _dispatch(manifest, options, ends, many=many).go)
    if many:
        return recorded(ends.ledger, large.LargeRun(manifest, options, ends).go)
    return recorded(ends.ledger, Run(held(manifest), options, ends).go)


def _dispatch(manifest: Manifest | ManifestFile, options: RunOptions, ends: RunEnds, *, many: bool) -> Run:
    from runner.fleet.members import Dispatch, LargeDispatch

    return LargeDispatch(manifest, options, ends) if many else Dispatch(held(manifest), options, ends)
