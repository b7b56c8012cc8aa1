"""Writes small PDFs by hand that lie, explode or run in circles. Knows the format, no reader."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

WORDS = b"BT /F 12 Tf 72 700 Td (CONTROL TEXT of this page) Tj ET"
Objects = Mapping[int, bytes]


def stream(content: bytes, extra: bytes = b"") -> bytes:
    """Write a stream object."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (extra, len(content), content)


def page(
    content: bytes = WORDS,
    *,
    more: Objects | None = None,
    page: bytes = b"",
    resources: bytes = b"",
    catalog: bytes = b"",
    **whole: bytes,
) -> bytes:
    """Write a PDF of one page; ``more`` objects replace or join the usual ones, the rest is put into page, resources and catalogue."""
    usual = {
        1: b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> %b >> %b >>"
        % (resources, page),
        4: stream(content),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    return document({**usual, **(more or {})}, **whole)


def document(
    objects: Objects,
    *,
    root: bytes = b"/Root 1 0 R",
    trailer: bytes = b"",
    start: bytes | None = None,
    table: bytes | None = None,
) -> bytes:
    """Put objects together with a table of where they lie; trailer, table and its place may be lies."""
    body, places = b"%PDF-1.7\n", {}
    for number, content in sorted(objects.items()):
        places[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    size = max(objects) + 1
    rows = b"".join(b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(size))
    body_end = len(body)
    xref = b"xref\n0 %d\n%b" % (size, rows) if table is None else table
    return b"%b%btrailer << /Size %d %b %b >>\nstartxref\n%b\n%%%%EOF\n" % (
        body, xref, size, root, trailer.replace(b"HERE", b"%d" % body_end), b"%d" % body_end if start is None else start,
    )  # fmt: skip


def flate(content: bytes, times: int = 1) -> bytes:
    """Write a stream that is packed several times over."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter [%b]" % (b"/FlateDecode " * times))


def packed_bytes(size: int, times: int) -> bytes:
    """Pack ``size`` blanks without ever holding them: one packed megabyte, written as often as it takes."""
    packer = zlib.compressobj(9)
    first = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = first + again * (size >> 20) + packer.flush()
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return stream(packed, b"/Filter [%b]" % (b"/FlateDecode " * times))


def laughing_forms(levels: int) -> bytes:
    """Write a page whose form draws ten forms, each of which draws ten more."""
    forms = {
        10 + level: stream(
            b"/X Do " * 10 if level + 1 < levels else b"BT /F 12 Tf (LOL) Tj ET",
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F 5 0 R >> /XObject << /X %d 0 R >> >>"
            % (11 + level),
        )
        for level in range(levels)
    }
    return page(b"/X Do", more=forms, resources=b"/XObject << /X 10 0 R >>")


def with_letters(codes: bytes) -> bytes:
    """Write a page whose font says that its letter 1 means these codes."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"%b endcmap end" % codes
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"
    return page(b"BT /F 12 Tf 72 700 Td (\x01 CONTROL TEXT and more) Tj ET", more={5: font, 6: stream(cmap)})


ONE_PAGE = page()

WITHOUT_TABLE: dict[str, bytes] = {
    "no table": ONE_PAGE.split(b"xref\n0")[0],
    "other line ends": ONE_PAGE.replace(b"\n", b"\r\n"),
    "table is a lie": document({1: b"<< >>"}, table=b"xref\n0 1\n9999999999 00000 n \n"),
    "no root": page(root=b""),
}

NO_PAGES: dict[str, bytes] = {
    "no pages": page(more={2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
    "pages are null": page(more={2: b"<< /Type /Pages /Kids [null null] /Count 2 >>"}),
    "count too high": page(more={2: b"<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>"}),
    "count below nothing": page(more={2: b"<< /Type /Pages /Kids [3 0 R] /Count -5 >>"}),
}

CIRCLES: dict[str, bytes] = {
    "pages hold themselves": page(more={2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}),
    "pages hold each other": page(more={2: b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>", 6: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 1 >>"}),
    "page is its own parent": page(page=b"/Parent 3 0 R"),
    "tree of 3 000 levels": page(more={
        2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>",
        **{n: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (n + 1 if n < 3_009 else 3) for n in range(10, 3_010)},
    }),
    "reference to itself": page(more={4: b"4 0 R"}),
    "chain of references": page(more={4: b"10 0 R", **{n: b"%d 0 R" % (n + 1) for n in range(10, 2_010)}}),
    "table before is the same": page(trailer=b"/Prev HERE"),
    "table of billions": page(table=b"xref\n0 2000000000\n0000000000 65535 f \n"),
    "table behind the end": page(start=b"99999999999"),
    "table before the beginning": page(start=b"-5"),
    "object stream in itself": page(more={7: stream(b"7 0 << >>", b"/Type /ObjStm /N 1 /First 4 /Extends 7 0 R")}),
    "object stream of billions": page(more={7: stream(b"7 0 << >>", b"/Type /ObjStm /N 2000000000 /First 4")}),
}  # fmt: skip

NESTED: dict[str, bytes] = {
    "arrays": page(page=b"/X " + b"[" * 100_000 + b"]" * 100_000),
    "dictionaries": page(page=b"/X " + b"<< /A " * 50_000 + b"1" + b">>" * 50_000),
    "contents": page(more={4: b"[" * 50_000 + b"]" * 50_000}),
    "commands": page(b"[" * 100_000 + b"]" * 100_000 + b" TJ " + WORDS),
    "parentheses": page(b"BT /F 12 Tf " + b"(" * 100_000 + b")" * 100_000 + b" Tj ET"),
    "graphics states": page(b"q " * 200_000 + WORDS),
}

FONTS: dict[str, bytes] = {
    "range of all letters": with_letters(b"1 beginbfrange <00> <FFFFFFFF> <0041> endbfrange"),
    "many ranges": with_letters(b"9999 beginbfrange " + b"<00> <FFFF> <0041> " * 9_999 + b"endbfrange"),
    "font is its own descendant": page(more={5: b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [5 0 R] >>"}),
    "widths of billions": page(more={5: b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [6 0 R] >>", 6: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [0 2000000000 500] >>"}),
    "no font at all": page(more={5: b"null"}),
}  # fmt: skip

UNFINISHED: dict[str, bytes] = {
    "picture without end": page(WORDS + b" BI /W 9 /H 9 /BPC 8 /CS /G ID " + b"\x00" * 50),
    "JPEG without end": page(WORDS + b" BI /W 9 /H 9 /BPC 8 /CS /RGB /F /DCT ID \xff\xd8\xff"),
    "base 85 without end": page(WORDS + b" BI /W 9 /H 9 /BPC 8 /CS /G /F /A85 ID 87cURD]"),
    "hexadecimal without end": page(WORDS + b" BI /W 9 /H 9 /BPC 8 /CS /G /F /AHx ID 4142"),
    "comment at the end": page(WORDS) + b"% never ends",
    "content is a comment": page(b"% only a comment"),
    "stream longer than its file": page(more={4: b"<< /Length 99999999 >>\nstream\n" + WORDS}),
}

BESIDE_THE_TEXT: dict[str, bytes] = {
    "outline in a circle": page(catalog=b"/Outlines 6 0 R", more={
        6: b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>", 7: b"<< /Title (a) /Parent 6 0 R /Next 7 0 R /First 7 0 R >>"}),
    "labels in a circle": page(catalog=b"/PageLabels 6 0 R", more={6: b"<< /Kids [6 0 R] >>"}),
    "metadata that laughs": page(catalog=b"/Metadata 6 0 R", more={6: stream(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>',
        b"/Type /Metadata /Subtype /XML")}),
    "script on opening": page(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
    "program on opening": page(catalog=b"/OpenAction << /S /Launch /F (/bin/sh) >>"),
}  # fmt: skip
