"""Prepare writes the very messages that send will send; send streams, checks and bills."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from assistant.answers.ask import Answer, prepare, send
from assistant.answers.prompt import Exchange
from assistant.bootstrap import Assistant
from assistant.errors import ModelError
from assistant.money.tokens import count
from assistant.providers.base import Delta, Request, Usage


@dataclass
class Says:
    """A model that says what it is told to, and notes what it was asked."""

    deltas: Sequence[Delta] = ()
    asked: list[Request] = field(default_factory=list)
    closed: bool = False
    provider: str = "test"
    name: str = "says"

    def stream(self, request: Request) -> Iterator[Delta]:
        self.asked.append(request)
        try:
            yield from self.deltas
        finally:
            self.closed = True


class Refuses(Says):
    def stream(self, request: Request) -> Iterator[Delta]:
        yield Delta("so ")
        raise ModelError(provider="test", reason="out of words")


def ended(pieces: Generator[str, None, Answer]) -> tuple[list[str], Answer]:
    said = []
    while True:
        try:
            said.append(next(pieces))
        except StopIteration as end:
            return said, end.value


def test_preparing_asks_no_model_and_sending_sends_what_was_prepared(app: Assistant) -> None:
    model = Says([Delta("因为记住了训练集 [1]")])
    draft = prepare("什么是过拟合？", search=app.search, model=model)
    assert model.asked == []

    ended(send(draft, model))
    assert model.asked == [draft.request]
    assert draft.request.question == "什么是过拟合？"
    assert [passage.number for passage in draft.request.passages] == list(range(1, len(draft.matches) + 1))


def test_an_answer_comes_piece_by_piece_and_ends_checked(app: Assistant) -> None:
    usage = Usage(100, 20, 5)
    model = Says([Delta("「模型记住了"), Delta(thinking="hm"), Delta("训练集」[1] 和 [9]"), Delta(usage=usage)])
    said, answer = ended(send(prepare("什么是过拟合？", search=app.search, model=model), model))

    assert said == ["「模型记住了", "训练集」[1] 和 [9]"]
    assert answer.text == "「模型记住了训练集」[1] 和"
    assert answer.invented == 1
    assert [(citation.marker, citation.verified) for citation in answer.citations] == [(1, True)]
    receipt = answer.receipt
    assert (receipt.prompt_tokens, receipt.completion_tokens, receipt.reasoning_tokens) == (100, 20, 5)
    assert (receipt.provider, receipt.model) == ("test", "says")
    assert receipt.seconds_to_first_token is not None
    assert 0 <= receipt.seconds_to_first_token <= receipt.seconds


def test_what_a_provider_does_not_say_stays_unknown(app: Assistant) -> None:
    model = Says([Delta("so [1]")])
    _, answer = ended(send(prepare("什么是过拟合？", search=app.search, model=model), model))

    assert (answer.receipt.prompt_tokens, answer.receipt.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("披萨要烤多久才熟", "笔记里没有找到能回答这个问题的内容。"),
        ("How do I bake sourdough bread?", "Your notes hold nothing that answers this question."),
    ],
)
def test_where_nothing_is_relevant_it_says_so_and_asks_no_model(app: Assistant, question: str, said: str) -> None:
    model = Says([Delta("invented")])
    draft = prepare(question, search=app.search, model=model)
    _, answer = ended(send(draft, model))

    assert not draft.relevant
    assert answer.text.startswith(said)
    assert model.asked == []
    assert draft.request.passages == ()
    assert len(draft.matches) <= 3
    assert answer.receipt.seconds_to_first_token is None


def test_the_nearest_passages_are_named_with_markers(app: Assistant) -> None:
    draft = app.prepare("披萨要烤多久才熟")
    _, answer = ended(send(draft, app.model))

    assert draft.matches
    assert [citation.marker for citation in answer.citations] == list(range(1, len(draft.matches) + 1))
    for number, match in enumerate(draft.matches, start=1):
        assert f"- {match.chunk.title}" in answer.text
        assert f"[{number}]" in answer.text
    assert answer.invented == 0


def test_an_empty_store_names_no_passages(open_app: Callable[..., Assistant]) -> None:
    app = open_app()
    _, answer = ended(send(app.prepare("什么是过拟合？"), app.model))

    assert answer.text == "笔记里没有找到能回答这个问题的内容。"
    assert answer.citations == ()


def test_closing_the_stream_stops_the_model(app: Assistant) -> None:
    model = Says([Delta("one "), Delta("two")])
    pieces = send(prepare("什么是过拟合？", search=app.search, model=model), model)
    assert next(pieces) == "one "
    assert not model.closed

    pieces.close()
    assert model.closed


def test_a_failing_model_fails_aloud(app: Assistant) -> None:
    model = Refuses()
    pieces = send(prepare("什么是过拟合？", search=app.search, model=model), model)
    next(pieces)
    with pytest.raises(ModelError, match="out of words"):
        next(pieces)


def test_a_preview_counts_the_very_messages(app: Assistant) -> None:
    draft = app.prepare("什么是过拟合？", [Exchange("What is attention?", "It compares [1].")])
    preview = draft.preview

    assert preview.prompt_tokens == sum(count(message.content) for message in draft.request.messages)
    assert preview.parts.question == count("什么是过拟合？")
    assert preview.parts.history > 0
    assert len(preview.parts.chunks) == len(draft.matches)
    assert preview.cost is not None
    assert not preview.exact


def test_the_language_of_the_question_is_the_language_of_the_prompt(app: Assistant) -> None:
    assert app.prepare("什么是过拟合？").request.messages[0].content.startswith("你是")
    assert app.prepare("What is attention?").request.messages[0].content.startswith("You are")


def test_a_question_can_be_kept_to_some_notes(app: Assistant) -> None:
    draft = app.prepare("什么是过拟合？", within=["attention.md"])

    assert {match.chunk.note for match in draft.matches} <= {"attention.md"}
