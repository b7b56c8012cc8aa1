"""What models write when they are asked for JSON, and what can still be read of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.study.model_json import read_items

FIELDS = ("front", "back")
ONE = {"front": "什么是过拟合？", "back": "在新数据上表现差"}
TWO = {"front": "What is a query?", "back": "one row of $Q$"}
WHOLE = json.dumps({"cards": [ONE, TWO]}, ensure_ascii=False)

SHAPES = {
    "clean": WHOLE,
    "fenced": f"```json\n{WHOLE}\n```",
    "fenced twice": f"```json\n{json.dumps(ONE)}\n```\nand\n```json\n{json.dumps(TWO)}\n```",
    "prose around": f"Sure! Here are your cards:\n\n{WHOLE}\n\nLet me know {{if}} you want more.",
    "a bare list": json.dumps([ONE, TWO]),
    "one object a line": f"{json.dumps(ONE)}\n{json.dumps(TWO)}",
    "another wrapper": json.dumps({"data": {"flashcards": [ONE, TWO]}}),
    "keyed by number": json.dumps({"1": ONE, "2": TWO}),
    "trailing commas": WHOLE.replace("}]", "},]").replace('"}', '",}'),
    "no comma between objects": WHOLE.replace("}, {", "}\n{"),
    "no comma between pairs": WHOLE.replace('", "back"', '" "back"'),
    "single quotes": str({"cards": [ONE, TWO]}),
    "python's words": str({"cards": [ONE | {"hard": True, "hint": None}, TWO]}),
    "comments": WHOLE.replace('[{"front"', '[ // the first\n {/* easy */ "front"'),
    "names without quotes": WHOLE.replace('"front"', "front").replace('"back"', "back"),
    "full-width punctuation": WHOLE.replace('", "back": ', '"，"back"：').replace('"front": ', '“front”：'),
    "curly quotes": "{“cards”: [{“front”: “什么是过拟合？”, “back”: “在新数据上表现差”}, {“front”: “What is a query?”, “back”: “one row of $Q$”}]}",
    "after thinking": f"<think>The user wants {{\"front\": \"x\", \"back\": \"y\"}} cards.</think>{WHOLE}",
    "json in json": json.dumps({"cards": json.dumps([ONE, TWO], ensure_ascii=False)}),
    "json as one string": json.dumps(WHOLE, ensure_ascii=False),
    "a byte order mark": "\ufeff" + WHOLE,
    "odd blanks": WHOLE.replace(": ", "\u00a0:\u3000"),
    "capital names": WHOLE.replace('"front"', '"Front"').replace('"back"', '" BACK "'),
    "no end": WHOLE.removesuffix("]}"),
    "a third one cut off": WHOLE.removesuffix("]}") + ', {"front": "What is',
    "too many brackets": WHOLE + "]}}",
}  # fmt: skip


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_both_cards_are_read_from(text: str) -> None:
    found = [{name: one[name] for name in FIELDS} for one in read_items(text, FIELDS).objects]

    assert found == [ONE, TWO]


def test_an_object_that_was_cut_off_is_counted_and_not_guessed() -> None:
    items = read_items('{"cards": [{"front": "A", "back": "B"}, {"front": "C", "back": "half a sent', FIELDS)

    assert [one["front"] for one in items.objects] == ["A"]
    assert items.broken == 1


def test_an_object_without_a_field_is_counted() -> None:
    items = read_items('[{"front": "A"}, {"front": "B", "back": "C"}, {"other": 1}]', FIELDS)

    assert (len(items.objects), items.broken) == (1, 1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"$\frac{1}{\sqrt{d}}$", r"$\frac{1}{\sqrt{d}}$"),
        (r"$\\frac{1}{2}$", r"$\frac{1}{2}$"),
        (r"$\lambda \times \theta \neq \nabla$", r"$\lambda \times \theta \neq \nabla$"),
        (r"$\begin{bmatrix}1\end{bmatrix}$", r"$\begin{bmatrix}1\end{bmatrix}$"),
        (r"\(x\)", r"\(x\)"),
        (r"$\underline{u}$", r"$\underline{u}$"),
        (r"one\ntwo\tthree", "one\ntwo\tthree"),
        (r"$\\\\$", r"$\\$"),
    ],
)
def test_formulas_keep_their_backslashes(written: str, meant: str) -> None:
    (one,) = read_items('{"front": "q", "back": "' + written + '"}', FIELDS).objects

    assert one["back"] == meant


def test_quotes_and_line_breaks_inside_a_string_stay_in_it() -> None:
    (one,) = read_items('{"front": "the so-called "query" vector", "back": "first\nsecond"}', FIELDS).objects

    assert one == {"front": 'the so-called "query" vector', "back": "first\nsecond"}


@pytest.mark.parametrize(
    "text",
    ["", "   ", "I cannot do that.", "null", "42", "[]", "{}", "{{{{", "[" * 5000, '{"a":' * 5000, '{"front": ' * 50],
)
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert read_items(text, FIELDS).objects == ()


@given(some.text(alphabet="{}[]\",:'“”\\ \nab1/*#", max_size=80))
def test_no_text_makes_it_fail(text: str) -> None:
    read_items(text, FIELDS)


@given(
    some.lists(some.fixed_dictionaries({"front": some.text(max_size=20), "back": some.text(max_size=20)}), max_size=4)
)
def test_what_is_valid_json_without_backslashes_is_read_as_it_is(cards: list[dict[str, str]]) -> None:
    text = json.dumps({"cards": cards}, ensure_ascii=False)
    if "\\" not in text and "```" not in text and "~~~" not in text and "\ufeff" not in text and "\u200b" not in text:
        assert list(read_items(text, FIELDS).objects) == cards
