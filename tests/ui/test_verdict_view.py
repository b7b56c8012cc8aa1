"""What the check of an answer came to, as the chat page says it."""

from __future__ import annotations

from typing import Any

from assistant.answers.verify import verify
from tests.answers.test_citations import matches
from tests.ui.screens import Open, asked, shared, words

NOTE = "模型记住了训练集，在新数据上表现差。学习率设为 0.001。"


def showing(open_page: Open, answer: str) -> str:
    """Let the page show another answer in place of the one it has, checked against a passage of ours."""
    screen = asked(open_page())
    (saved,) = shared().conversations.all()
    (turn,) = shared().conversations.turns(saved.id)
    record: dict[str, Any] = dict(turn.record) | {"verification": verify(answer, matches(NOTE)).as_json()}
    shared().conversations.save(turn.id, answer, "complete", record)
    screen.run()
    assert not screen.exception
    return words(screen)


def test_an_answer_of_quotations_is_verified_whole(open_page: Open) -> None:
    screen = asked(open_page())
    (saved,) = shared().conversations.all()
    checked = shared().conversations.turns(saved.id)[0].record["verification"]
    count = checked["statements"]

    assert f"{count} 句论断，{count} 句有出处 · {count} 处引文，{count} 处核对无误" in words(screen)
    assert "°" not in words(screen)


def test_what_is_doubtful_is_marked_and_told(open_page: Open) -> None:
    said = showing(
        open_page, "学习率设为 0.01 [1]。秦始皇<b>统一</b>六国。笔记说「模型记住了测试集，在新数据上表现差」[1]。"
    )

    assert "3 句论断，2 句有出处 · 1 处引文，0 处核对无误" in said
    assert ":orange[≠]" in said
    assert "六国:gray[°]" in said
    assert "里写的是「模型记住了训练集，在新数据上表现差" in said
    assert "「0\\.01」与所引段落 \\[1\\] 里的数字对不上" in said
    assert "<b>" not in said
