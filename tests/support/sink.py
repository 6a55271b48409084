"""A server that takes any upload, keeps nothing of it, and says that a job was made of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PIECE = 1 << 20
ANSWER = b'{"job_id": 7, "status": "PENDING"}'


@dataclass
class Sink:
    """Where it listens, and how many bytes each upload brought."""

    url: str
    received: list[int] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        """Take one upload after the other until the listener closes."""
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                self._take(caller)

    def _take(self, caller: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += caller.recv(PIECE)
        head, _, body = head.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size, got, room = int(fields[b"content-length"]), len(body), bytearray(PIECE)
        while got < size:
            more = caller.recv_into(room)
            if not more:
                return
            got += more
        self.received.append(got)
        caller.sendall(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)
        )


@contextmanager
def sink() -> Iterator[Sink]:
    """The server on loopback, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Sink(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=made.serve, args=(listener,), name="sink", daemon=True)
        thread.start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
