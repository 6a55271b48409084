"""The command `plan`, as a user or a script meets it; what is about its process starts the installed one."""

import json
import os
import pty
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import termios
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from manifests.money import ceiling, price
from manifests.text import read_manifest
from support.typed import typed
from support.waiting import PATIENCE

EXAMPLES = Path(__file__).parents[2] / "examples"
PLAN = Path(sys.executable).parent / "plan"
HEAVY = ("httpx", "numpy", "soundfile", "mutagen", "tenacity", "tqdm", "yaml", "sqlite3", "starlette", "av")


def plan(folder, *arguments, **environ):
    """Type the command in a folder."""
    words = ("plan", *arguments)
    return subprocess.CompletedProcess(words, *typed(folder, words, {**os.environ, **environ}, PATIENCE))


@pytest.fixture
def media(tmp_path):
    """The examples, copied so that results and manifests lie beside them."""
    shutil.copytree(EXAMPLES, tmp_path / "media")
    return tmp_path


def test_the_examples_are_planned_and_every_amount_adds_up(media):
    done = plan(media, "media", "--service", "transcription", "--service", "stems:six", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)["planned"]
    manifest = read_manifest(media / "manifest.yaml")
    for product in found["products"]:
        mine = [item for item in manifest.items if item.service == product["product"]]
        rate, each = manifest.head.rates[product["product"]], product["row"]
        assert each["items"] == len(mine)
        assert each["cents"] == sum(price(item.ms, rate) for item in mine) == sum(item.cents for item in mine)
        assert each["ceiling"] == sum(ceiling(item.longest_ms, rate) for item in mine)
    for figure in ("items", "cents", "ceiling", "ms", "bytes"):
        assert found["total"][figure] == sum(each["row"][figure] for each in found["products"])
    assert manifest.head.total.ceiling == found["total"]["ceiling"]
    parts = found["files"]
    assert parts["seen"] == parts["to_pay"] + parts["paid"] + parts["over"] + parts["left_out"]


def test_a_film_is_transcribed_and_not_split_into_stems(media):
    done = plan(media, "media/videos", "--service", "transcription", "--service", "stems")
    assert done.returncode == 0
    assert b"not priced" in done.stdout
    assert [item.service for item in read_manifest(media / "manifest.yaml").items] == ["transcription"]


def test_the_printed_way_out_of_a_cap_works_when_it_is_typed(media):
    refused = plan(media, "media", "--service", "stems:six", "--max-spend", "0.10", "--exclude", "no such*")
    assert refused.returncode == 3
    assert not (media / "manifest.yaml").exists()
    (line,) = [each for each in refused.stdout.decode().splitlines() if each.strip().startswith("fits ")]
    words = shlex.split(line.split("plan ", 1)[1].rpartition("   (")[0])
    assert plan(media, *words).returncode == 0
    manifest = read_manifest(media / "manifest.yaml")
    assert manifest.head.cap == 10
    assert 0 < manifest.ceiling <= 10


def test_hostile_names_are_safe_on_the_screen_and_whole_in_the_manifest(media):
    folder = media / "media"
    names = [b"two\nlines.wav", b"\x1b[2Jclear.wav", b"caf\xe9.wav", "\u202eevaw.wav".encode(), b"-rf.wav"]
    for number, name in enumerate(names):
        data = bytearray((EXAMPLES / "memos/archive-note.wav").read_bytes())
        data[-1] ^= number + 1
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(data)
    (folder / "bad\n  Wallet $9.00.mp3").write_text("no sound")
    done = plan(media, "media", "--service", "transcription", "--show", "left-out", "-o", "a b.yaml")
    assert done.returncode == 0
    text = done.stdout.decode()
    assert all(line.isprintable() for line in text.splitlines())
    assert not [line for line in text.splitlines() if line.startswith("  Wallet")]
    assert text.endswith("run 'a b.yaml' --max-spend 0.15\n")
    found = {os.fsencode(item.path) for item in read_manifest(media / "a b.yaml").items}
    assert set(names) <= found


def test_files_given_singly_share_their_folder(media):
    done = plan(media, "media/podcasts/ep01.mp3", "media/songs/harbour.mp3", "--service", "transcription")
    assert done.returncode == 0
    manifest = read_manifest(media / "manifest.yaml")
    assert manifest.head.root == "media"
    assert [item.file for item in manifest.items] == ["podcasts/ep01.mp3", "songs/harbour.mp3"]


def test_globs_choose_files(media):
    done = plan(media, "media", "--service", "transcription", "--include", "*.mp3", "--exclude", "songs/**")
    assert done.returncode == 0
    assert [item.file for item in read_manifest(media / "manifest.yaml").items] == [
        "podcasts/ep01.mp3",
        "podcasts/ep02.mp3",
    ]


def test_a_manifest_outside_any_common_folder_has_an_absolute_root(media):
    done = plan(media / "media", str(EXAMPLES), "--service", "transcription", "-o", str(media / "m.yaml"))
    assert done.returncode == 0
    root = read_manifest(media / "m.yaml").head.root
    assert (media / root).samefile(EXAMPLES)


