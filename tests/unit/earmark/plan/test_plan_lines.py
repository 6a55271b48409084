"""Lines about planned items: name, service, length, price."""

import io

import pytest

from earmark.plan_lines import Told, line_of
from manifests.length import Grade
from manifests.manifest import Item


def item(**changes):
    fields = {"seconds": 1834.0, "grade": Grade.EXACT, "cents": 31, "ceiling": 31, "size": 9, "print": "p"}
    return Item(**{"file": "talks/ep1.mp3", "service": "transcription", **fields, **changes})


@pytest.mark.parametrize(
    ("planned", "line"),
    [
        (item(), "priced    talks/ep1.mp3  transcription  30:34  $0.31"),
        (item(ceiling=33), "priced    talks/ep1.mp3  transcription  30:34  $0.31  at most $0.33"),
        (item(cents=0, ceiling=0, paid=True), "paid      talks/ep1.mp3  transcription  30:34  $0.00"),
        (item(file="a\x1b[2J.mp3"), "priced    a\\x1b[2J.mp3  transcription  30:34  $0.31"),
        (
            item(service="denoise", cents=0, ceiling=0, credits=660, credits_ceiling=670),
            "priced    talks/ep1.mp3  denoise  30:34  660 cr.",
        ),
    ],
)
def test_a_line_names_item_service_length_and_price(planned, line):
    assert line_of(planned) == line


def test_lines_go_into_the_draft_and_are_told():
    class Draft:
        def __init__(self):
            self.done = []

        def add(self, items):
            self.done.append(len(items))

        def write(self, head):
            self.done.append(head)

        def close(self):
            self.done.append("closed")

    draft, stream = Draft(), io.StringIO()
    told = Told(draft, stream)
    told.add([item(), item()])
    told.write("head")
    told.close()
    assert draft.done == [2, "head", "closed"]
    assert stream.getvalue().count("\n") == 2
