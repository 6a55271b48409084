"""Names from elsewhere in Markdown: shown as they are, whatever they would mean there.

Inside `<code>` a forge looks for no mention, issue, emoji or address; every sign that Markdown, a table or
HTML could take for its own is an entity.
"""

from earmark.terminal import printable

_OWN = frozenset("&<>\"'`|*_~[](){}!#@\\:$^=+")
"""Signs with a meaning; the dot has one in `www.` alone."""


def code(text: str) -> str:
    """A text as code, on one line."""
    return f"<code>{escaped(text)}</code>"


def escaped(text: str) -> str:
    """A text without any sign that means something."""
    plain = "".join(f"&#{ord(each)};" if each in _OWN else each for each in printable(text))
    return plain.replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
