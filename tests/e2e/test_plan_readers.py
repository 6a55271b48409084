"""Reader processes of the installed command, as the system sees them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.waiting import PATIENCE

SOUND = Path(__file__).parents[2] / "examples/podcasts/trailer.opus"
PLAN = Path(sys.executable).parent / "plan"
OLD = 1_000_000_000


def children(process):
    """The processes that a process has started."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in text.split()]


def runs(number):
    """Whether a process is there and no corpse."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition):
    late = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < late
        time.sleep(0.01)
    return found


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for children")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_readers_end_with_their_plan(tmp_path, number):
    (tmp_path / "media").mkdir()
    shutil.copy(SOUND, tmp_path / "media/0.opus")
    os.utime(tmp_path / "media/0.opus", (OLD, OLD))
    for each in range(1, 6000):
        os.link(tmp_path / "media/0.opus", tmp_path / f"media/{each}.opus")
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    with subprocess.Popen(
        [PLAN, "media", "--service", "transcription", "--readers", "3", "-q"],
        cwd=tmp_path,
        env={**os.environ, **state},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        readers = until(lambda: len(found := children(running)) == 3 and found)
        running.send_signal(number)
        out, err = running.communicate(timeout=PATIENCE)
    until(lambda: not any(map(runs, readers)))
    assert out == b""
    if number == signal.SIGINT:
        assert running.returncode == 130
        assert err.strip().endswith(b"plan: interrupted; the same command goes on")
    assert b"Traceback" not in err
    assert not (tmp_path / "manifest.yaml").exists()
