"""Any of our models answers LlamaIndex's plain calls, and stops when LlamaIndex stops listening."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.prompts import PromptTemplate

from assistant.errors import ProviderDown
from assistant.providers.base import Delta, Message, Request, Usage
from assistant.providers.entries import ChatEntry, ProviderEntry
from assistant.providers.llama_llm import StudyLLM
from assistant.providers.openai_like import OpenAILikeModel
from tests.providers.fake_provider import FakeProvider, billed, events, said


class Scripted:
    """A model that says what it is told to and remembers what it was asked."""

    provider, name = "offline", "scripted"

    def __init__(self, *deltas: Delta) -> None:
        self.deltas = deltas
        self.asked: list[Request] = []
        self.closed = 0

    def stream(self, request: Request) -> Iterator[Delta]:
        self.asked.append(request)
        try:
            yield from self.deltas
        finally:
            self.closed += 1


ANSWER = (
    *(Delta(), Delta(thinking="hm"), Delta("Over"), Delta(), Delta("fitting")),
    *(Delta(finish="stop"), Delta(usage=Usage(9, 2))),
)
CONVERSATION = [
    ChatMessage(role=MessageRole.SYSTEM, content="Be brief."),
    ChatMessage(role=MessageRole.USER, content="Hi"),
    ChatMessage(role=MessageRole.ASSISTANT, content="Hello"),
    ChatMessage(role=MessageRole.USER, content="What is it?"),
]


def test_chat_answers_whole_with_the_bill() -> None:
    model = Scripted(*ANSWER)
    response = StudyLLM(model, max_tokens=99).chat(CONVERSATION)

    assert response.message.content == "Overfitting"
    assert response.raw == {"finish_reason": "stop", "usage": {"prompt_tokens": 9, "completion_tokens": 2}}
    assert model.asked == [
        Request(
            (
                Message("system", "Be brief."),
                Message("user", "Hi"),
                Message("assistant", "Hello"),
                Message("user", "What is it?"),
            ),
            "What is it?",
            (),
            max_tokens=99,
        )
    ]


def test_pieces_add_up_and_thinking_is_apart() -> None:
    pieces = list(StudyLLM(Scripted(*ANSWER)).stream_chat(CONVERSATION))

    assert [piece.delta for piece in pieces if piece.delta] == ["Over", "fitting"]
    assert [piece.message.content for piece in pieces][-1] == "Overfitting"
    assert [
        piece.additional_kwargs["thinking_delta"] for piece in pieces if "thinking_delta" in piece.additional_kwargs
    ] == ["hm"]


def test_complete_and_its_stream_say_the_same() -> None:
    llm = StudyLLM(Scripted(*ANSWER))

    assert llm.complete("What is it?").text == "Overfitting"
    assert "".join(piece.delta or "" for piece in llm.stream_complete("What is it?")) == "Overfitting"


def test_a_model_that_says_nothing_answers_nothing() -> None:
    llm = StudyLLM(Scripted())

    assert (llm.complete("x").text, llm.chat(CONVERSATION).message.content) == ("", "")


@pytest.mark.parametrize("way", ["chat", "complete"])
def test_closing_a_stream_closes_the_model(way: str) -> None:
    model = Scripted(*ANSWER)
    llm = StudyLLM(model)
    stream = llm.stream_chat(CONVERSATION) if way == "chat" else llm.stream_complete("x")
    next(stream)
    stream.close()

    assert model.closed == 1


def test_llamaindex_plans_with_the_models_window() -> None:
    metadata = StudyLLM(Scripted(), context_window=32_768, max_tokens=512).metadata

    assert (metadata.context_window, metadata.num_output, metadata.model_name) == (32_768, 512, "scripted")
    assert metadata.is_chat_model


def test_a_plain_llamaindex_call_reaches_a_server() -> None:
    provider = ProviderEntry("custom", {"zh": "自选", "en": "Custom"}, "openai", dialect="custom")
    with FakeProvider(events(said("Yes"), said(finish="stop"), billed(3, 1))) as server:
        llm = StudyLLM(OpenAILikeModel(ChatEntry("custom", "tiny"), provider, server.url, None))
        text = llm.predict(PromptTemplate("Is {thing} a word?"), thing="RAG")

    assert text == "Yes"
    assert [message["content"] for message in server.requests[0].body["messages"]] == ["Is RAG a word?"]


def test_an_error_of_ours_passes_through_llamaindex() -> None:
    provider = ProviderEntry("custom", {"zh": "自选", "en": "Custom"}, "openai", dialect="custom")
    with FakeProvider(events(said("Y"), "cut")) as server:
        llm = StudyLLM(OpenAILikeModel(ChatEntry("custom", "tiny"), provider, server.url, None))
        with pytest.raises(ProviderDown):
            llm.complete("x")
