"""The books of the other server: jobs, wallet, usage, and what was sent to it."""

import hashlib
import json
import math
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from support.other_dialect import Body, Dialect, usd

KEY = "ap_other_0123456789abcdef"
TOKEN = re.compile(r"ek-[0-9a-f]{16}-[0-9a-f]{16}", re.IGNORECASE)
CENTS = {"transcription": 1, "stem_extraction": 10}


@dataclass
class Job:
    """One job of the books."""

    service: str
    number: int
    name: str
    sha256: str
    seconds: int
    cents: int
    made: float
    fields: Body
    order: int
    ends: str = "COMPLETED"

    @property
    def token(self) -> str:
        found = TOKEN.search(self.name)
        return found[0].lower() if found else ""


@dataclass(frozen=True)
class Post:
    """One upload that came in whole."""

    service: str
    token: str
    sha256: str


class Other:
    """The service: its books, its job lists, its wallet."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.key = KEY
        self.lock = threading.RLock()
        self.jobs: list[Job] = []
        self.posts: list[Post] = []
        self.calls: Counter[str] = Counter()  # by method and path
        self.leaks: list[str] = []
        self.odd: list[str] = []  # calls that docs/api.md does not have
        self.began = time.time()
        self.stopping = threading.Event()
        self.url = self.storage = ""
        for number in range(dialect.strangers):
            self._stranger(number)

    def _stranger(self, number: int) -> None:
        service = ("transcription", "stem_extraction")[number % 2]
        name = f"someone else's {number}.mp3"
        self.jobs.append(
            Job(service, 9000 + number, name, "", 60, 1, self.began - 3600 + number, {}, number, "FAILED")
        )

    # -- books

    @property
    def ours(self) -> list[Job]:
        return [job for job in self.jobs if job.sha256]

    @property
    def spent_cents(self) -> int:
        return sum(job.cents for job in self.ours if self.status(job) == "COMPLETED")

    @property
    def held_cents(self) -> int:
        return sum(job.cents for job in self.ours if self.status(job) == "PROCESSING")

    @property
    def paid_twice(self) -> list[tuple[str, str]]:
        """Audio that was bought more than once, by service and digest."""
        bought = Counter(
            (job.service, job.sha256, json.dumps(job.fields, sort_keys=True))
            for job in self.ours
            if job.ends == "COMPLETED"
        )
        return [(service, sha) for (service, sha, _), times in bought.items() if times > 1]

    @property
    def tokens_sent_twice(self) -> list[str]:
        return [token for token, times in Counter(post.token for post in self.posts).items() if times > 1]

    def status(self, job: Job) -> str:
        if time.time() < job.made + self.dialect.job_seconds:
            return "PROCESSING"
        return job.ends

    def buy(self, service: str, name: str, audio: bytes, fields: Body) -> Job | Body:
        """Make a job, or say what the wallet lacks."""
        seconds = math.ceil((len(audio) - 44) / 8000)
        rate = CENTS[service] * {"karaoke": 3, "vocal_gender": 3}.get(fields.get("package", ""), 2)
        cents = -(-seconds * rate // 120)
        with self.lock:
            free = self.dialect.wallet_cents - self.spent_cents - self.held_cents
            if cents > free:
                return {"required_cents": cents, "available_cents": free}
            # Numbers count for each service alone, from the same one on.
            number = 41 + sum(job.service == service for job in self.ours)
            sha = hashlib.sha256(audio).hexdigest()
            job = Job(
                service,
                number,
                name,
                sha,
                seconds,
                cents,
                time.time(),
                fields,
                len(self.jobs),
                self.dialect.ends,
            )
            self.jobs.append(job)
            return job

    # -- bodies

    def entry(self, job: Job) -> Body:
        status = self.status(job)
        done = status == "COMPLETED"
        body: Body = {
            "id": self.dialect.ident(job.number),
            "status": self.dialect.word(status),
            "progress": None,
            "created_at": stamp(job.made),
            "completed_at": stamp(job.made + self.dialect.job_seconds) if done else None,
            "error_message": "it could not be read" if status == "FAILED" else None,
            "display_name": job.name,
        }
        if job.service == "transcription":
            return {
                **body,
                "total_duration": job.seconds if done else None,
                "source_urls": None,
                "detected_language": None,
            }
        links = {label: f"/stems/{job.number}/{label}.wav" for label in self.dialect.labels} if done else None
        urls = (
            None
            if links is None
            else self.dialect.links(self, job, {k: self.address(v) for k, v in links.items()})
        )
        return {
            **body,
            "source_type": "FILE",
            "input_path": f"inputs/{job.number}/{job.name}",
            "task_id": "t",
            "download_urls": urls,
        }

    def address(self, path: str) -> str:
        base = {"storage": self.storage, "own": self.url, "relative": "", "api": f"{self.url}/api/v1/media"}
        return base[self.dialect.link_base] + path

    def rows(self) -> list[Body]:
        """Usage, newest first; a failed job has none, strangers have one each of the other service's name."""
        found = []
        for job in self.jobs:
            if job.sha256 and self.status(job) != "COMPLETED":
                continue
            ended = job.made + self.dialect.job_seconds
            row = {
                "id": f"row-{job.order}",
                "service_type": job.service,
                "duration_seconds": job.seconds,
                "duration_minutes": round(job.seconds / 60, 2),
                "amount_cents": job.cents,
                "amount_usd": usd(job.cents),
                "job_id": str(self.dialect.ident(job.number)),
                "api_key_id": None,
                "created_at": stamp(ended),
            }
            found.append((ended, job.order, row))
            if self.dialect.strangers and job.sha256:  # the same number, another service
                other = {
                    **row,
                    "id": f"other-{job.order}",
                    "service_type": "music_generation",
                    "amount_cents": 999,
                    "amount_usd": "$9.99",
                }
                found.append((ended + 0.001, job.order, other))
        return [row for _, _, row in sorted(found, key=lambda each: each[:2], reverse=True)]

    def stem(self, job: Job, label: str) -> bytes:
        return f"RIFF {job.service} {job.number} {label} of {job.sha256}".encode()

    def transcript(self, job: Job, kind: str) -> tuple[bytes, str]:
        if kind == "json":
            return json.dumps(
                {"segments": [], "source": job.sha256, "total_duration": job.seconds}
            ).encode(), "application/json"
        return f"{kind} of {job.sha256}\n".encode(), {"txt": "text/plain", "srt": "application/x-subrip"}.get(
            kind, "text/vtt"
        )


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
