import pytest

from manifests import catalogue
from planner.leftout import Reason, Unreadable
from planner.prompts import prints, prompts

MUSIC = catalogue.load().service("music")


@pytest.fixture
def entries(tmp_path):
    def read(content, name="songs.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return prompts(str(path), MUSIC)

    return read


def test_a_text_has_one_prompt_a_line(entries, tmp_path):
    found = entries("calm piano\n\n# not this\n  loud drums, no voice  \r\n", "songs.txt")
    assert [(one.number, one.line, one.start) for one in found] == [
        (1, 1, "calm piano"),
        (2, 4, "loud drums, no voice"),
    ]
    assert found[1].result == str(tmp_path / "songs" / "002-loud-drums-no-voice")


def test_yaml_has_texts_and_mappings(entries):
    found = entries(
        "# ours\n- calm piano\n- prompt: loud drums\n  audio_duration: 90\n  lyrics: |\n    la\n    la\n"
    )
    assert [one.line for one in found] == [2, 3]
    assert found[1].given == {"prompt": "loud drums", "audio_duration": "90", "lyrics": "la\nla"}


def test_a_list_in_brackets_is_read_too(entries):
    assert [one.start for one in entries("[calm, {prompt: loud}]")] == ["calm", "loud"]


def test_editing_one_prompt_leaves_the_others_as_they_were(entries):
    before = entries("- calm\n- loud\n")
    after = entries("- loud\n- calmer\n")
    assert before[1].print == after[0].print
    assert before[0].print not in {one.print for one in after}


def test_the_same_prompt_as_text_and_as_mapping_is_one(entries):
    assert entries("- calm")[0].print == entries("calm", "a.txt")[0].print


def test_a_run_knows_prompts_by_their_prints(entries, tmp_path):
    found = entries("- calm\n- loud\n")
    assert prints(str(tmp_path / "songs.yaml"), MUSIC) == {one.print for one in found}


def test_names_of_results_hold_letters_that_every_disk_takes(entries):
    names = [
        one.result.rpartition("/")[2]
        for one in entries("Caf\u00e9 / \u00c9tude!\n\u5b89\u9759\u7684\u94a2\u7434\n" + "la " * 40, "a.txt")
    ]
    assert names[:2] == ["001-cafe-etude", "002-prompt"]
    assert len(names[2]) <= 44
    assert not names[2].endswith("-")


@pytest.mark.parametrize(
    ("content", "name", "reason", "detail"),
    [
        ("", "a.txt", Reason.EMPTY, "empty"),
        (b"a\n\xff", "a.txt", Reason.NOT_UTF8, "line 2: byte 3 is 0xff, not UTF-8"),
        ("# nothing\n", "a.txt", Reason.NO_PROMPTS, "line 1: there is no prompt"),
        ("# nothing\n", "a.yaml", Reason.NO_PROMPTS, "line 1: there is no prompt"),
        ("[]", "a.yaml", Reason.NO_PROMPTS, "line 1: there is no prompt"),
        ("calm piano", "a.yaml", Reason.NO_PROMPTS, "line 1: a list of prompts should stand here"),
        ("rules:\n- match: x\n", "a.yaml", Reason.NO_PROMPTS, "line 1: this is a file of Earmark's"),
        ("version: 1\nitems:\n- {}\n", "a.yaml", Reason.NO_PROMPTS, "line 1: this is a file of Earmark's"),
        ("- calm\n- [a]\n", "a.yaml", Reason.NO_PROMPTS, "line 2: a prompt is a text, or a mapping"),
        ("- calm\n- ''\n", "a.yaml", Reason.NO_PROMPTS, "line 2: a prompt is a text, or a mapping"),
        ("- calm\n- ~\n", "a.yaml", Reason.NO_PROMPTS, "line 2: a prompt is a text, or a mapping"),
        ("- calm\n- audio_duration: 60\n", "a.yaml", Reason.NO_PROMPTS, "line 2: the entry lacks `prompt`"),
        ("- prompt: a\n  long: 60\n", "a.yaml", Reason.NO_PROMPTS, "line 2: a prompt has no field `long`"),
        ("- prompt: a\n  bmp: 60\n", "a.yaml", Reason.NO_PROMPTS, "line 2: a prompt has no field `bmp`; did"),
        ("- prompt: calm\n  bpm: [60]\n", "a.yaml", Reason.NO_PROMPTS, "line 2: `bpm` is one value"),
        ("- calm\n- loud\n- calm\n", "a.yaml", Reason.NO_PROMPTS, "line 3: the same prompt as on line 1"),
        ("calm\ncalm\n", "a.txt", Reason.NO_PROMPTS, "line 2: the same prompt as on line 1"),
        ("- a: b: c\n", "a.yaml", Reason.NO_PROMPTS, "line 1: not YAML"),
        ("- " + "x" * 60_000, "a.yaml", Reason.NO_PROMPTS, "line 1: the entry has 60,013 bytes"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_with_its_line(entries, content, name, reason, detail):
    with pytest.raises(Unreadable) as caught:
        entries(content, name)
    assert caught.value.reason is reason
    assert caught.value.detail.startswith(detail)
    assert str(caught.value).partition(": ")[0].endswith(name)
