"""One request on its way through the simulator: who asks, what strikes it, what it carries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from simulator import faults, wire
from simulator.books import Download, Job, Submit
from simulator.forms import Form, FormReader, Upload, read_json
from simulator.refusals import Refusal, invalid, no_job, scripted, too_large
from simulator.scenario import Fault
from simulator.world import World, token_in

MOST_PER_PAGE = 100
"""The largest `limit` of any list (docs/api.md 4 and 6)."""

LONGEST_NUMBER = 4000
"""Digits; what is longer is no number to Python."""

BEYOND_ALL_LISTS = 10**9


class Cut(Exception):
    """The connection is to be cut here and now."""


def whole(value: Any) -> int | None:
    """A whole number from JSON, where 5.0 is one and true is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(slots=True)
class Draft:
    """What is known so far of the submit that this call may be."""

    name: str = ""
    sha256: str = ""
    size: int = 0
    job_id: int | None = None
    options: dict[str, Any] = field(default_factory=dict)


class Call:
    """A request, with the faults that strike it. `kind` is what a fault's `at` is compared with."""

    def __init__(self, world: World, request: Request, kind: str) -> None:
        self.world = world
        self.request = request
        self.kind = kind
        self.now = world.now()
        self.draft = Draft()
        self._struck: tuple[Fault, ...] | None = None

    @property
    def service(self) -> str:
        """The service that this call is about, by its kind."""
        return self.kind.partition(":")[2]

    @property
    def key(self) -> str | None:
        """The key, from either of its two headers (docs/api.md 1)."""
        given = self.request.headers.get("x-api-key")
        return self._bearer if given is None else given

    @property
    def session(self) -> str | None:
        """The session token, if there is one: a bearer that is no key."""
        return None if self._bearer is None or self._bearer.startswith("ap_") else self._bearer

    @property
    def _bearer(self) -> str | None:
        scheme, _, bearer = self.request.headers.get("authorization", "").partition(" ")
        return bearer.strip() if scheme.lower() == "bearer" else None

    @property
    def base_url(self) -> str:
        """This simulator's address as the caller wrote it."""
        return str(self.request.base_url).rstrip("/")

    # Faults.

    def strike(self, name: str) -> None:
        """Let the scenario's faults strike; a second call changes nothing."""
        if self._struck is None:
            self._struck = self.world.faults.striking(self.kind, name)

    def refuse(self, *, early: bool | None = None, required_cents: int | None = None) -> None:
        """Raise what the faults that struck would refuse.

        Want of money waits until the price is known (`required_cents`); `early` chooses the faults that
        answer before the upload was read.
        """
        for fault in self.struck:
            if (fault.do == "short_of_money") != (required_cents is not None):
                continue
            refusal = scripted(fault, required_cents or 0, self.now)
            if refusal is not None and early in (None, fault.early):
                raise refusal

    def fault(self, kinds: frozenset[str]) -> Fault | None:
        """The first fault of these kinds that struck."""
        return faults.first(self.struck, kinds)

    def repeats_page(self) -> bool:
        """Whether a fault wants the first page of a list, whatever was asked for."""
        return self.fault(frozenset({"repeat_page"})) is not None

    # What the request carries.

    def number(self, name: str, default: int, least: int = 0, most: int | None = None) -> int:
        """A whole number from the query. Raises Refusal 422 for anything else, or out of range."""
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= LONGEST_NUMBER):
            raise invalid("Input should be a valid integer", "query", name)
        number = min(int(text), BEYOND_ALL_LISTS)
        if number < least or (most is not None and number > most):
            raise invalid(f"Input should be from {least} to {most or 'any number'}", "query", name)
        return number

    def job(self) -> Job:
        """The job that the path names. Raises Refusal 404 when there is none."""
        job = self._job()
        if job is None:
            raise no_job()
        return job

    def job_name(self) -> str:
        """The file name of the job that the path names, if it names one."""
        job = self._job()
        return "" if job is None else job.order.name

    def _job(self) -> Job | None:
        text = str(self.request.path_params.get("job_id", ""))
        number = self.world.names.get((self.service, text))
        if number is None and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
            number = int(text)
        job = None if number is None else self.world.books.jobs.get((self.service, number))
        return None if job is None or job.deleted_at is not None else job

    async def json(self, label: str = "") -> dict[str, Any]:
        """The body, which must be a JSON object. Raises Refusal 422 for anything else.

        `label` is the field that a fault's `name` is compared with, where there is no file.
        """
        body = b"".join([chunk async for chunk in wire.body(self.request)])
        self.draft.name = _label(body, label)
        self.strike(self.draft.name)
        self.refuse()
        if not self.request.headers.get("content-type", "").lower().startswith("application/json"):
            raise invalid("Input should be a valid dictionary", "body")
        data = read_json(body)
        if not isinstance(data, dict):
            raise invalid("Input should be a valid dictionary", "body")
        return data

    @asynccontextmanager
    async def form(self, label: str = "") -> AsyncIterator[Form]:
        """The body, which must be a form. Its files are gone when the context ends.

        `label` is the field that a fault's `name` is compared with, where there is no file.
        """
        reader = FormReader(
            self.request.headers.get("content-type", ""), self.world.folder, self._named, self._arrived
        )
        try:
            form = await self._read_form(reader, label)
            yield form
        finally:
            reader.close()

    async def _read_form(self, reader: FormReader, label: str) -> Form:
        try:
            form = await reader.read(wire.body(self.request))
        finally:
            self._note_upload(reader.partly())
        self.draft.name = self.draft.name or form.text(label) or ""
        self.strike(self.draft.name)
        if self.fault(frozenset({"cut_upload"})):
            raise Cut
        self.refuse()
        return form

    def _named(self, name: str) -> None:
        """A file's name is known, its content not yet."""
        self.draft.name = name
        self.strike(name)
        self.refuse(early=True)

    def _arrived(self, total: int) -> None:
        """So many bytes of the body are here."""
        limit = self.world.scenario.max_upload_bytes
        if limit is not None and total > limit:
            raise too_large()
        fault = self.fault(frozenset({"cut_upload"}))
        if fault is not None and total >= self._cut_at(fault):
            raise Cut

    def _cut_at(self, fault: Fault) -> int:
        if fault.bytes is not None:
            return fault.bytes
        return int(self.request.headers.get("content-length", "2")) // 2

    def _note_upload(self, upload: Upload | None) -> None:
        if upload is not None:
            self.draft.name, self.draft.sha256, self.draft.size = upload.name, upload.sha256, upload.size

    @property
    def struck(self) -> tuple[Fault, ...]:
        """The faults that struck this call."""
        return self._struck or ()

    # The books.

    def note_download(self, job: Job, label: str, size: int) -> None:
        """Write down that a result was handed out in full."""
        self.world.books.downloads.append(Download(job.service, job.id, label, size, self.now))

    def submit(self, answer: str) -> Submit:
        """What the books say of this call, when it was a submit."""
        draft = self.draft
        token = token_in(draft.name, self.world.scenario.token_pattern)
        return Submit(
            self.service,
            draft.name,
            draft.sha256,
            draft.size,
            self.now,
            draft.job_id,
            token,
            answer,
            draft.options,
        )


def _label(body: bytes, name: str) -> str:
    """A text field of a JSON body, or nothing when the body is something else."""
    if not name:
        return ""
    try:
        data = read_json(body)
    except Refusal:
        return ""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""
