"""The manual names every field of the document."""

from earmark.diff import document
from support import pages


def test_every_field_is_in_the_manual():
    table = pages.rows(pages.sections("docs/diff.md")["The document"])
    told = [word for row in table for word in pages.words(row[0])]
    assert told == list(document.Diff.__struct_fields__)
    every = set(pages.words(pages.sections("docs/diff.md")["The document"]))
    structs = (
        document.Amounts,
        document.Line,
        document.Share,
        document.Unread,
        document.Threshold,
        document.Why,
    )
    for each in (*structs, document.Compared):
        assert set(each.__struct_fields__) <= every, each
