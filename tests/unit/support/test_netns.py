"""Hosts with a network of their own: they reach what they should, and nothing over a line that is cut."""

import subprocess
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import psycopg
import pytest

from support import netns
from support.waiting import until

MISSING = netns.missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

ASK = """
import sys, psycopg
with psycopg.connect(sys.argv[1], connect_timeout=2) as connection:
    print(connection.execute("SELECT 1").fetchone()[0])
"""
FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"


def said(line, code, *words):
    done = subprocess.run(
        [*line.words(), sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_a_cut_host_has_lost_the_database_and_nothing_else(own_postgres, tmp_path):
    class Hello(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_):
            pass

    with netns.lines(2) as (one, two), ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        own_postgres.reach(one.here, two.here)
        own_postgres.stop()
        own_postgres.start()
        port = server.server_address[1]
        with netns.relayed(one, port, tmp_path):
            one.cut()
            assert said(one, ASK, own_postgres.dsn(host=one.here)) == ""
            assert said(two, ASK, own_postgres.dsn(host=two.here)) == "1"
            assert said(one, FETCH, f"http://127.0.0.1:{port}/") == "hello"
            one.mend()
            until(lambda: said(one, ASK, own_postgres.dsn(host=one.here)) == "1")
        server.shutdown()
    with closing(psycopg.connect(own_postgres.dsn())) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nothing_is_left_of_them():
    with netns.lines(1) as (line,):
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
        assert line.namespace in listed
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert line.namespace not in listed
    assert subprocess.run(["ip", "link", "show", line.device], capture_output=True, check=False).returncode
