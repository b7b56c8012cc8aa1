"""Notes and documents made to break, freeze or mislead a sync: one bad file costs itself at most."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.errors import NoteError
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.notes import kind_of
from assistant.knowledge.split import MAXIMUM_TOKENS, split
from tests.conftest import write
from tests.documents import note_from
from tests.formats import archive, word_by_python_docx, word_paragraph
from tests.reliability import hostile_pdf

Open = Callable[..., Assistant]
CONTROL = "监督学习使用带标签的数据。The control word is torvil.\n"

LONG: dict[str, str] = {
    "one Chinese line": "过拟合，" * 300_000,
    "one line without blanks": "x" * 1_000_000,
    "nested list": "".join("  " * (depth % 1_000) + f"- item {depth}\n" for depth in range(2_000)),
    "nested quotation": "> " * 5_000 + "deep\n" + ">" * 20_000 + " deeper\n",
    "wide table": "|".join("abc" for _ in range(3_000)) + "\n" + "|".join("---" for _ in range(3_000)) + "\n" + "|".join("1" for _ in range(3_000)) + "\n",
}  # fmt: skip

SLOW: dict[str, str] = {
    "brackets": "[" * 50_000,
    "pairs of brackets": "[](" * 20_000,
    "backticks": "`" * 30_000 + " ``" * 10_000,
    "emphasis": "*a _b " * 20_000,
    "links that never close": "[a](" + "<" * 30_000,
    "entities": "&" * 50_000 + "&#x" * 20_000,
    "HTML that never closes": "<a href='" * 10_000 + "<!--" * 10_000,
    "tags": "#" + "标签/" * 20_000 + " #a" * 20_000,
    "wikilinks": "[[" * 20_000 + "a|" * 20_000 + "]]" * 3,
    "definitions": "（" * 20_000 + "：" * 20_000,
    "dollars": "$" * 40_001 + "$ a " * 10_000,
    "blanks": "a" + " " * 200_000 + "b" + "\t" * 100_000 + "c",
}

FRONT_MATTER: dict[str, str] = {
    "aliases without end": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)),
    "a Python object": "title: !!python/object/apply:os.system ['touch pwned']\nx: !!python/name:os.system\n",
    "odd types": "title: [1, {a: b}]\ndate: 2026-13-45\ntags: !!binary aGVsbG8=\nnan: .nan\nbig: 1e999\n? [complex]\n: key\n",
    "a million keys": "".join(f"k{n}: v\n" for n in range(100_000)),
    "a merge of itself": "a: &a\n  <<: *a\ntitle: x\n",
}  # fmt: skip


@pytest.mark.case(24)
@pytest.mark.parametrize("name", LONG)
def test_a_note_of_absurd_shape_is_split_into_chunks_of_bounded_size(tmp_path: Path, name: str) -> None:
    pieces = split(note_from(tmp_path / "a.md", LONG[name] + "\n\n" + CONTROL))

    assert pieces
    assert all(piece.tokens <= MAXIMUM_TOKENS for piece in pieces)
    assert any("torvil" in piece.text for piece in pieces)


@pytest.mark.case(25)
@pytest.mark.parametrize("name", SLOW)
def test_text_made_to_be_slow_is_read_split_and_indexed(open_app: Open, notes: Path, name: str) -> None:
    write(notes, {"slow.md": f"{CONTROL}\n{SLOW[name]}\n"})
    app = open_app()
    report = app.sync().run()

    assert report.failed == []
    assert any(match.chunk.note == "slow.md" for match in app.search.find("torvil").matches)


@pytest.mark.case(26, 27)
@pytest.mark.parametrize("name", FRONT_MATTER)
def test_front_matter_of_any_kind_runs_nothing_and_keeps_the_body(
    open_app: Open, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(notes, {"front.md": f"---\n{FRONT_MATTER[name]}---\n{CONTROL}"})
    app = open_app()
    report = app.sync().run()

    assert report.failed == []
    assert any(match.chunk.note == "front.md" for match in app.search.find("torvil").matches)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.case(26)
def test_a_fence_that_never_closes_hides_nothing(open_app: Open, notes: Path) -> None:
    write(notes, {"fence.md": "# t\n```python\nprint(1)\n" + "line\n" * 2_000 + CONTROL})
    app = open_app()
    app.sync().run()

    assert any(match.chunk.note == "fence.md" for match in app.search.find("torvil").matches)


@pytest.mark.case(22)
@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\u200b\n".encode()])
def test_an_empty_note_is_named_and_nothing_of_it_is_embedded(open_app: Open, notes: Path, content: bytes) -> None:
    write(notes, {"void.md": content})
    app = open_app()
    app.sync().run()

    assert all(chunk.piece.text.strip() for note in app.store.notes() for chunk in app.store.chunks_of(note.place.path))
    assert not app.store.chunks_of("void.md")


@pytest.mark.case(29)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("laughs.html", b'<!DOCTYPE h [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><p>torvil &b;&b;&b;'),
        ("deep.html", b"<p>torvil" + b"<b><i>" * 50_000),
        ("script.html", b"<p>torvil<script>stolen</script><style>stolen</style><img onerror=stolen>"),
        ("numbers.ipynb", b'{"cells": [' + b"1" * 500_000 + b'], "nbformat": 4}'),
        ("depth.ipynb", b'{"cells": ' + b'[{"a":' * 50_000),
        ("bomb.html", gzip.compress(b"<p>" * 3_000_000)),
    ],
)
def test_exploding_markup_is_read_as_far_as_it_goes_or_refused(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    from assistant.knowledge.notes import Found
    from assistant.knowledge.readers import read

    kind = kind_of(name)
    assert kind is not None
    try:
        note = read(Found(name, file, kind, len(content)))
    except NoteError as error:
        assert error.details["path"] == name
        assert name in ("numbers.ipynb", "depth.ipynb", "bomb.html")
    else:
        assert "torvil" in note.text
        assert "stolen" not in note.text
        assert len(note.text) < 2 * len(content)


@pytest.mark.case(29)
@pytest.mark.parametrize("name", ["laughs.svg", "laughs.xml", "numbers.json", "script.svg"])
def test_formats_that_nobody_takes_notes_in_are_never_opened(open_app: Open, notes: Path, name: str) -> None:
    write(notes, {name: '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x onload="stolen()">&a;</x>'})
    report = open_app().sync().run()

    assert report.failed == []
    assert [(skipped.path, skipped.reason) for skipped in report.skipped] == [(name, "unsupported")]


def docx_bomb() -> bytes:
    parts = {name: content for name, content in _unpacked(word_by_python_docx()).items() if name != "word/document.xml"}
    body = word_paragraph("a" * (1 << 20)) * 160
    head = '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    return archive({**parts, "word/document.xml": f"{head}{body}</w:body></w:document>"})


def _unpacked(data: bytes) -> dict[str, bytes]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


BAD: dict[str, Callable[[], bytes]] = {
    "empty.pdf": lambda: b"",
    "cut.pdf": lambda: hostile_pdf.ONE_PAGE[:300],
    "circle.pdf": lambda: hostile_pdf.CIRCLES["pages hold themselves"],
    "web page.pdf": lambda: b"<!doctype html><p>Please log in",
    "picture.md": lambda: b"\x89PNG\r\n\x1a\n" + bytes(100),
    "program.txt": lambda: b"\x7fELF" + bytes(200),
    "void.md": lambda: b"",
    "bomb.docx": docx_bomb,
    "cut.docx": lambda: word_by_python_docx()[:-80],
    "laughs.docx": lambda: archive({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'}),
    "bad.ipynb": lambda: b'{"cells": [',
    "bad.epub": lambda: archive({"mimetype": "application/epub+zip"}),
    "bad.xlsx": lambda: archive({"xl/workbook.xml": "<nothing/>"}),
    "bad.pptx": lambda: b"PK\x03\x04 and nothing",
}


@pytest.mark.case(28, 30)
def test_among_two_hundred_good_files_each_bad_one_is_one_line(open_app: Open, notes: Path, tmp_path: Path) -> None:
    write(
        notes,
        {f"good/{number:03}.md": f"# Note {number}\n\nword{number:03} 第 {number} 篇。\n" for number in range(197)},
    )
    write(notes, {name: content() for name, content in BAD.items()})
    outside = sorted(tmp_path.iterdir())
    app = open_app()
    report = app.sync().run()

    assert report.notes == len(report.added) == 200
    assert sorted(path for path, _ in report.failed) == sorted(BAD)
    for path, error in report.failed:
        for text in (error.message("zh"), error.message("en")):
            assert path in text
            assert str(notes) not in text
            assert "Traceback" not in text
        assert error.hint("zh")
        assert error.hint("en")
    assert contradictions(app.database, app.embedder.key) == []
    assert app.search.find("word123").matches[0].chunk.note == "good/123.md"
    assert sorted(set(tmp_path.iterdir()) - set(outside)) == [tmp_path / "data"]

    again = app.sync().run()
    assert (again.unchanged, len(again.failed), again.embedded_chunks) == (200, len(BAD), 0)


@pytest.mark.case(23)
def test_a_file_over_the_limit_is_not_read_at_all(open_app: Open, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (notes / "sparse.md").open("wb") as file:
        file.truncate(1 << 40)  # a terabyte that takes no room: hashing it would not end
    (path, error), *others = open_app().sync().run().failed

    assert (path, error.kind, others) == ("sparse.md", "too_big", [])


@pytest.mark.case(48)
def test_links_in_circles_and_out_of_the_folder_lead_to_notes_or_nowhere(
    open_app: Open, notes: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.md").write_text("outsideword\n")
    write(notes, {
        "a.md": "# A\n\n[[b]] ![[b]] ![[a]] one\n",
        "b.md": "# B\n\n[[a]] ![[a]] two\n",
        "c.md": f"[[../secret]] ![[../../../../etc/passwd]] ![[{tmp_path}/secret.md]] [x](../secret.md) [y](file:///etc/passwd) three\n",
    })  # fmt: skip
    app = open_app()
    report = app.sync().run()
    everything = "".join(
        chunk.piece.text for note in app.store.notes() for chunk in app.store.chunks_of(note.place.path)
    )

    assert report.failed == []
    assert "outsideword" not in everything
    assert "root:" not in everything


@pytest.mark.case(50)
def test_the_same_text_and_the_same_name_are_told_apart_by_their_paths(open_app: Open, notes: Path) -> None:
    write(
        notes,
        {
            "a/note.md": "# Same\n\nalpha alphaword\n",
            "b/note.md": "# Same\n\nbeta betaword\n",
            "twin 1.md": CONTROL,
            "twin 2.md": CONTROL,
        },
    )
    app = open_app()
    app.sync().run()

    assert app.search.find("alphaword").matches[0].chunk.note == "a/note.md"
    assert app.search.find("betaword").matches[0].chunk.note == "b/note.md"
    twins = {one.chunk.note for one in app.search.find("torvil").matches if "torvil" in one.chunk.piece.text}
    assert twins and twins <= {"twin 1.md", "twin 2.md"}
    (notes / "twin 1.md").unlink()
    app.sync().run()
    assert [match.chunk.note for match in app.search.find("torvil").matches if "torvil" in match.chunk.piece.text] == [
        "twin 2.md"
    ]


@pytest.mark.case(91)
@pytest.mark.parametrize("time", [0, 1, 2_000_000_000, 32_503_680_000, -86_400])
def test_a_file_of_any_time_is_read_and_its_edit_is_seen_whatever_the_clock(
    open_app: Open, notes: Path, time: int
) -> None:
    write(notes, {"odd.md": CONTROL})
    os.utime(notes / "odd.md", (time, time))
    app = open_app()
    assert "odd.md" in app.sync().run().added
    assert app.sync().run().changed == []

    write(notes, {"odd.md": CONTROL.replace("torvil", "sellick")})
    os.utime(notes / "odd.md", (time - 3_600, time - 3_600))
    assert app.sync().run().changed == ["odd.md"]
    assert "sellick" in app.search.find("sellick").matches[0].chunk.piece.text
