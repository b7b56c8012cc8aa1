"""Source code of several languages: verbatim, cut at definitions, headed by what is defined."""

from __future__ import annotations

import pytest

from assistant.errors import NotText, TooBig
from assistant.knowledge.notes import Note
from assistant.knowledge.readers.source_code import read_code
from assistant.knowledge.split import split

PYTHON = '''"""Training."""
import os

LIMIT = 3


# Trains a model.
@timed
def train(model):
    return model


class Net:
    def forward(self, x):
        return x

    def loss(self, x):
        return 0
'''


def pieces_of(text: str) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
    document = read_code(text.encode(), "a.py")
    assert document.text == text
    return [(piece.heading, piece.lines) for piece in split(Note("a", "a", "code", "", text, "", parts=document.parts))]


def test_a_definition_is_one_piece_with_its_comment_and_the_lines_of_the_file() -> None:
    assert pieces_of(PYTHON) == [((), (1, 4)), (("def train",), (7, 10)), (("class Net",), (13, 18))]


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("export async function load(url) {\n}\n", "function load"),
        ("const add = (a, b) => a + b\n", "add"),
        ("func (s *Server) Start(port int) error {\n}\n", "func Start"),
        ("pub(crate) fn step<T>(x: T) -> T {\n}\n", "fn step"),
        ("public class Main extends Base {\n}\n", "class Main"),
        ("int main(int argc, char **argv) {\n}\n", "main"),
        ("static inline double *Matrix::row(int i) const {\n}\n", "Matrix::row"),
        ("CREATE TABLE IF NOT EXISTS notes (id INT);\n", "TABLE notes"),
        ("fit_model <- function(data) {\n}\n", "fit_model"),
    ],
)
def test_definitions_are_known_in_many_languages(code: str, heading: str) -> None:
    assert [part.heading for part in read_code(code.encode(), "a").parts] == [(heading,)]


def test_calls_and_control_flow_define_nothing() -> None:
    code = "if (ready) {\n}\nwhile (x) {\n}\nreturn value(3)\nprint('def x')\n"

    assert [part.heading for part in read_code(code.encode(), "a").parts] == [()]


def test_the_later_parts_of_a_long_class_repeat_the_line_that_opens_it() -> None:
    methods = "\n\n".join(
        f"    def step_{n}(self, value):\n        return self.compute(value, {n}, 'text')" for n in range(80)
    )
    text = f"class Long:\n{methods}\n"
    pieces = split(Note("a", "a", "code", "", text, "", parts=read_code(text.encode(), "a.py").parts))

    assert len(pieces) > 2
    assert all(piece.lead == "class Long:" for piece in pieces[1:])
    assert all(piece.text.lstrip().startswith("def step_") for piece in pieces[1:])


def test_a_minified_line_ends_in_time() -> None:
    line = "!function(a,b){var c=a(b);return c}" * 20_000

    assert read_code(line.encode(), "a.js").text == line


@pytest.mark.parametrize(("data", "error"), [(b"\x7fELF" + b"\0" * 99, NotText), (b"x = 1\n" * 1_000_000, TooBig)])
def test_what_nobody_wrote_by_hand_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_code(data, "a.c")
