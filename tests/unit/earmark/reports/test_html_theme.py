"""The colours of the page: enough contrast for everybody, light and dark, as WCAG 2.2 counts it."""

import re

import pytest

from earmark.reports.html import PAGE

TEXT, PARTS = 4.5, 3.0
"""Least contrast of a text, and of lines and fillings that mean something (WCAG 1.4.3, 1.4.11)."""

PAIRS = re.findall(
    r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", (PAGE / "theme.css").read_text()
)
THEMES = {
    "light": {name: light for name, light, _ in PAIRS},
    "dark": {name: dark for name, _, dark in PAIRS},
}
GROUNDS = ("paper", "raised")


def brightness(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_counted_as_it_should_be():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [(text, ground) for text in ("ink", "soft", "accent", "alarm") for ground in GROUNDS]
    + [("on-accent", "accent"), ("paper", "ink")],
)
def test_text_can_be_read(theme, text, ground):
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("part", "ground"),
    [("accent", "paper"), ("alarm", "paper"), ("edge", "paper"), ("accent", "wash"), ("edge", "raised")],
)
def test_lines_and_fillings_can_be_seen(theme, part, ground):
    assert contrast(THEMES[theme][part], THEMES[theme][ground]) >= PARTS


def test_no_colour_stands_beside_the_theme():
    for path in [*PAGE.glob("*.css"), *PAGE.glob("*.js"), *PAGE.glob("*.html"), *PAGE.glob("*.svg")]:
        if path.name != "theme.css":
            assert not re.findall(r"#[0-9a-f]{6}\b|rgba?\(|hsla?\(", path.read_text()), path.name


def test_every_colour_that_is_used_is_in_the_theme():
    names = set(re.findall(r"--([a-z-]+):", (PAGE / "theme.css").read_text()))
    used = {
        name for path in PAGE.glob("*.css") for name in re.findall(r"var\(--([a-z-]+)\)", path.read_text())
    }
    assert used <= names
