"""Whatever is done to a recording, reading it ends soon, in a length or in the one reading error."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.length import Grade
from planner.leftout import Unreadable
from planner.lengths.registry import read_length
from planner.probe import probe, sha256

EXAMPLES = Path(__file__).parents[2] / "examples"
RECORDINGS = sorted(path for path in EXAMPLES.glob("*/*.*") if path.suffix != ".txt")
MARKS = [
    b"RIFF\0\0\0\0WAVEfmt ",
    b"fLaC",
    b"OggS\0\2",
    b"\0\0\0\x18ftypM4A ",
    b"FORM\0\0\0\0AIFFCOMM",
    b"ID3\4\0\0\0\0\0\0",
]
MARKS += [
    b"\xff\xfb\x90\x64",
    b"\xff\xf1\x50\x80",
    b"\x0b\x77",
    b"MAC ",
    b"wvpk",
    b"TTA1",
    b"caff\0\1\0\0",
    b".snd",
    b"DSD ",
]
MARKS += [
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
    b"MPCK",
    b"FRM8",
    b"riff\x2e\x91\xcf\x11",
    b"RF64\xff\xff\xff\xffWAVEds64",
]

changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=30)
slow = settings(
    deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def look() -> Callable[[bytes], Grade | None]:
    """Read bytes as a file; None when the reading error came."""
    folder = Path(tempfile.mkdtemp())

    def read(data: bytes) -> Grade | None:
        path = folder / "file"
        path.write_bytes(data)
        seen = probe(str(path))
        assert len(sha256(str(path), seen.spans)) == 64
        try:
            length = read_length(str(path))
        except Unreadable:
            return None
        assert 0 < length.low_ms <= length.ms <= length.high_ms <= length.longest_ms
        return length.grade

    yield read
    shutil.rmtree(folder)


@slow
@given(data=st.binary(max_size=2000), mark=st.sampled_from([b"", *MARKS]))
def test_random_bytes_behind_any_mark(look, data, mark):
    look(mark + data)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
@settings(slow, max_examples=25)
@given(share=st.floats(0, 1), changes=changes, early=st.booleans())
def test_cut_and_changed_recordings(look, path, share, changes, early):
    data = bytearray(path.read_bytes())
    data = data[: int(len(data) * share)]
    reach = min(len(data), 1000) if early else len(data)
    for place, value in changes:
        if reach:
            data[int(place * reach)] = value
    look(bytes(data))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
@settings(slow, max_examples=20)
@given(share=st.floats(0.02, 0.97))
def test_a_cut_recording_is_never_called_exact(look, path, share):
    data = path.read_bytes()
    assert look(data[: int(len(data) * share)]) is not Grade.EXACT
