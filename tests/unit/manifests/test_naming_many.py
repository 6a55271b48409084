"""Names of very many items are those of a few: the same, whatever clashes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import ManifestError
from manifests.length import Grade
from manifests.manifest import Item
from manifests.naming import bases
from manifests.naming_many import Names

FILES = st.sampled_from(
    ["a.mp3", "A.mp3", "a.wav", "a.mp3.transcription", "b/a.mp3", "a/vocals.mp3", "ä.mp3", "a", "x" * 300]
)
SERVICES = st.sampled_from(["transcription", "stems:two", "stems:six", "denoise:balanced"])
RESULTS = st.sampled_from([None, None, None, "given", "a", "b/a"])


def item(file, service, result=None):
    return Item(file, service, 60.0, Grade.EXACT, 1, 1, 1, "p", result=result)


def said(work):
    """What comes of it, or why it is refused."""
    try:
        return work()
    except ManifestError as error:
        return str(error)


def in_pieces(items):
    pieces = [items[:3], items[3:]]
    names = Names(lambda: pieces)
    return [*names.bases(0, pieces[0]), *names.bases(3, pieces[1])]


ITEMS = st.lists(
    st.builds(item, FILES, SERVICES, RESULTS), max_size=8, unique_by=lambda i: (i.file, i.service)
)


@given(ITEMS)
def test_they_are_those_that_a_look_at_all_at_once_gives(items):
    assert said(lambda: in_pieces(items)) == said(lambda: bases(items))


def test_a_name_that_leads_out_is_refused():
    with pytest.raises(ManifestError, match="leads out of the results folder"):
        Names(lambda: [[item("a.mp3", "transcription", "../a")]])
