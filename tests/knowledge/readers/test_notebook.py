"""Notebooks of nbformat, of IPython's version 3 and of VS Code."""

from __future__ import annotations

import json

import pytest

from assistant.errors import DamagedNote, EmptyNote
from assistant.knowledge.notes import Note
from assistant.knowledge.readers.notebook import read_notebook
from assistant.knowledge.split import split
from tests.formats import notebook_by_nbformat, notebook_by_vs_code, notebook_of_version_3


def pieces_of(data: bytes) -> list[tuple[tuple[str, ...], str, str]]:
    document = read_notebook(data, "a.ipynb")
    note = Note(
        "a", document.title or "a", "notebook", "", document.text, "", parts=document.parts, marks=document.marks
    )
    return [(piece.heading, piece.label, piece.text) for piece in split(note)]


def test_each_cell_is_a_piece_under_the_headings_above_it() -> None:
    data = notebook_by_nbformat(
        ("markdown", "# Training\n\nWe train a model.", ""),
        ("markdown", "## Loop", ""),
        ("code", "for x in data:\n    step(x)", "loss 0.5\n"),
        ("code", "plot()", ""),
    )

    assert pieces_of(data) == [
        ((), "Cell 1", "# Training\n\nWe train a model."),
        (("Loop",), "Cell 3", "## Loop\n\n```python\nfor x in data:\n    step(x)\n```\n\n```text\nloss 0.5\n```"),
        (("Loop",), "Cell 4", "```python\nplot()\n```"),
    ]


def test_version_3_has_headings_as_cells_and_input_for_source() -> None:
    document = read_notebook(notebook_of_version_3(), "a.ipynb")

    assert document.title == "Old notebook"
    assert document.text == (
        "# Old notebook\n\nNotes on entropy.\n\n```python\nprint(2 ** 10)\n```\n\n```text\n1024\n```\n\n```text\n42\n```\n\n"
    )


def test_rich_output_is_read_as_its_table_and_an_error_as_its_last_line() -> None:
    text = read_notebook(notebook_by_vs_code(), "a.ipynb").text

    assert "|  | x |\n| --- | --- |\n| 0 | 7 |" in text
    assert "```text\nZeroDivisionError: division by zero\n```" in text
    assert "aGVsbG8" not in text
    assert "\x1b" not in text


def test_a_bar_of_progress_is_kept_in_its_last_state_only() -> None:
    document = read_notebook(
        notebook_by_nbformat(("code", "fit()", "10%\r50%\r\x1b[32m100%\x1b[0m\ndone\n")), "a.ipynb"
    )

    assert "```text\n100%\ndone\n```" in document.text


def test_code_that_holds_a_fence_stays_inside_its_own() -> None:
    document = read_notebook(notebook_by_nbformat(("code", 'text = """\n```\n"""', "")), "a.ipynb")

    assert document.text.startswith('````python\ntext = """\n```\n"""\n````')


@pytest.mark.case(29)
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"cells": [' + b"[" * 20_000, DamagedNote),
        (b'{"nbformat": 4}', DamagedNote),
        (b'[1, 2]', DamagedNote),
        (b'{"cells": [1, null, "x", {"cell_type": 7, "source": {"a": 1}}], "nbformat": 4}', EmptyNote),
        (json.dumps({"cells": [{"cell_type": "code", "source": "", "outputs": [3, {"data": 5}]}]}).encode(), EmptyNote),
    ],
    ids=["nested", "no cells", "a list", "no cell is one", "nothing said"],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_notebook(data, "a.ipynb")