def test_help_loads_nothing_heavy():
    code = (
        "import sys; before = set(sys.modules)\n"  # coverage may be among them, and loads sqlite3
        "from earmark import main\n"
        "main.through_the_door('plan', lambda: main.load('plan'), ['--help'])\n"
        f"print(*(name for name in {HEAVY!r} if name in set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr.split() == []
    assert b"--max-spend" in done.stdout


def planned_on_a_terminal(folder, columns):
    """Plan with stderr on a terminal of so many columns; the result, and what was drawn."""
    leader, follower = pty.openpty()
    try:
        termios.tcsetwinsize(follower, (24, columns))
        done = subprocess.run(
            [PLAN, "media", "--service", "transcription"],
            cwd=folder,
            env={**os.environ, "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=follower,
            check=False,
        )
        drawn = os.read(leader, 100_000) if select.select([leader], [], [], 0)[0] else b""
    finally:
        os.close(follower)
        os.close(leader)
    return done, drawn


def test_progress_is_a_bar_on_a_terminal_and_nothing_of_it_stays_in_a_pipe(media):
    done, drawn = planned_on_a_terminal(media, 100)
    assert done.returncode == 0
    assert b"plan: reading lengths" in drawn
    assert b"reading lengths" not in done.stdout
    assert b"\x1b" not in done.stdout


def test_a_terminal_without_a_width_gets_no_bar(media):
    done, drawn = planned_on_a_terminal(media, 0)
    assert (done.returncode, drawn) == (0, b"")


def test_a_reader_that_stops_early_changes_no_exit_code(media):
    command = f"{shlex.quote(str(PLAN))} media --service transcription --json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=media, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (media / "manifest.yaml").exists()


class _Wallet(BaseHTTPRequestHandler):
    """A wallet of 10 cents, with the catalogue's prices."""

    def do_GET(self):
        prices = {"transcription": {"cents_per_minute": 1}, "stem_extraction": {"cents_per_minute": 10}}
        balance = {"balance_cents": 10, "total_spent_cents": 0}
        body = json.dumps({"services": prices} if self.path.endswith("/pricing") else balance).encode()
        known = self.headers["X-API-Key"] == "ap_right"
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Tests are quiet."""


@pytest.fixture
def service():
    with HTTPServer(("127.0.0.1", 0), _Wallet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_with_a_key_the_gate_speaks_and_its_offer_works_when_it_is_typed(media, service):
    key = {"AUDIOPOD_API_KEY": "ap_right", "AUDIOPOD_BASE_URL": service}
    done = plan(media, "media", "--service", "stems:six", **key)
    assert done.returncode == 0
    text = done.stdout.decode()
    assert "same as live today" in text.splitlines()[0]
    assert "Wallet $0.10: NOT ENOUGH" in text
    assert "earmark wallet topup --amount 1 " in text
    (line,) = [each for each in text.splitlines() if each.strip().startswith("fits now")]
    words = shlex.split(line.split("plan ", 1)[1].split("   (")[0])
    again = plan(media, *words, **key)
    assert again.returncode == 0
    assert b"Wallet $0.10: enough." in again.stdout
    assert b"ap_right" not in done.stdout + again.stdout + (media / "manifest.yaml").read_bytes()


def test_a_refused_key_is_one_line_and_no_failure(media, service):
    refused = plan(
        media, "media", "--service", "stems", AUDIOPOD_API_KEY="ap_wrong", AUDIOPOD_BASE_URL=service
    )
    assert refused.returncode == 0
    assert b"Wallet not known: " in refused.stdout
    assert b"key was refused" in refused.stdout
    assert b"ap_wrong" not in refused.stdout + refused.stderr


def test_an_interrupted_plan_is_130_and_writes_nothing(media):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the question, never answers
        silent.settimeout(30)
        host, port = silent.getsockname()
        key = {"AUDIOPOD_API_KEY": "ap_right", "AUDIOPOD_BASE_URL": f"http://{host}:{port}"}
        with subprocess.Popen(
            [PLAN, "media", "--service", "stems"],
            cwd=media,
            env={**os.environ, **key},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            connection, _ = silent.accept()
            with connection:
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (130, b"")
    assert err.strip().endswith(b"plan: interrupted; the same command goes on")
    assert not (media / "manifest.yaml").exists()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_bug(media, closed):
    """Scripts close what they do not want to read."""
    command = f"{shlex.quote(str(PLAN))} media --service transcription {closed}"
    ended = subprocess.run(["sh", "-c", command], cwd=media, capture_output=True, check=False)
    assert ended.returncode == 0
    assert b"bug" not in ended.stderr
    assert (media / "manifest.yaml").exists()


def test_an_order_of_choosing_is_refused_where_nothing_is_chosen(bench):
    made = bench()
    made.record(1)
    refused = made.do("plan", "media", "--service", "transcription", "--prefer", "newest")
    assert refused.code == 2
    assert "--prefer newest says what --fit keeps first: add --fit, or leave it out" in refused.err
