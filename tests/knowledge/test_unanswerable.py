"""Both error rates of "nothing relevant" on the sample notes: a committed set of questions, printed by kind."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import pytest

from assistant.bootstrap import open_assistant
from assistant.settings import Settings

NOTES = Path(__file__).parents[2] / "notes"
QUESTIONS = Path(__file__).with_name("questions.tsv")
# The most questions that may be refused although the notes answer them, or accepted although they do not.
BOUNDS = {"answered": 0.15, "across": 0.25, "small talk": 0.1, "other field": 0.05, "near miss": 0.25}


def test_few_questions_are_refused_or_accepted_wrongly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assistant = open_assistant(Settings(notes=(NOTES,), data=tmp_path))
    assistant.sync().run()
    wrong: dict[str, list[bool]] = defaultdict(list)
    for line in QUESTIONS.read_text("utf-8").splitlines()[1:]:
        kind, question = line.split("\t")
        wrong[kind].append(assistant.search.find(question).relevant != (kind in ("answered", "across")))
    assistant.database.close()
    rates = {kind: sum(marks) / len(marks) for kind, marks in wrong.items()}
    with capsys.disabled():
        sys.stdout.write(f" wrong: { {kind: round(rate, 3) for kind, rate in rates.items()} }\n")

    assert rates.keys() == BOUNDS.keys()
    assert {kind: rate for kind, rate in rates.items() if rate > BOUNDS[kind]} == {}
