"""The report as JUnit XML, which every CI shows: a service is a suite, an item a test.

`time` is the length of the audio in seconds: what an item took at the service is nobody's to know.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from earmark.reports.amounts import price
from earmark.reports.document import Item, Report
from earmark.reports.fates import FAILED, MEANINGS, OPEN, UNSURE
from earmark.terminal import printable
from manifests.exits import Exit

_KINDS = {
    **dict.fromkeys(FAILED, "failure"),
    **dict.fromkeys(UNSURE, "error"),
    **dict.fromkeys(OPEN, "skipped"),
}
"""What a test came to, by an item's fate; none of these is a test that passed."""


def render(report: Report, place: Path) -> Iterator[str]:  # noqa: ARG001 - as in all views
    """The whole document. Items are gone through once for the sums, and once for each service."""
    suites: dict[str, Counter[str]] = {}
    for item in report.items:
        sums = suites.setdefault(item.service, Counter())
        sums["tests"] += 1
        sums["ms"] += item.ms
        sums[_KINDS.get(item.fate, "passed")] += 1
    own = _own(report, suites)
    whole = sum((*suites.values(), Counter(tests=1, error=1) if own else Counter()), Counter[str]())
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites {_attribute('name', report.manifest or 'earmark')} {_sums(whole)}>\n"
    for service, sums in suites.items():
        stamp = report.made.removesuffix("Z")  # the format knows no zone
        yield f'  <testsuite {_attribute("name", service)} {_sums(sums)} timestamp="{stamp}">\n'
        yield from (_case(item) for item in report.items if item.service == service)
        yield "  </testsuite>\n"
    yield f"{own}</testsuites>\n"


def _own(report: Report, suites: Mapping[str, Counter[str]]) -> str:
    """The command as a test that failed, where it did and no item says so: a refusal must not look well."""
    told = any(sums["failure"] or sums["error"] for sums in suites.values())
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
