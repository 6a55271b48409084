"""Inputs by address: fetched from this machine only, whatever the scenario says."""

from __future__ import annotations

import ipaddress
import tempfile
import urllib.request
from dataclasses import replace
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit

from anyio import to_thread

from simulator.calls import Call
from simulator.forms import Upload
from simulator.orders import Recording, measured
from simulator.refusals import Refusal

TIMEOUT_SECONDS = 10.0
_CHUNK = 1 << 16


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Stays where it was sent: a redirect could lead off this machine."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this machine and no other."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


async def fetched(call: Call, url: str) -> Recording:
    """The recording at an address. Raises Refusal 400 for one that is not on loopback or cannot be read."""
    _check(call, url)
    upload = await to_thread.run_sync(_fetch, url, call.world.folder)
    try:
        return replace(await measured(call, upload), address=url)
    finally:
        upload.path.unlink(missing_ok=True)


def _check(call: Call, url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise _unreachable(str(error)) from error
    if parts.scheme != "http":
        raise _unreachable("the simulator fetches http addresses only")
    if call.world.scenario.media_addresses == "none" or not is_loopback(host):
        raise _unreachable("the simulator fetches from loopback only")


def _fetch(url: str, folder: Path) -> Upload:
    """Copy an address into a file; runs in a worker thread."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    digest = sha256()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        upload = Upload("url", name, Path(file.name))
        try:
            with _opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    upload.size += len(chunk)
        except (OSError, ValueError, HTTPException) as error:
            if isinstance(error, HTTPError):
                error.close()
            upload.path.unlink(missing_ok=True)
            raise _unreachable(str(error)) from error
    upload.sha256 = digest.hexdigest()
    return upload


def _unreachable(why: str) -> Refusal:
    return Refusal(400, "url_not_accessible", f"The address could not be fetched: {why}")
