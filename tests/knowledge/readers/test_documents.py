"""The reading process: what it is given, what ends it, and the readers of other packages in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import DamagedNote, MissingPackage, NoteError, TooBig
from assistant.knowledge import kinds
from assistant.knowledge.notes import Found, kind_of, walk
from assistant.knowledge.parts import Part
from assistant.knowledge.readers import documents, read
from tests.documents import note_from
from tests.formats import notebook_by_nbformat, slides_by_python_pptx, word_by_python_docx

READER = """
import os, sys
from assistant.errors import EmptyNote
from assistant.knowledge.parts import Mark, Part
from assistant.knowledge.readers.document import Document

def read(data, path):
    text = data.decode()
    print("a library that prints")
    if text == "empty":
        raise EmptyNote(path=path)
    if text == "crash":
        raise RuntimeError("not ours")
    if text == "exit":
        os._exit(3)
    if text == "sleep":
        import time; time.sleep(600)
    if text == "needs":
        import no_such_package_of_anybody
    if text == "keys":
        text = " ".join(sorted(os.environ))
    if text == "wrong":
        return Document("some text", parts=(Part(99), Part(5, (), None, "odd"), Part(2)), marks=(Mark(-1, "x"),))
    return Document(text.upper(), title="Org", parts=(Part(0, ("Top",)),), form="plain")
"""


@pytest.fixture
def org(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package with a reader for .org files, as pip would lay it out."""
    site = tmp_path_factory.mktemp("site")
    (site / "org_reader.py").write_text(READER)
    info = site / "org_reader-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: org-reader\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[study_assistant.readers]\norg = org_reader:read\n")
    monkeypatch.syspath_prepend(str(site))
    kinds.registered.cache_clear()
    documents.end_child()
    yield
    monkeypatch.undo()
    kinds.registered.cache_clear()
    documents.end_child()


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    documents.end_child()


def read_org(file: Path, text: str) -> object:
    file.write_text(text)
    kind = kind_of(file.name)
    assert kind is not None
    return read(Found(file.name, file, kind, len(text)))


def test_documents_of_several_formats_are_read_by_one_process(tmp_path: Path) -> None:
    documents.end_child()  # one that has read large files would be renewed
    first = note_from(tmp_path / "a.docx", word_by_python_docx())
    process = documents._CHILD._process
    second = note_from(tmp_path / "b.pptx", slides_by_python_pptx())
    third = note_from(tmp_path / "c.ipynb", notebook_by_nbformat(("code", "x = 1", "")))

    assert (first.kind, first.title, first.page_starts) == ("word", "Optimisation notes", ())
    assert (second.kind, second.encoding, len(second.page_starts)) == ("slides", "pptx", 3)
    assert (third.kind, [mark.first for mark in third.marks]) == ("notebook", ["Cell 1"])
    assert documents._CHILD._process is process


def test_a_damaged_file_costs_itself_only(tmp_path: Path) -> None:
    whole = word_by_python_docx()
    for cut in (40, len(whole) // 2, len(whole) - 30):
        with pytest.raises(NoteError):
            note_from(tmp_path / "bad.docx", whole[:cut])

    assert note_from(tmp_path / "good.docx", whole).title == "Optimisation notes"


@pytest.mark.usefixtures("org")
def test_a_reader_of_another_package_is_found_by_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.org").write_text("hello")
    (entry,) = walk(tmp_path)
    assert isinstance(entry, Found)
    note = read(entry)

    assert (note.kind, note.title, note.text, note.parts) == (".org", "Org", "HELLO", (Part(0, ("Top",)),))


def test_without_that_package_its_files_are_not_supported(tmp_path: Path) -> None:
    (tmp_path / "a.org").write_text("hello")

    assert [type(entry).__name__ for entry in walk(tmp_path)] == ["Skipped"]


@pytest.mark.usefixtures("org")
def test_such_a_reader_sees_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")

    assert "OPENAI_API_KEY" not in read_org(tmp_path / "a.org", "keys").text  # type: ignore[attr-defined]


@pytest.mark.usefixtures("org")
@pytest.mark.parametrize(
    ("text", "kind"), [("empty", "empty"), ("crash", "damaged"), ("exit", "damaged"), ("needs", "missing_package")]
)
def test_whatever_it_raises_is_an_error_of_ours_and_the_next_file_is_read(text: str, kind: str, tmp_path: Path) -> None:
    with pytest.raises(NoteError) as refused:
        read_org(tmp_path / "a.org", text)

    assert refused.value.kind == kind
    assert refused.value.details["path"] == "a.org"
    assert read_org(tmp_path / "b.org", "fine").text == "FINE"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("org")
def test_a_missing_package_is_said_with_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(MissingPackage) as refused:
        read_org(tmp_path / "a.org", "needs")

    assert "pip install no_such_package_of_anybody" in refused.value.hint("zh")
    assert "pip install no_such_package_of_anybody" in refused.value.hint("en")


@pytest.mark.usefixtures("org")
def test_a_reader_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "SECONDS", 1.5)

    with pytest.raises(TooBig):
        read_org(tmp_path / "a.org", "sleep")


@pytest.mark.usefixtures("org")
def test_parts_and_marks_that_make_no_sense_are_put_right(tmp_path: Path) -> None:
    note = read_org(tmp_path / "a.org", "wrong")

    assert note.parts == (Part(0), Part(2), Part(5, (), None, "plain"))  # type: ignore[attr-defined]
    assert note.marks == ()  # type: ignore[attr-defined]


def test_the_process_ends_by_itself_when_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "IDLE_SECONDS", 0.2)
    note_from(tmp_path / "c.ipynb", notebook_by_nbformat(("code", "x = 1", "")))
    deadline = time.monotonic() + 30
    while documents._CHILD._process is not None and time.monotonic() < deadline:
        time.sleep(0.05)

    assert documents._CHILD._process is None


def test_an_archive_called_a_document_is_damaged_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(DamagedNote):
        note_from(tmp_path / "a.docx", b"PK\x03\x04" + b"\0" * 100)
