"""A schema goes over the wire as each provider takes it, and not at all where it would be refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assistant.providers.base import Message, Request
from assistant.providers.catalog import catalog
from assistant.providers.ollama import OllamaModel
from assistant.providers.openai_like import OpenAILikeModel
from tests.providers.fake_provider import FakeProvider, lines

SCHEMA = {"type": "object", "properties": {"right": {"type": "boolean"}}, "required": ["right"]}
WANTED = Request((Message("user", "JSON"),), "JSON", (), schema=SCHEMA)


def body(provider: str, *, thinking: bool = False, schema: dict[str, Any] | None = SCHEMA) -> dict[str, Any]:
    vendor = catalog().provider(provider)
    model = OpenAILikeModel(catalog().chat(provider, "some-model"), vendor, "http://127.0.0.1:9/v1", None)
    return model.body(replace(WANTED, thinking=thinking, schema=schema))


@pytest.mark.parametrize("provider", ["openai", "custom"])
def test_where_a_schema_is_enforced_it_is_sent_whole(provider: str) -> None:
    sent = body(provider)["response_format"]

    assert sent == {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}


@pytest.mark.parametrize("provider", ["dashscope", "deepseek"])
def test_where_only_json_is_enforced_that_is_asked_for(provider: str) -> None:
    assert body(provider)["response_format"] == {"type": "json_object"}


def test_where_the_field_is_refused_it_is_left_out() -> None:
    assert "response_format" not in body("siliconflow")
    assert "response_format" not in body("dashscope", thinking=True)
    assert all("response_format" not in body(name, schema=None) for name in ("openai", "custom", "dashscope"))


def test_ollama_is_sent_the_schema_as_its_format() -> None:
    reply = lines(
        {"model": "m", "message": {"role": "assistant", "content": "{}"}, "done": True, "done_reason": "stop"}
    )
    with FakeProvider(reply) as server:
        list(OllamaModel("m", server.url, 2_048).stream(WANTED))
        list(OllamaModel("m", server.url, 2_048).stream(replace(WANTED, schema=None)))

    assert [one.body.get("format") for one in server.requests] == [SCHEMA, None]
