"""Builds real documents for tests. Knows reportlab and the reader's door, nothing of what is asserted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.knowledge.notes import KINDS, Found, Note
from assistant.knowledge.readers import OnPage, read

CHINESE_FONT = "STSong-Light"  # every PDF program has it, so nothing is embedded
_FONT_SIZE = 12
_LINE = 18


def found(file: Path) -> Found:
    """Say of a file what the walk would say of it."""
    return Found(file.name, file, KINDS[file.suffix.lower()], file.stat().st_size)


def note_from(file: Path, content: bytes | str, on_page: OnPage | None = None) -> Note:
    """Write the content to the file and read it as a note."""
    file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read(found(file), on_page)


def pdf(file: Path, pages: Sequence[str | None], *, title: str = "", password: str = "", owner: str = "") -> Path:
    """Write a PDF with one page per text, its lines as they stand; None makes a page that is only a picture."""
    canvas = _canvas(file, password, owner)
    canvas.setTitle(title)
    for text in pages:
        if text is None:
            canvas.rect(80, 80, 400, 600, fill=1)
        else:
            _write_lines(canvas, text.split("\n"), left=72, top=760)
        canvas.showPage()
    canvas.save()
    return file


def pdf_in_columns(file: Path, columns: Sequence[Sequence[str]]) -> Path:
    """Write a PDF of one page with its lines in columns beside each other."""
    canvas = _canvas(file, "", "")
    for number, lines in enumerate(columns):
        _write_lines(canvas, lines, left=60 + 260 * number, top=760)
    canvas.showPage()
    canvas.save()
    return file


def raw_pdf(file: Path, content: bytes, *, box: str = "0 0 612 792") -> Path:
    """Write a PDF of one page by hand, with the drawing commands as they are."""
    fonts = "<< /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << /Font {fonts} >> >>".encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    body = b"%PDF-1.7\n"
    offsets = []
    for number, obj in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, obj)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    file.write_bytes(body + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer)
    return file


def _canvas(file: Path, password: str, owner: str) -> Any:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))
    locked = StandardEncryption(password, ownerPassword=owner or password) if password or owner else None
    return Canvas(str(file), pagesize=(612, 792), encrypt=locked, invariant=True)


def _write_lines(canvas: Any, lines: Sequence[str], *, left: float, top: float) -> None:
    for number, line in enumerate(lines):
        canvas.setFont("Helvetica" if line.isascii() else CHINESE_FONT, _FONT_SIZE)
        canvas.drawString(left, top - number * _LINE, line)
