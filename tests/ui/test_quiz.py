"""The quiz page as a script: one button to the first question, feedback with its passage, and an end that is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.connections import Choice
from assistant.errors import Language
from assistant.study.quiz import Given
from assistant.ui.i18n import say
from tests.answers.speaking import Server
from tests.conftest import write
from tests.providers.fake_provider import answer
from tests.study.test_quiz_model import GOOD
from tests.ui.screens import Open, button, shared, words

TERMS = (
    "# 训练\n\n- 过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。\n- 欠拟合（Underfitting）：训练集上都学不好，模型太简单。\n"
    "- 正则化（Regularization）：给损失加一项，惩罚过大的权重。\n- 早停（Early stopping）：验证损失连续几轮不降就停止训练。\n"
    "- 学习率（Learning rate）：每一步沿梯度走多远，通常很小。\n"
)


@pytest.fixture
def with_terms(notes: Path) -> None:
    write(notes, {"机器学习/训练.md": TERMS})


@pytest.mark.usefixtures("with_terms")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_button_leads_to_the_first_question_and_through_to_the_result(open_page: Open, language: Language) -> None:
    open_page()
    shared().preferences.choose("language", language)
    screen = button(open_page("quiz"), say(language, "quiz.start", count=5))
    attempt = screen.query_params["q"]
    asked = shared().quizzes.attempt(attempt).asked

    assert len(asked) == 5
    for _ in asked:
        waiting = shared().quizzes.attempt(attempt).next
        assert waiting is not None
        question = waiting.question
        if question.kind in ("cloze", "short"):
            field = (screen.text_input if question.kind == "cloze" else screen.text_area)[-1]
            field.set_value(question.accepted[0])
            button(screen, say(language, "quiz.answer"))
            if question.kind == "short":
                button(screen, say(language, "quiz.i_was_right"))
        elif question.kind == "multiple":
            for place in question.key:
                screen.checkbox(f"quiz-tick-{waiting.id}-{place}").check()
            screen.run()
            button(screen, say(language, "quiz.answer"))
        else:
            screen.button(f"quiz-option-{waiting.id}-{question.key[0]}").click().run()
        assert not screen.exception
        assert say(language, "quiz.right") in words(screen)
        assert "训练" in words(screen)
        last = shared().quizzes.attempt(attempt).next is None
        button(screen, say(language, "quiz.to_result" if last else "quiz.next"))

    assert say(language, "quiz.result", right=5, all=5) in words(screen)


@pytest.mark.usefixtures("with_terms")
def test_a_reload_comes_back_to_the_question_that_waits(open_page: Open) -> None:
    screen = button(open_page("quiz"), say("zh", "quiz.start", count=5))
    attempt = screen.query_params["q"]
    first, second = shared().quizzes.attempt(attempt).asked[:2]
    assert first.question.prompt.split("\n")[0] in words(screen)
    shared().quizzes.answer(attempt, first.id, Given((), "不知道"))

    again = open_page("quiz", q=attempt)

    assert say("zh", "quiz.progress", number=2, all=5, kind=say("zh", f"quiz.kind_{second.question.kind}")) in str(
        again.get("progress")[0].proto
    )


@pytest.mark.usefixtures("with_terms")
def test_a_question_called_wrong_is_gone_for_good(open_page: Open) -> None:
    screen = button(open_page("quiz"), say("zh", "quiz.start", count=5))
    attempt = screen.query_params["q"]
    (first, *rest) = shared().quizzes.attempt(attempt).asked

    button(screen, say("zh", "quiz.wrong_question"))

    assert [one.id for one in shared().quizzes.attempt(attempt).asked] == [one.id for one in rest]
    assert first.question.fingerprint in shared().quizzes.refused()


def test_notes_that_hold_nothing_to_ask_are_said_so(open_page: Open, notes: Path) -> None:
    for file in notes.rglob("*.*"):
        file.write_text("https://example.org\n", encoding="utf-8")

    screen = button(open_page("quiz"), say("zh", "quiz.start", count=5))

    assert "没有可以出成" in words(screen)


@pytest.mark.usefixtures("with_terms")
def test_a_model_is_sent_nothing_before_its_price_was_shown_and_agreed_to(open_page: Open) -> None:
    with Server(answer(json.dumps({"questions": [GOOD]}, ensure_ascii=False))) as server:
        open_page()
        shared().choose_chat(Choice("custom", "tiny", f"{server.url}/v1"))
        screen = open_page("quiz")
        screen.multiselect("quiz-within").set_value(["机器学习/训练.md"])
        screen.slider("quiz-number").set_value(1).run()
        button(screen, say("zh", "quiz.by_model", model="custom / tiny"))
        assert "1 次调用" in words(screen)
        assert completions(server) == 0

        button(screen, say("zh", "quiz.send"))
        job = shared().quiz_jobs.current
        assert job is not None
        job.wait(20)
        screen.run()

        assert completions(server) == 1
        assert (job.made, job.dropped, job.error) == (1, 0, None)
        assert say("zh", "quiz.made", count=1) in words(screen)
        button(screen, say("zh", "quiz.begin"))
        assert GOOD["question"] in words(screen)
        assert not screen.exception


def completions(server: Server) -> int:
    return sum(one.path.endswith("/chat/completions") for one in server.requests)
