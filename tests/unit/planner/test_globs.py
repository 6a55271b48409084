"""What patterns mean."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.globs import Globs


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("*.wav", "a.wav", True),
        ("*.wav", "deep/down/a.wav", True),
        ("*.wav", "a.WAV", False),
        ("*.wav", "a.wav.txt", False),
        ("talks/**", "talks/a.mp3", True),
        ("talks/**", "talks/2024/a.mp3", True),
        ("talks/**", "other/talks/a.mp3", False),
        ("talks/*", "talks/2024/a.mp3", True),
        ("talks/*.mp3", "talks/2024/a.mp3", False),
        ("**/raw/*.wav", "raw/a.wav", True),
        ("**/raw/*.wav", "x/y/raw/a.wav", True),
        ("**/raw/*.wav", "x/raw/y/a.wav", False),
        ("a/**/z.mp3", "a/z.mp3", True),
        ("a/**/z.mp3", "a/b/c/z.mp3", True),
        ("s0?/ep[1-3].mp3", "s01/ep2.mp3", True),
        ("s0?/ep[1-3].mp3", "s01/ep4.mp3", False),
        ("drafts", "drafts/a.mp3", True),
        ("drafts", "x/drafts/a.mp3", True),
        ("drafts/", "x/drafts/a.mp3", True),
        ("/drafts", "x/drafts/a.mp3", False),
        ("/drafts", "drafts/a.mp3", True),
        ("./drafts/*", "drafts/a.mp3", True),
        ("**", "anything/at/all", True),
        ("ep.*", "ep.\udcff", True),
        ("talks/**", "talks", True),
        ("a/**/**", "a/b", True),
        ("[!a]b", "x/b", False),
        ("x[!a]b", "x/b", False),
        ("x[+-9]b", "x/b", False),
        ("[", "[", True),
        ("[]]", "]", True),
        ("[!]]", "a", True),
        ("[b-a]", "b", False),
        ("a.c", "abc", False),
    ],
)
def test_patterns(pattern, path, meant):
    assert Globs((pattern,)).match(path) is meant


def test_no_pattern_means_nothing():
    assert not Globs()
    assert not Globs().match("a")


def test_any_of_several_patterns_is_enough():
    assert Globs(("*.mp3", "*.wav"))
    assert Globs(("*.mp3", "*.wav")).match("a.wav")


def test_many_stars_do_not_take_long():
    assert not Globs(("/".join(["**", "x"] * 6),)).match("/".join("x" * 5 + "y" * 20))


def meant(parts, pattern):
    """The same by recursion, a segment at a time."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(meant(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and meant(parts[1:], pattern[1:])


SEGMENTS = st.lists(st.text("ab*?[]!-^.", min_size=1, max_size=4) | st.just("**"), min_size=1, max_size=4)


@given(SEGMENTS, st.lists(st.text("ab]-^!.", min_size=1, max_size=3), min_size=1, max_size=4))
def test_patterns_mean_what_fnmatch_means_by_each_segment(pattern, path):
    segments = [each for each in pattern if each != "."]
    anchored = segments if len(pattern) > 1 else ["**", *segments]
    right = any(meant(path[:depth], anchored) for depth in range(1, len(path) + 1))
    assert Globs(("/".join(pattern),)).match("/".join(path)) is right
