"""The twenty shapes in which models break the JSON that they were asked for, and what is made of each."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.study.quiz_json import questions_in, verdict_in

ONE = {
    "passage": 1,
    "kind": "single",
    "question": "What is divided?",
    "options": [{"text": "scores", "right": True}, {"text": "keys", "right": False}, {"text": "masks", "right": False}],
    "answer": "scores",
    "quote": "The scores are divided.",
    "explanation": "",
}
TWO = ONE | {"question": "And what not?"}
WHOLE = json.dumps({"questions": [ONE, TWO]})
LETTERED = ONE | {"options": ["A. scores", "B. keys", "C. masks"]}
SHAPES = {
    "as asked": WHOLE,
    "indented": json.dumps({"questions": [ONE, TWO]}, indent=2),
    "a bare list": json.dumps([ONE, TWO]),
    "fenced": f"```json\n{WHOLE}\n```",
    "fenced and never closed": f"```json\n{WHOLE}",
    "prose around it": f"Here are your questions:\n\n{WHOLE}\n\nGood luck! {{smile}}",
    "thoughts before it": f"<think>maybe {{\"question\": \"no\"}}</think>\n{WHOLE}",
    "a byte order mark": "\ufeff" + WHOLE,
    "commas at the end": WHOLE.replace("}]}", "},],}"),
    "cut off inside the last": WHOLE[:-1] + ", " + json.dumps(ONE)[:40],
    "cut off inside the third": json.dumps({"questions": [ONE, TWO, ONE]})[:-60],
    "one object a line": f"{json.dumps(ONE)}\n{json.dumps(TWO)}",
    "wrapped deeper": json.dumps({"data": {"quiz": {"questions": [ONE, TWO]}}}),
    "by number": json.dumps({"1": ONE, "2": TWO}),
    "JSON inside a string": json.dumps(WHOLE),
    "each question a string": json.dumps({"questions": [json.dumps(ONE), json.dumps(TWO)]}),
    "Python's words": WHOLE.replace("true", "True").replace("false", "False"),
    "Python's quotes": str({"questions": [ONE, TWO]}),
    "names without quotes": WHOLE.replace('"question":', "question:").replace('"kind":', "kind:"),
    "curly quotes": WHOLE.replace('": "', "”：“").replace('", "', "”，“"),
    "remarks": WHOLE.replace("[{", "[\n// the first\n{", 1),
    "a raw line break in a text": WHOLE.replace("What is", "What\nis", 1),
    "twice the same": json.dumps({"questions": [ONE, TWO, ONE]}),
    "letters before the options": json.dumps([LETTERED | {"answer": "A"}, LETTERED | TWO | {"answer": "A. scores"}]),
    "options by letter": json.dumps([one | {"options": {"A": "scores", "B": "keys", "C": "masks"}} for one in (ONE, TWO)]),
    "options as lines": json.dumps([one | {"options": "A) scores\nB) keys\nC) masks"} for one in (ONE, TWO)]),
    "other names": json.dumps(
        [{"题干": one["question"], "选项": ["scores", "keys", "masks"], "答案": ["scores"]} for one in (ONE, TWO)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_both_questions_are_read_from_every_shape(shape: str) -> None:
    found = questions_in(SHAPES[shape])

    assert [" ".join(one.question.split()) for one in found] == ["What is divided?", "And what not?"]
    assert all(one.options == ("scores", "keys", "masks") for one in found)
    assert all(one.right == {0} for one in found)


@pytest.mark.case(46)
@pytest.mark.parametrize(
    "text", ["", "I cannot do that.", "{", "[]", "null", '{"questions": []}', '{"questions": "none"}', "[" * 5000]
)
def test_what_holds_no_question_gives_none(text: str) -> None:
    assert questions_in(text) == []


@pytest.mark.parametrize(
    "formula", [r"\frac{1}{n}", r"\beta", r"\times", r"\nabla f", r"\lambda", r"\rho", r"\theta", r"\underline{x}"]
)
def test_a_formula_keeps_its_backslash_whether_written_once_or_twice(formula: str) -> None:
    once = json.dumps([ONE | {"question": f"${formula}$"}]).replace("\\\\", "\\")
    twice = json.dumps([ONE | {"question": f"${formula}$"}])

    assert [one.question for one in (*questions_in(once), *questions_in(twice))] == [f"${formula}$"] * 2


def test_a_line_break_stays_one() -> None:
    (found,) = questions_in(json.dumps([ONE | {"question": "First.\nThen what?"}]))

    assert found.question == "First.\nThen what?"


@pytest.mark.case(46)
def test_a_bare_number_names_no_option_because_it_may_count_from_nought_or_one() -> None:
    (found,) = questions_in(json.dumps([ONE | {"options": ["scores", "keys", "masks"], "answer": 1}]))

    assert found.right == frozenset()


@pytest.mark.case(46)
@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    questions_in(text)
    verdict_in(text)


@given(st.integers(0, len(WHOLE)))
def test_a_reply_cut_anywhere_gives_whole_questions_only(end: int) -> None:
    assert all(
        one.question in (ONE["question"], TWO["question"]) and len(one.options) == 3
        for one in questions_in(WHOLE[:end])
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"right": true, "reason": "yes"}', (True, "yes")),
        ('```json\n{"right": false, "reason": "no"}\n```', (False, "no")),
        ('It is fine. {"correct": "true", "reason": "ok"}', (True, "ok")),
        ("It is right.", None),
        ('{"right": "perhaps"}', None),
    ],
)
def test_a_verdict_is_read_or_there_is_none(text: str, said: tuple[bool, str] | None) -> None:
    assert verdict_in(text) == said
