"""The report as JUnit XML, which every CI shows: a service is a suite, an item a test.

`time` is the length of the audio in seconds: what an item took at the service is nobody's to know.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from xml.sax.saxutils import escape, quoteattr

from earmark.reports.amounts import price
from earmark.reports.document import Item, Report
from earmark.reports.fates import FAILED, MEANINGS, OPEN, UNSURE
from earmark.reports.texts import near
from earmark.terminal import printable
from manifests.exits import Exit

IN_MEMORY = 8 << 20
"""Characters of a suite that are kept in memory; a longer one waits in a file until its sums are known."""

_KINDS = {
    **dict.fromkeys(FAILED, "failure"),
    **dict.fromkeys(UNSURE, "error"),
    **dict.fromkeys(OPEN, "skipped"),
}
"""What a test came to, by an item's fate; none of these is a test that passed."""


@dataclass(frozen=True, slots=True)
class _Suite:
    """The tests of one service, and their sums, which stand before them."""

    text: "SpooledTemporaryFile[str]"
    sums: Counter[str] = field(default_factory=Counter)

    def add(self, item: Item) -> None:
        """One more."""
        self.sums["tests"] += 1
        self.sums["ms"] += item.ms
        self.sums[_KINDS.get(item.fate, "passed")] += 1
        self.text.write(_case(item))

    def tests(self) -> Iterator[str]:
        """The tests as they are written, a line at a time."""
        self.text.seek(0)
        yield from self.text


def render(report: Report, place: Path) -> Iterator[str]:
    """The whole document; items are gone through once."""
    stamp = report.made.removesuffix("Z")  # the format knows no zone
    with ExitStack() as stack:
        suites = _suites(report.items, stack)
        own = _own(report, suites)
        whole = sum((each.sums for each in suites.values()), Counter(tests=1, error=1) if own else Counter())
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f"<testsuites {_attribute('name', near(report.manifest or 'earmark', place))} {_sums(whole)}>\n"
        for service, suite in suites.items():
            yield f'  <testsuite {_attribute("name", service)} {_sums(suite.sums)} timestamp="{stamp}">\n'
            yield from suite.tests()
            yield "  </testsuite>\n"
        yield f"{own}</testsuites>\n"


def _suites(items: Iterable[Item], stack: ExitStack) -> Mapping[str, _Suite]:
    """By service, in the order in which they are met; files of large ones last as long as the stack."""
    suites: dict[str, _Suite] = {}
    for item in items:
        suite = suites.get(item.service)
        if suite is None:
            made = SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="")  # noqa: SIM115 - the stack closes it
            suite = suites[item.service] = _Suite(stack.enter_context(made))
        suite.add(item)
    return suites


def _own(report: Report, suites: Mapping[str, _Suite]) -> str:
    """The command as a test that failed, where it did and no item says so: a refusal must not look well."""
    told = any(each.sums["failure"] or each.sums["error"] for each in suites.values())
    standing = report.running or report.made_by == "report"
    if told or standing or report.exit in (Exit.DONE, Exit.STOPPED_AS_TOLD):
        return ""
    case, message = _attribute("name", report.made_by), _attribute("message", report.sentence)
    type_ = _attribute("type", report.outcome)
    return (
        f'  <testsuite name="earmark" {_sums(Counter(tests=1, error=1))}>\n'
        f'    <testcase classname="earmark" {case} time="0.000"><error {message} {type_}/></testcase>\n'
        "  </testsuite>\n"
    )


def _sums(sums: Counter[str]) -> str:
    counts = (("tests", "tests"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    told = [f'{name}="{sums[key]}"' for name, key in counts]
    return " ".join([*told, f'time="{sums["ms"] / 1000:.3f}"'])


def _case(item: Item) -> str:
    attributes = " ".join(
        (
            _attribute("classname", item.service),
            _attribute("name", item.file),
            f'time="{item.ms / 1000:.3f}"',
        )
    )
    kind = _KINDS.get(item.fate)
    if kind is None:
        return f"    <testcase {attributes}/>\n"
    message = _attribute("message", f"{item.fate}: {item.reason or MEANINGS.get(item.fate, '')}")
    if kind == "skipped":
        return f"    <testcase {attributes}><skipped {message}/></testcase>\n"
    type_ = _attribute("type", item.fate)
    details = escape(printable(f"{price(item)}; job {item.job_id or 'none'}; tries {item.tries}"))
    return f"    <testcase {attributes}><{kind} {message} {type_}>{details}</{kind}></testcase>\n"


def _attribute(name: str, value: str) -> str:
    """An attribute; characters that XML cannot hold are shown as escapes."""
    return f"{name}={quoteattr(printable(value))}"
