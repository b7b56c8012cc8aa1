"""Questions to go on with: from headings beside the cited ones, not asked yet, answered by the notes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answers.next_questions import next_questions
from assistant.answers.topics import question_about, topic_of
from assistant.answers.turn import record_of
from assistant.bootstrap import Assistant
from assistant.errors import Language

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("3.2 位置编码（Positional Encoding）", "位置编码"),
        ("一、注意力", "注意力"),
        ("待研究", None),
        ("`code`", None),
        ("A", None),
    ],
)
def test_a_heading_names_a_topic_or_none(heading: str, topic: str | None) -> None:
    assert topic_of(heading) == topic


@pytest.mark.parametrize(
    ("heading", "language", "question"),
    [
        (("Dropout",), "zh", "什么是 Dropout？"),
        (("Dropout", "缺点"), "zh", "Dropout 的缺点是什么？"),
        (("过拟合", "怎么办"), "zh", "过拟合：怎么办？"),
        (("本地推理", "三者怎么选"), "zh", "本地推理：三者怎么选？"),
        (("偏差与方差",), "zh", "笔记里怎么讲偏差与方差？"),
        (("Scaling",), "en", "What do my notes say about Scaling?"),
        (("Attention", "Example"), "en", "What do my notes say about the example of Attention?"),
    ],
)
def test_a_heading_is_asked_about_properly(heading: tuple[str, ...], language: Language, question: str) -> None:
    assert question_about("x", heading, language) == question


@pytest.fixture
def sample(open_app: Callable[..., Assistant]) -> Assistant:
    app = open_app(ROOT / "notes")
    app.sync().run()
    return app


@pytest.mark.parametrize("question", ["什么是 BPE？", "RAG 的流程是什么？", "FSRS 是怎么安排复习的？"])
def test_the_sample_notes_lead_on_to_questions_that_they_answer(sample: Assistant, question: str) -> None:
    record = record_of(sample.prepare(question), None, None)
    offered = next_questions(record, [question], sample.store.chunks_of)

    assert len(set(offered)) == 3
    assert question not in offered
    for one in offered:
        assert sample.prepare(one).relevant, one


def test_what_was_asked_is_not_offered_again(sample: Assistant) -> None:
    asked = ["什么是 BPE？"]
    record = record_of(sample.prepare(asked[0]), None, None)
    seen: set[str] = set()
    for _ in range(3):
        offered = next_questions(record, asked, sample.store.chunks_of)
        assert not seen & set(offered)
        seen |= set(offered)
        asked += offered


def test_without_passages_there_is_nothing_to_go_on_with(sample: Assistant) -> None:
    assert next_questions({}, [], sample.store.chunks_of) == ()


def test_questions_come_from_the_cited_note_before_any_other(sample: Assistant) -> None:
    draft = sample.prepare("什么是 BPE？")
    record = record_of(draft, None, None)
    place = next(place for place, match in enumerate(draft.matches) if match.chunk.piece.heading[-1].startswith("BPE"))
    note = draft.matches[place].chunk.note
    offered = next_questions(record | {"citations": [{"marker": place + 1}]}, ["什么是 BPE？"], sample.store.chunks_of)
    own = {question_about(chunk.title, chunk.piece.heading, "zh") for chunk in sample.store.chunks_of(note)}

    assert len(offered) == 3
    assert offered[0] in own
    assert offered[1] in own
