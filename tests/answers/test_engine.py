"""The query engine keeps LlamaIndex's promises over our two steps."""

from __future__ import annotations

import asyncio
import doctest

import pytest
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.schema import QueryBundle
from llama_index.core.tools import QueryEngineTool

from assistant.answers import engine as engine_module
from assistant.answers.prompt import Exchange
from assistant.bootstrap import Assistant
from assistant.connections import Choice


def test_the_example_in_the_docstring_is_true() -> None:
    result = doctest.testmod(engine_module)

    assert result.attempted >= 5
    assert result.failed == 0


def test_a_query_answers_with_its_sources(app: Assistant) -> None:
    response = app.engine.query("What are the attention scores divided by?")

    assert isinstance(app.engine, BaseQueryEngine)
    assert "square root of the key dimension" in str(response)
    node = response.source_nodes[0]
    assert node.metadata["note"] == "attention.md"
    assert 0 < node.get_score() <= 1
    assert response.metadata is not None
    assert response.metadata["citations"][0]["verified"]
    assert response.metadata["receipt"]["cost"] == {"currency": "CNY", "amount": "0"}


def test_an_async_query_gives_the_same_answer(app: Assistant) -> None:
    response = asyncio.run(app.engine.aquery("What are the attention scores divided by?"))

    assert str(response) == str(app.engine.query("What are the attention scores divided by?"))


def test_the_two_steps_are_open_to_the_app(app: Assistant) -> None:
    draft = app.engine.prepare("对付过拟合有哪些办法？", [Exchange("What is attention?", "…")], ["机器学习"])
    pieces = list(app.engine.send(draft))

    assert [message.content for message in draft.request.messages][1] == "What is attention?"
    assert {match.chunk.note for match in draft.matches} == {"机器学习/过拟合.md"}
    assert "提前停止训练" in "".join(piece.text for piece in pieces)


def test_the_engine_follows_the_choice_of_model_over_one_retriever(app: Assistant) -> None:
    before = app.engine
    app.preferences.choose("chat", Choice("custom", "tiny", "http://127.0.0.1:9/v1").as_json())
    after = app.engine

    assert (before.connection.model.provider, after.connection.model.name) == ("offline", "tiny")
    assert before.retriever is after.retriever


def test_an_agent_can_call_it_as_a_tool(app: Assistant) -> None:
    tool = QueryEngineTool.from_defaults(app.engine, name="notes", description="the learner's notes")

    assert "训练集" in str(tool.call("什么是过拟合？"))


@pytest.mark.parametrize("question", ["", "   ", "？"])
def test_a_question_without_words_is_answered_all_the_same(app: Assistant, question: str) -> None:
    assert "没有找到" in str(app.engine.query(QueryBundle(question))) or "nothing" in str(app.engine.query(question))
