import pytest

from planner.markdown import words


@pytest.mark.parametrize(
    ("marked", "spoken"),
    [
        ("# A heading #\n\ntext", "A heading\n\ntext"),
        ("Heading\n=======\ntext", "Heading\n\ntext"),
        ("*a* **b** ***c*** _d_ __e__ ~~f~~", "a b c d e f"),
        ("*over\nlines*", "over\nlines"),
        ("*not over\n\nparagraphs*", "*not over\n\nparagraphs*"),
        ("**a _b_ c**", "a b c"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("a lone * and a _ stay", "a lone * and a _ stay"),
        ("[the page](https://example.org/a_(b)) here", "the page here"),
        ("[the page][1] and [this]\n\n[1]: https://example.org\n[this]: /x", "the page and this\n\n"),
        ("[laughs][sighs] [warmly] hello", "[laughs][sighs] [warmly] hello"),
        ("![a picture](a.png)text ![b][c]", "text"),
        ("[![badge](b.svg)](https://example.org)text", "text"),
        ("<https://example.org>", "https://example.org"),
        ("`code` and ``a ` b``", "code and a ` b"),
        ("`a *b* _c_`", "a *b* _c_"),
        ("before\n```python\nprint(1)\n```\nafter", "before\n\nafter"),
        ("before\n~~~~\n```\n~~~\n~~~~\nafter", "before\n\nafter"),
        ("before\n```\nnever closed", "before\n"),
        ("> quoted\n> > deeper", "quoted\ndeeper"),
        ("- one\n* two\n+ [x] three\n1. first", "one\ntwo\nthree\n1. first"),
        ("| a | b |\n|---|:-:|\n| c | d |", "a, b\nc, d"),
        ("a\n\n---\n\n***\n\nb", "a\n\nb"),
        ("---\ntitle: x\n---\ntext", "text"),
        ("a <!-- no\nno --> b", "a b"),
        ("<em>a</em> <br> b", "a b"),
        ('wait <break time="500ms"/> go', 'wait <break time="500ms"/> go'),
        (r"\*stars\* and \[brackets\]", "*stars* and [brackets]"),
        ("a note[^1]", "a note"),
        ("a   b  \nc", "a b\nc"),
        ("a < b > c", "a < b > c"),
    ],
)
def test_words_stay_and_marks_go(marked, spoken):
    assert words(marked) == spoken


@pytest.mark.parametrize("piece", ["*a ", "_a ", "`", "[", "![", "<a ", "> ", "- ", "|", "~", "[a]("])
def test_marks_without_an_end_are_read_as_quickly_as_any_text(piece):
    assert len(words(piece * 5000)) <= len(piece) * 5000
