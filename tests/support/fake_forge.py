"""GitHub and GitLab on loopback: comments of one pull request, and refusals on demand."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_secret_of_this_test"
BOT = "github-actions[bot]"
PAGE = 100

_ONE = re.compile(r"/repos/owner/name/issues/comments/(\d+)|/projects/5/merge_requests/7/notes/(\d+)")


@dataclass
class FakeForge:
    """A forge that knows one pull request, number 7 of owner/name, and project 5 with merge request 7."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)  # status by method
    login: str = BOT
    garbled: bool = False
    url: str = ""

    def add(self, body: str, login: str = BOT) -> None:
        """A comment that is there already."""
        kind = "Bot" if login.endswith("[bot]") else "User"
        number = len(self.comments) + 1
        user = {"login": login, "type": kind}
        self.comments.append({"id": number, "body": body, "user": user, "author": {"username": login}})

    def environ(self, event: str | None = None) -> dict[str, str]:
        """The environment of a job."""
        told = {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": "owner/name",
            "GITHUB_API_URL": self.url,
            "GITHUB_GRAPHQL_URL": f"{self.url}/graphql",
        }
        return {**told, **({"GITHUB_EVENT_PATH": event} if event else {})}

    def gitlab(self) -> dict[str, str]:
        """The environment of a job of GitLab."""
        return {
            "GITLAB_TOKEN": TOKEN,
            "CI_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_API_V4_URL": self.url,
        }

    def answer(self, method: str, target: str, token: str, data: Any) -> tuple[int, Any]:
        """Status and JSON."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.calls.append(f"{method} {target}")
        if TOKEN not in token:
            return 401, {"message": "Bad credentials"}
        if method in self.refuse and path != "/graphql":
            return self.refuse[method], {"message": f"Resource not accessible by {token}"}
        if path == "/graphql":
            return 200, {"data": {"viewer": {"login": self.login}}} if self.login else {"errors": []}
        if path == "/user":
            return 200, {"username": self.login}
        return self._comments(method, path, int(query.get("page", ["1"])[0]), data)

    def _comments(self, method: str, path: str, page: int, data: Any) -> tuple[int, Any]:
        whole = path in ("/repos/owner/name/issues/7/comments", "/projects/5/merge_requests/7/notes")
        found = _ONE.fullmatch(path)
        if whole and method == "GET":
            return 200, self.comments[(page - 1) * PAGE : page * PAGE]
        if whole and method == "POST":
            self.add(data["body"], self.login)
            return 201, {**self.comments[-1], "html_url": "https://forge.example/7#1"}
        if found and method in ("PATCH", "PUT"):
            one = self.comments[int(found[1] or found[2]) - 1]
            one["body"] = data["body"]
            return 200, {**one, "html_url": "https://forge.example/7#1"}
        return 404, {"message": "Not Found"}

    @contextmanager
    def serving(self) -> Iterator["FakeForge"]:
        """On loopback."""
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                data = json.loads(self.rfile.read(length)) if length else None
                token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
                status, found = forge.answer(self.command, self.path, token, data)
                body = b"<html>" if forge.garbled else json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815 - as the library names them

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
