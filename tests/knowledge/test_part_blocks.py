"""How the parts that a format marks are cut into pieces."""

from __future__ import annotations

from assistant.knowledge.chunks import Chunk, Piece
from assistant.knowledge.notes import Note
from assistant.knowledge.parts import Form, Mark, Part
from assistant.knowledge.split import MAXIMUM_TOKENS, split


def pieces(text: str, *parts: Part, marks: tuple[Mark, ...] = (), title: str = "T") -> list[Piece]:
    found = split(Note("a.x", title, "html", "", text, "utf-8", parts=parts, marks=marks))
    assert all(text[slice(*piece.chars)] == piece.text for piece in found)
    return found


def test_no_piece_reaches_from_one_part_into_the_next() -> None:
    text = "first part\n\nsecond part\n\n"
    found = pieces(text, Part(0, ("A",), 1), Part(12, ("B",), 2))

    assert [(piece.text, piece.heading, piece.page, piece.lines) for piece in found] == [
        ("first part", ("A",), 1, (1, 1)),
        ("second part", ("B",), 2, (3, 3)),
    ]


def test_headings_within_a_part_go_below_its_own_and_are_not_said_twice() -> None:
    text = "# Chapter\n\nintro\n\n## Detail\n\nmore\n"

    assert [piece.heading for piece in pieces(text, Part(0, ("Chapter",)))] == [("Chapter",), ("Chapter", "Detail")]
    assert [piece.heading for piece in pieces(text, Part(0, ("Book",)))] == [
        ("Book", "Chapter"),
        ("Book", "Chapter", "Detail"),
    ]
    assert [piece.heading for piece in pieces(text, Part(0, ("Chapter",)), title="Chapter")] == [(), ("Detail",)]


def test_a_fence_that_never_closes_ends_with_its_part() -> None:
    text = "```\nopen\n\nprose after it\n"

    assert [piece.text for piece in pieces(text, Part(0), Part(10))] == ["```\nopen", "prose after it"]


def test_rows_stay_whole_and_a_row_that_is_too_long_is_cut() -> None:
    row = "| " + "word " * 900 + "|\n"
    text = "| a |\n| --- |\n| short |\n" + row + "| last |\n"
    found = pieces(text, Part(0, (), None, "rows"))

    assert all(piece.tokens <= MAXIMUM_TOKENS for piece in found)
    assert found[0].text.startswith("| a |\n| --- |\n| short |\n")
    assert found[-1].text.endswith("| last |")


def test_a_head_of_many_columns_is_repeated_further_than_other_leads() -> None:
    head = "| " + " | ".join(f"column {number}" for number in range(30)) + " |"
    rows = "".join(f"| row {number} {'x ' * 40}|\n" for number in range(60))
    found = pieces(f"{head}\n| --- |\n{rows}", Part(0, (), None, "rows"))

    assert all(piece.lead == f"{head}\n| --- |" for piece in found[1:])


def test_empty_parts_and_plain_ones() -> None:
    forms: list[Form] = ["plain", "markdown", "rows", "code"]
    text = "# no heading\n\n"

    assert [piece.heading for piece in pieces(text, Part(0, (), None, "plain"))] == [()]
    for form in forms:
        assert pieces("\n\n \n", Part(0, ("H",), None, form)) == []


def test_a_label_names_the_stretch_by_what_the_file_counts() -> None:
    marks = (Mark(0, "Cell 1"), Mark(12, "A2", "F2"), Mark(25, "A3", "F3"))
    text = "first cell\n\nsecond line\n\nthird line\n"
    found = pieces(text, Part(0), Part(12), marks=marks)

    assert [piece.label for piece in found] == ["Cell 1", "A2:F3"]
    assert found[0].path == ("Cell 1",)


def test_a_place_names_slides_as_slides() -> None:
    (piece,) = pieces("text", Part(0, ("Title",), 3), marks=(Mark(0, "00:01:00", "00:02:00"),))

    assert Chunk(1, 1, "a.pptx", "a", "slides", piece).place == "Title › 00:01:00–00:02:00 › slide 3"
    assert Chunk(1, 1, "a.pdf", "a", "pdf", piece).place.endswith("p. 3")
