"""An S3 server on loopback (moto's, in threads), and what tests put into it."""

import logging
import os
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from stores.interface import About, NotThere, StoreDown

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIATESTONLY",
    "AWS_SECRET_ACCESS_KEY": "never-written-anywhere",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Credentials that moto takes as any others."""


@dataclass(frozen=True, slots=True)
class S3:
    """A server, and a client that looks at it from beside the program."""

    address: str
    client: Any

    @property
    def environ(self) -> dict[str, str]:
        """What a process has to know to reach it."""
        return {**KEYS, "AWS_ENDPOINT_URL": self.address}

    def bucket(self, name: str, objects: Mapping[str, bytes] | None = None) -> str:
        """A bucket with some objects; its URL."""
        self.client.create_bucket(Bucket=name)
        for key, body in (objects or {}).items():
            self.put(name, key, body)
        return f"s3://{name}"

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Store an object."""
        self.client.put_object(Bucket=bucket, Key=key, Body=body)

    def get(self, bucket: str, key: str) -> bytes:
        """What an object holds."""
        body: bytes = self.client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def keys(self, bucket: str) -> list[str]:
        """All keys of a bucket, sorted."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return sorted(each["Key"] for page in pages for each in page.get("Contents", ()))

    def fill(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Store many objects without a request for each."""
        from moto.s3.models import s3_backends

        backend = next(iter(s3_backends.values()))["aws"]
        for key, body in objects.items():
            backend.put_object(bucket, key, body)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Look at credentials as a real store does, and know none, as long as the block lasts."""
        self._guard(b"0")
        try:
            yield
        finally:
            self._guard(b"inf")

    def _guard(self, after: bytes) -> None:
        """How many requests come before credentials are looked at."""
        plain = {"Content-Type": "text/plain"}
        asked = urllib.request.Request(f"{self.address}/moto-api/reset-auth", after, plain, method="POST")
        with urllib.request.urlopen(asked):
            pass

    def empty(self) -> None:
        """Take everything away."""
        with urllib.request.urlopen(urllib.request.Request(f"{self.address}/moto-api/reset", method="POST")):
            pass


class Shelf:
    """A store in memory that keeps count, and fails as it is told."""

    def __init__(self, place: str = "s3://shelf", **objects: bytes) -> None:
        self.place = place
        self.objects = dict(objects)
        self.marks = dict.fromkeys(objects, 1)
        self.reads: list[tuple[str, int, int]] = []
        self.before_read: Callable[[str, int], None] = lambda _key, _start: None
        self.lock = Lock()

    def key(self, url: str) -> str:
        return url.removeprefix(f"{self.place}/")

    def set(self, key: str, body: bytes) -> None:
        self.objects[key] = body
        self.marks[key] = self.marks.get(key, 0) + 1

    def about(self, url: str) -> About | None:
        return self._found(url)

    def _found(self, url: str) -> About | None:
        key = self.key(url)
        if key in self.objects:
            return About(len(self.objects[key]), 1_700_000_000 * 10**9, f"mark-{self.marks[key]}")
        if any(each.startswith(f"{key}/") for each in self.objects):
            return None
        raise NotThere(f"{url}: no such object")

    def below(self, url: str) -> Iterator[tuple[str, About]]:
        before = "" if url == self.place else f"{self.key(url)}/"
        for key in sorted(self.objects):
            if key.startswith(before):
                about = self.about(f"{self.place}/{key}")
                assert about is not None
                yield key.removeprefix(before), about

    def read(self, url: str, start: int, end: int) -> bytes:
        key = self.key(url)
        with self.lock:
            self.reads.append((key, start, end))
            self.before_read(key, start)
        self._found(url)
        body = self.objects[key][start:end]
        if len(body) < end - start:
            raise StoreDown(f"{url}: fewer bytes came")
        return body

    def put(self, source: Path, url: str) -> None:
        self.set(self.key(url), source.read_bytes())

    def move(self, url: str, target: str) -> None:
        self.set(self.key(target), self.objects.pop(self.key(url)))

    def remove(self, url: str) -> None:
        self.objects.pop(self.key(url), None)

    def has(self, url: str) -> bool:
        return self.key(url) in self.objects


@contextmanager
def serving() -> Iterator[S3]:
    """A server for as long as the block lasts."""
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    import boto3
    from botocore.config import Config
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        client = boto3.client(
            "s3",
            endpoint_url=address,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            region_name=KEYS["AWS_DEFAULT_REGION"],
            config=Config(retries={"max_attempts": 0}),
        )
        yield S3(address, client)
        client.close()
    finally:
        server.stop()
