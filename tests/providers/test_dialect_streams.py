"""What differs from one dialect's stream to the next: where the bill is, where the thinking, and how silence is filled."""

from __future__ import annotations

import pytest

from assistant.errors import ContentRefused, Language, ModelError, OnlyThought, ProviderDown
from assistant.providers.base import Delta, Message, Request, Usage
from assistant.providers.entries import ChatEntry, EmbeddingEntry, ProviderEntry
from assistant.providers.failures import wordless
from assistant.providers.llama_llm import StudyLLM
from assistant.providers.ollama import OllamaModel
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.openai_like import OpenAILikeModel
from assistant.providers.wire import Patience
from tests.providers.fake_provider import FakeProvider, Reply, Step, answer, billed, event, events, lines, said

REQUEST = Request((Message("user", "hi"),), "hi", ())
LABELS: dict[Language, str] = {"zh": "测试", "en": "Test"}


def model(server: FakeProvider, dialect: str = "custom", patience: Patience | None = None) -> OpenAILikeModel:
    vendor = ProviderEntry(dialect, LABELS, "openai", dialect=dialect)
    return OpenAILikeModel(ChatEntry(dialect, "x"), vendor, f"{server.url}/v1", None, patience=patience)


def heard(dialect: str, reply: Reply) -> list[Delta]:
    with FakeProvider(reply) as server:
        return [delta for delta in model(server, dialect).stream(REQUEST) if delta != Delta()]


DASHSCOPE = billed(
    20, 9, prompt_tokens_details={"cached_tokens": 16}, completion_tokens_details={"reasoning_tokens": 4}
)
DEEPSEEK = billed(20, 9, prompt_cache_hit_tokens=12, prompt_cache_miss_tokens=8)
BOTH = billed(20, 9, prompt_tokens_details={"cached_tokens": 12}, prompt_cache_hit_tokens=12)


@pytest.mark.parametrize(
    ("dialect", "last", "usage"),
    [
        pytest.param("dashscope", DASHSCOPE, Usage(20, 9, 4, 16), id="dashscope"),
        pytest.param("openai", DASHSCOPE, Usage(20, 9, 4, 16), id="openai"),
        pytest.param("deepseek", DEEPSEEK, Usage(20, 9, None, 12), id="deepseek"),
        pytest.param("deepseek", BOTH, Usage(20, 9, None, 12), id="deepseek:both"),
        pytest.param("custom", billed(20, 9, prompt_tokens_details=None), Usage(20, 9), id="vllm"),
        pytest.param("custom", billed(20, 9, prompt_tokens_details={"cached_tokens": None}), Usage(20, 9), id="nulls"),
    ],
)
def test_the_bill_after_the_last_word_is_read_with_what_was_cached(
    dialect: str, last: dict[str, object], usage: Usage
) -> None:
    assert heard(dialect, events(said("好"), said(finish="stop"), last))[-1] == Delta(usage=usage)


def test_a_bill_that_grows_with_every_chunk_is_the_last_one() -> None:
    counts = [{"prompt_tokens": 7, "completion_tokens": number} for number in (1, 2, 2)]
    chunks = [said("过"), said("拟合"), said(finish="stop")]
    deltas = heard(
        "siliconflow", events(*(chunk | {"usage": count} for chunk, count in zip(chunks, counts, strict=True)))
    )

    assert "".join(delta.text for delta in deltas) == "过拟合"
    assert [delta.usage for delta in deltas][-1] == Usage(7, 2)


def test_a_bill_in_every_chunk_does_not_make_a_cut_answer_whole() -> None:
    begun = said("过") | {"usage": {"prompt_tokens": 7, "completion_tokens": 1}}
    with pytest.raises(ProviderDown):
        heard("siliconflow", events(begun, done=False))


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thinking_comes_under_either_name_and_apart_from_the_answer(name: str) -> None:
    reply = events(said(None, **{name: "嗯"}), said("", **{name: "。"}), said("好"), said(finish="stop"))

    assert heard("custom", reply)[:3] == [Delta(thinking="嗯"), Delta(thinking="。"), Delta("好")]


SIGNS = [pytest.param(b": keep-alive\n\n", id="comments"), pytest.param(b"\n", id="blank lines")]


