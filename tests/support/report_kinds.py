"""Documents of every kind that a command may write: what all views, and the schema, must take."""

from datetime import UTC, datetime

from msgspec.structs import replace

from earmark.reports import around
from earmark.reports.document import Credits, FateSum, Report, Share
from manifests.exits import Exit
from support import made_reports

NOW = datetime(2026, 11, 30, 10, 6, 40, tzinfo=UTC)

HOSTILE = (
    "=cmd|' /C calc'!A0.wav",
    "@SUM(A1).wav",
    "-2+3.wav",
    "two\nlines\r.wav",
    "\n::error::x.wav",
    "\x1b[2Jclear\x07.wav",
    "\u202eevaw.wav",
    "<script>alert(1)</script>.wav",
    "</title></script><img src=x onerror=alert(1)>.wav",
    "a | b \\| c.wav",
    "`$(reboot)` ```sh.wav",
    "[x](javascript:alert(1)) ![](http://example.org/x.png).wav",
    "@octocat #1 www.example.org https://example.org a@example.org.wav",
    "_a_ *b* ~~c~~ &amp; &#x3C;b&#x3E;.wav",
    "]]>\x00\x0b\ufffe.wav",
    "%0A::warning::%25,:.wav",
    "::stop-commands::x.wav",
    " a ::add-mask::b.wav",
    "a##[add-mask]c.wav",
    "\"quoted\", 'too'.wav",
    "{{ 7*7 }} {% raw %}.wav",
    "\N{FULLWIDTH EQUALS SIGN}1+1.wav",
)
"""Names that mean something to a terminal, a spreadsheet, a browser, a runner or a renderer."""

SAVED = made_reports.item("a.mp3", results=["/home/me/results/a.srt"])
WAITING = made_reports.item("b.mp3", fate="waiting", state="planned", charged=None, since=None, job_id="")


def kinds() -> dict[str, Report]:
    """A document of each kind, by its name."""
    return {
        "run": made_reports.made(24),
        "done": made_reports.of([SAVED], outcome="done", exit=0, sentence="DONE: 1 of 1 saved."),
        "hostile": hostile(),
        "refused": made_reports.of(
            [WAITING], outcome="refused", exit=3, sentence="REFUSED, exit 3: too dear."
        ),
        "running": made_reports.of(
            [SAVED, made_reports.item("c.mp3", fate="sending", state="uploading", charged=None, held=11)],
            running=True,
            outcome="running",
            made_by="report",
            effort=None,
        ),
        "credits": credits_too(),
        "plan": plan(),
        "failure": around.failed(Exit.KEY, "no key: set AUDIOPOD_API_KEY", "run", NOW, "m.yaml"),
        "no words": around.failed(77, "", "plan", NOW),
    }


def hostile() -> Report:
    """Every text that comes from people or from the service is hostile."""
    fates = ("saved", "failed", "in doubt", "rejected")
    lines = [
        made_reports.item(
            name, fate=fates[number % 4], state="x", reason=name, job_id=name, service="transcription",
            results=[f"/home/me/results/{name}"], charged=None, held=3,
        )
        for number, name in enumerate(HOSTILE)
    ]  # fmt: skip
    made = made_reports.of(lines, sentence="ENDED, exit 1: some failed.", notes=list(HOSTILE))
    planned = made_reports.planned(
        left_out=[made_reports.LeftOut(name, None, "odd", name, folder=False) for name in HOSTILE],
        not_priced=[made_reports.NotPriced(name, None, "stems:six", "odd", name) for name in HOSTILE],
    )
    folders = [*made.folders, Share("<b>=x</b>", 1, *[0] * 12)]
    return replace(made, manifest="<m>|.yaml", planned=planned, folders=folders)


def credits_too() -> Report:
    """Some of it is paid by the account's credits."""
    cleaned = made_reports.item(
        "d.wav", service="denoise:studio", currency="credits", expected=1320, ceiling=1334, charged=1320
    )
    made = made_reports.of([SAVED], credits=Credits(2000, 1320, 0, 0, 680, 0, worth_cents=18, account=7680))
    fates = [FateSum("saved", 2, 10, 10, 0, 10, 1320, 1320, 0, 1320, 0, 0)]
    services = [*made.services, Share("denoise:studio", 1, 1, 60_000, 1, 0, 0, 0, 0, 0, 1320, 1334, 1320, 0)]
    return replace(made, items=[SAVED, cleaned], fates=fates, services=services, timeline=[])


def plan() -> Report:
    """What `plan` writes."""
    planned = made_reports.planned(gate=made_reports.gate())
    nothing = {"effort": None, "wallet": None, "output": None, "drift": [], "timeline": [], "notes": []}
    return made_reports.of([WAITING], made_by="plan", outcome="written", exit=0, planned=planned, **nothing)
