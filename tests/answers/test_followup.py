"""A follow-up takes the former subject along; a new subject leaves it behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answers.followup import context_of
from assistant.answers.prompt import Exchange
from assistant.bootstrap import Assistant
from tests.conftest import write

FORMER = Exchange("什么是过拟合？", "过拟合是……")


@pytest.mark.parametrize(
    "question",
    [
        "它有什么缺点",
        "那怎么办？",
        "这种情况怎么避免",
        "为什么",
        "例子呢？",
        "前者和后者有什么区别",
        "How does it work?",
        "What about regularisation?",
        "And then?",
        "why",
    ],
)
def test_a_question_that_points_back_brings_the_former_one(question: str) -> None:
    assert context_of(question, [FORMER]) == "什么是过拟合？"


@pytest.mark.parametrize(
    "question",
    [
        "什么是注意力机制？",
        "梯度是什么",
        "怎样部署大语言模型推理服务",
        "What is attention?",
        "How are attention scores divided by the key dimension?",
    ],
)
def test_a_new_subject_leaves_the_former_one_behind(question: str) -> None:
    assert context_of(question, [FORMER]) == ""


def test_a_chain_of_follow_ups_reaches_back_to_its_subject_and_no_further() -> None:
    history = [Exchange("什么是注意力机制？", "a"), Exchange("什么是过拟合？", "b"), Exchange("它怎么发生的", "c")]

    assert context_of("那怎么避免它", history) == "什么是过拟合？\n它怎么发生的"


def test_the_first_question_has_nothing_to_point_back_to() -> None:
    assert context_of("它有什么缺点", []) == ""


@pytest.fixture
def methods(open_app: Callable[..., Assistant], tmp_path: Path) -> Assistant:
    """An assistant over two notes with a section of the same name."""
    write(
        tmp_path / "methods",
        {
            "梯度下降.md": "# 梯度下降\n\n梯度下降沿负梯度方向更新参数。\n\n## 缺点\n\n梯度下降容易停在鞍点，学习率难以选择。\n",
            "牛顿法.md": "# 牛顿法\n\n牛顿法使用二阶导数。\n\n## 缺点\n\n牛顿法要算海森矩阵，代价很高。\n",
        },
    )
    app = open_app(tmp_path / "methods")
    app.sync().run()
    return app


@pytest.mark.parametrize("subject", ["梯度下降", "牛顿法"])
@pytest.mark.parametrize("question", ["它有什么缺点", "那缺点呢？"])
def test_a_follow_up_is_answered_from_the_notes_on_the_former_subject(
    methods: Assistant, subject: str, question: str
) -> None:
    draft = methods.prepare(question, [Exchange(f"什么是{subject}？", "…")])

    assert draft.context == f"什么是{subject}？"
    assert draft.relevant
    assert draft.matches[0].chunk.note == f"{subject}.md"
    assert draft.request.passages


def test_a_new_subject_finds_its_own_passages(methods: Assistant) -> None:
    draft = methods.prepare("牛顿法有什么缺点？", [Exchange("什么是梯度下降？", "…")])

    assert draft.context == ""
    assert draft.matches[0].chunk.note == "牛顿法.md"
