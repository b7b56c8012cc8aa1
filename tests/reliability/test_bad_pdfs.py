"""PDFs that lie, explode or run in circles: each costs its own child at most, and gives its text or an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from assistant.errors import DamagedNote, EmptyNote, NoteError, NotText, TooBig
from assistant.knowledge.notes import Note
from assistant.knowledge.readers import page_picture
from assistant.knowledge.readers import pdf as pdf_reader
from tests.documents import note_from
from tests.reliability import hostile_pdf as hostile


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """After each file the process that read it is gone, and no zombie stays."""
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) <= before


def outcome(folder: Path, content: bytes) -> Note | NoteError:
    """Read a PDF: a note whose text can be stored, or an error that names the file and not its folder."""
    try:
        note = note_from(folder / "a.pdf", content)
    except NoteError as error:
        assert error.details["path"] == "a.pdf"
        assert str(folder) not in error.message("en") + error.hint("en")
        return error
    assert note.text.strip()
    assert "\x00" not in note.text
    note.text.encode("utf-8")
    return note


@pytest.mark.case(1)
@pytest.mark.parametrize("content", [b"", b"%", b"%PDF-1.7\n", b"%PDF-", b"\n\n\n"])
def test_a_beginning_of_a_pdf_is_no_note(tmp_path: Path, content: bytes) -> None:
    assert isinstance(outcome(tmp_path, content), EmptyNote | DamagedNote | NotText)


@pytest.mark.case(3)
@pytest.mark.parametrize("name", hostile.WITHOUT_TABLE)
def test_a_pdf_whose_table_is_broken_is_mended_or_called_damaged(tmp_path: Path, name: str) -> None:
    came = outcome(tmp_path, hostile.WITHOUT_TABLE[name])

    assert isinstance(came, DamagedNote) or (isinstance(came, Note) and "CONTROL TEXT" in came.text)


@pytest.mark.case(3)
def test_other_line_ends_cost_nothing(tmp_path: Path) -> None:
    came = outcome(tmp_path, hostile.WITHOUT_TABLE["other line ends"])

    assert isinstance(came, Note) and "CONTROL TEXT" in came.text


@pytest.mark.case(7)
@pytest.mark.parametrize("name", hostile.NO_PAGES)
def test_a_false_number_of_pages_is_found_out(tmp_path: Path, name: str) -> None:
    came = outcome(tmp_path, hostile.NO_PAGES[name])

    if isinstance(came, Note):
        assert came.text.count("CONTROL TEXT") == 1
    else:
        assert isinstance(came, DamagedNote)
    assert name.startswith("count") or not isinstance(came, Note)


@pytest.mark.case(9)
@pytest.mark.parametrize(("size", "times"), [(1500 << 20, 2), (100 << 20, 1)], ids=["1.5 GB packed twice", "100 MB"])
def test_a_stream_that_unpacks_without_end_is_bounded_and_the_app_goes_on(
    tmp_path: Path, size: int, times: int
) -> None:
    before = psutil.Process().memory_info().rss
    came = outcome(tmp_path, hostile.page(more={4: hostile.packed_bytes(size, times)}))

    assert isinstance(came, TooBig | EmptyNote | DamagedNote)
    assert psutil.Process().memory_info().rss - before < 100 << 20
    assert isinstance(outcome(tmp_path, hostile.ONE_PAGE), Note)


@pytest.mark.case(9)
@pytest.mark.parametrize(
    "content",
    [
        hostile.stream(b"\x81 " * 200_000 + b"\x80", b"/Filter /RunLengthDecode"),
        hostile.stream(b"20" * 500_000 + b">", b"/Filter /ASCIIHexDecode"),
        hostile.stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01" * 9_000, b"/Filter /LZWDecode"),
        hostile.stream(hostile.flate(b"0" * 9_000), b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 2000000000 >>"),
    ],
    ids=["run lengths", "hexadecimal", "LZW", "predictor"],
)  # fmt: skip
def test_other_packings_are_bounded_too(tmp_path: Path, content: bytes) -> None:
    outcome(tmp_path, hostile.page(more={4: content}))


@pytest.mark.case(10)
def test_forms_within_forms_end_with_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "SECONDS", 2.0)  # as after the whole time: the file would take years
    came = outcome(tmp_path, hostile.laughing_forms(10))

    assert isinstance(came, TooBig | DamagedNote)


@pytest.mark.case(10)
def test_millions_of_drawing_commands_are_read_or_refused(tmp_path: Path) -> None:
    outcome(tmp_path, hostile.page(more={4: hostile.flate(b"BT /F 1 Tf ( ) Tj ET " * 300_000)}))


@pytest.mark.case(11)
def test_one_page_listed_endlessly_is_cut_at_the_limit(tmp_path: Path) -> None:
    many = b"<< /Type /Pages /Kids [%b] /Count 30000 >>" % (b"3 0 R " * 30_000)
    came = outcome(tmp_path, hostile.page(more={2: many}))

    assert isinstance(came, Note)
    assert len(came.page_starts) == 2_000
    (problem,) = came.problems
    assert (problem.reason, problem.pages[0], problem.pages[-1]) == ("page_limit", 2_001, 12_000)


@pytest.mark.case(12)
@pytest.mark.parametrize("name", hostile.CIRCLES)
def test_nothing_runs_in_circles(tmp_path: Path, name: str) -> None:
    outcome(tmp_path, hostile.CIRCLES[name])


@pytest.mark.case(13)
@pytest.mark.parametrize("name", hostile.NESTED)
def test_depth_without_end_breaks_nothing(tmp_path: Path, name: str) -> None:
    outcome(tmp_path, hostile.NESTED[name])


@pytest.mark.case(14)
@pytest.mark.parametrize("name", hostile.FONTS)
def test_fonts_that_explode_are_bounded(tmp_path: Path, name: str) -> None:
    outcome(tmp_path, hostile.FONTS[name])


@pytest.mark.case(15)
@pytest.mark.parametrize("name", hostile.UNFINISHED)
def test_what_never_ends_in_a_page_ends(tmp_path: Path, name: str) -> None:
    outcome(tmp_path, hostile.UNFINISHED[name])


@pytest.mark.case(16)
@pytest.mark.parametrize("side", [100_000, 2_000_000_000])
def test_a_picture_that_claims_to_be_huge_is_never_unpacked_as_such(tmp_path: Path, side: int) -> None:
    picture = hostile.stream(
        b"\x00" * 100,
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB"
        % (side, side),
    )
    (tmp_path / "a.pdf").write_bytes(
        hostile.page(b"600 0 0 700 0 0 cm /I Do", resources=b"/XObject << /I 6 0 R >>", more={6: picture})
    )
    try:
        png = page_picture(tmp_path / "a.pdf", 1, width=2_000).png
    except DamagedNote:
        return
    assert int.from_bytes(png[16:20], "big") * int.from_bytes(png[20:24], "big") <= 20_000_000


@pytest.mark.case(17)
@pytest.mark.parametrize("codes", [b"<D800>", b"<DFFF>", b"<0000>", b"<001B>", b"<D800D800>", b"<FFFE>"])
def test_letters_that_mean_no_character_never_reach_the_store(tmp_path: Path, codes: bytes) -> None:
    came = outcome(tmp_path, hostile.with_letters(b"1 beginbfchar <01> %b endbfchar" % codes))

    assert isinstance(came, Note)
    assert "CONTROL TEXT" in came.text
    assert not any(0xD800 <= ord(letter) <= 0xDFFF or (ord(letter) < 0x20 and letter != "\n") for letter in came.text)


@pytest.mark.case(18)
@pytest.mark.parametrize("name", hostile.BESIDE_THE_TEXT)
def test_what_stands_beside_the_text_never_costs_the_text(tmp_path: Path, name: str) -> None:
    came = outcome(tmp_path, hostile.BESIDE_THE_TEXT[name])

    assert isinstance(came, Note)
    assert came.text.strip() == "CONTROL TEXT of this page"
