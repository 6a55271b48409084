"""The smallest valid documents: HTML, PDF and DOCX with a title and paragraphs."""

from __future__ import annotations

import io
import textwrap
import zipfile
from collections.abc import Iterable
from html import escape

LINE_CHARACTERS = 90
LINES_PER_PAGE = 50

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_DOCX_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
}
_OLDEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def html(title: str, paragraphs: Iterable[str]) -> bytes:
    """A web page."""
    body = "\n".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    title = escape(title)
    head = f'<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>'
    return f"<!DOCTYPE html>\n{head}\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n".encode()


def docx(title: str, paragraphs: Iterable[str]) -> bytes:
    """A word processor's document; equal texts give equal bytes."""
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{_xml(text)}</w:t></w:r></w:p>' for text in (title, *paragraphs)
    )
    document = f'{_XML}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (*_DOCX_PARTS.items(), ("word/document.xml", document)):
            archive.writestr(zipfile.ZipInfo(name, _OLDEST_ZIP_DATE), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def pdf(title: str, paragraphs: Iterable[str]) -> bytes:
    """A printable document in Helvetica; letters outside Latin-1 become question marks."""
    lines = [
        line for text in (title, "", *paragraphs) for line in textwrap.wrap(text, LINE_CHARACTERS) or [""]
    ]
    pages = [lines[i : i + LINES_PER_PAGE] for i in range(0, len(lines), LINES_PER_PAGE)]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, page in enumerate(pages):
        objects += [_page(5 + 2 * i), _content(page)]
    return _pdf_file(objects)


def _page(content: int) -> bytes:
    """A page of A4 whose text is in another object."""
    return (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
        f"/Contents {content} 0 R >>"
    ).encode()


def _content(lines: list[str]) -> bytes:
    shown = b"".join(b"(" + _pdf_text(line) + b") Tj T*\n" for line in lines)
    stream = b"BT /F1 10 Tf 14 TL 50 790 Td\n" + shown + b"ET"
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)


def _pdf_file(objects: list[bytes]) -> bytes:
    """Objects, the table of where each begins, and the trailer."""
    file, starts = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        starts.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return bytes(file) + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, trailer)


def _pdf_text(line: str) -> bytes:
    """A line as PDF strings are written: brackets and backslashes escaped, no control characters."""
    plain = "".join(letter for letter in line if letter.isprintable())
    escaped = plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return escaped.encode("latin-1", "replace")


def _xml(text: str) -> str:
    """Text as XML takes it: escaped, without control characters."""
    return escape("".join(letter for letter in text if letter.isprintable()))
