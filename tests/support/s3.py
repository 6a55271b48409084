"""An S3 server on loopback (moto's, in threads), and what tests put into it."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

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

    def bucket(self, name: str, **objects: bytes) -> str:
        """A bucket with some objects; its URL."""
        self.client.create_bucket(Bucket=name)
        for key, body in objects.items():
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

    def empty(self) -> None:
        """Take everything away."""
        for bucket in self.client.list_buckets()["Buckets"]:
            for key in self.keys(bucket["Name"]):
                self.client.delete_object(Bucket=bucket["Name"], Key=key)
            self.client.delete_bucket(Bucket=bucket["Name"])


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