def alive(sign: bytes, times: int) -> list[Step]:
    """Signs of life, a tenth of a second apart."""
    return [step for _ in range(times) for step in (sign, 0.1)]


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_of_life_are_waited_through_beyond_the_patience_for_silence(sign: bytes) -> None:
    waiting = [*alive(sign, 24), *answer("好").pieces]
    with FakeProvider(Reply(pieces=waiting, kind="text/event-stream")) as server:
        patient = model(server, "deepseek", Patience(first=2, between=2))
        deltas = [delta for delta in patient.stream(REQUEST) if delta != Delta()]

    assert deltas[0] == Delta("好")
    assert len(server.requests) == 1


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.case(67)
def test_signs_of_life_do_not_replace_words_for_ever(sign: bytes) -> None:
    reply = Reply(pieces=[event(said("半句")), *alive(sign, 600)], kind="text/event-stream")
    deltas: list[Delta] = []
    with FakeProvider(reply) as server, pytest.raises(ProviderDown) as caught:
        deltas.extend(model(server, "deepseek", Patience(alive=3)).stream(REQUEST))

    assert "keep-alives" in caught.value.details["reason"]
    assert Delta("半句") in deltas
    assert len(server.requests) == 1


def test_blank_lines_before_a_reply_in_one_piece_are_waited_through() -> None:
    body = b'{"data": [{"index": 0, "embedding": [3, 4]}], "usage": {"prompt_tokens": 2}}'
    vendor = ProviderEntry("custom", LABELS, "openai", dialect="custom")
    with FakeProvider(Reply(pieces=[*alive(b"\n", 24), body])) as server:
        patience = Patience(first=2, between=2)
        asked = OpenAILikeEmbedder(EmbeddingEntry("custom", "x"), vendor, server.url, None, patience=patience)

        assert asked.embed(["a"]).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]


@pytest.mark.parametrize(
    ("finish", "thought", "usage", "expected"),
    [
        pytest.param("length", True, None, OnlyThought, id="thinking that was shown"),
        pytest.param("length", False, Usage(9, 300, 300), OnlyThought, id="thinking that was billed only"),
        pytest.param("length", False, Usage(9, 300, 0), type(None), id="no thinking"),
        pytest.param("stop", True, Usage(9, 300, 300), type(None), id="the model's own end"),
        pytest.param("content_filter", False, None, ContentRefused, id="a filter"),
        pytest.param(None, True, None, type(None), id="no reason"),
    ],
)
def test_an_answer_without_a_word_has_its_reason_told(
    finish: str | None, thought: bool, usage: Usage | None, expected: type[ModelError]
) -> None:
    assert type(wordless("deepseek", finish, thought, usage)) is expected


SPENT = billed(12, 300, completion_tokens_details={"reasoning_tokens": 300})
OLLAMA = {"model": "x", "message": {"role": "assistant", "content": "", "thinking": "嗯"}, "done": False}
OLLAMA_END = OLLAMA | {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "length"}


@pytest.mark.case(72)
def test_an_answer_that_was_all_thinking_is_an_error_outward_too() -> None:
    reply = events(said(None, reasoning_content="嗯"), said(finish="length"), SPENT)
    with FakeProvider(reply) as server, pytest.raises(OnlyThought) as caught:
        StudyLLM(model(server, "deepseek")).complete("hi")
    with FakeProvider(lines(OLLAMA, OLLAMA_END)) as server, pytest.raises(OnlyThought):
        StudyLLM(OllamaModel("x", server.url, 4096)).complete("hi")

    assert "300" in caught.value.message("zh")
    assert "used up its tokens thinking" in caught.value.message("en")
    assert "思考" in caught.value.hint("zh")


def test_ollama_is_asked_to_refuse_what_it_would_drop() -> None:
    with FakeProvider(lines(OLLAMA_END)) as server:
        list(OllamaModel("x", server.url, 4096).stream(Request((Message("user", "过拟合 😀"),), "", ())))

    body = server.requests[0].body
    assert (body["truncate"], body["shift"]) == (False, False)
    assert (body["model"], body["messages"]) == ("x", [{"role": "user", "content": "过拟合 😀"}])
    assert int(server.requests[0].headers["Content-Length"]) == len(server.requests[0].raw)
