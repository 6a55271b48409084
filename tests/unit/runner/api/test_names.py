import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.api import names


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("vocals", "vocals"),
        ("lead vocal", "lead vocal"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "_"),
        ("", "_"),
        ("a/b\\c", "a_b_c"),
        ("C:drums", "C_drums"),
        ("x\x00y\nz\x1b", "x_y_z_"),
        (".hidden", "hidden"),
        ("trailing. ", "trailing"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("console", "console"),
        ("e\u0301", "é"),
        ("x" * 500, "x" * 120),
        ("\N{MUSICAL NOTE}" * 500, "\N{MUSICAL NOTE}" * 30),
    ],
)
def test_labels_become_safe_names(label, name):
    assert names.safe(label) == name


@given(st.text())
def test_no_label_leads_out_of_the_folder(label):
    name = names.safe(label)

    assert name
    assert name not in (".", "..")
    assert not set(name) & set("/\\:\0")
    assert not any(unicodedata.category(c) == "Cc" for c in name)
    assert len(name.encode()) <= names.LONGEST + 1


@pytest.mark.parametrize(
    ("address", "suffix"),
    [
        ("https://m.example/s/vocals.wav", ".wav"),
        ("https://m.example/s/vocals.FLAC?sig=a.b", ".flac"),
        ("https://m.example/s/vocals%2Emp3", ".mp3"),
        ("https://m.example/s/vocals", ".wav"),
        ("https://m.example/s.d/vocals", ".wav"),
        ("https://m.example/s/vocals.", ".wav"),
        ("https://m.example/s/vocals.w%2Fv", ".wav"),
        ("https://m.example/s/1?response-content-type=audio%2Fmpeg", ".mp3"),
        ("https://m.example/s/1?rsct=audio/flac;x=y", ".flac"),
        ("https://m.example/s/1?rsct=text/html", ".wav"),
        ("http://[", ".wav"),
    ],
)
def test_the_extension_comes_from_the_address(address, suffix):
    assert names.ending(address) == suffix


def test_names_that_a_careless_disk_takes_for_one_are_told_apart():
    found = names.unique([("Vocals", ".wav"), ("vocals", ".wav"), ("VOCALS", ".wav"), ("vocals", ".mp3")])

    assert found == ["Vocals.wav", "vocals_2.wav", "VOCALS_3.wav", "vocals.mp3"]


def test_a_made_up_name_does_not_take_anothers_place():
    assert len({each.casefold() for each in names.unique([("a_2", ""), ("a", ""), ("A", "")])}) == 3
