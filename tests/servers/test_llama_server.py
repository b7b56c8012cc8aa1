"""Our OpenAI-compatible model and embedder against a real server: streaming, bills, stopping, refusals, vectors."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from assistant.database import Database
from assistant.errors import KeyRefused, PromptTooLong, ProviderDown, Unreachable
from assistant.money.ledger import Ledger
from assistant.money.metering import MeteredEmbedder
from assistant.money.tokens import prompt_counter
from assistant.providers.base import Delta, Message, Request
from assistant.providers.catalog import catalog
from assistant.providers.keys import Secret
from assistant.providers.openai_embedder import OpenAILikeEmbedder
from assistant.providers.openai_like import OpenAILikeModel
from assistant.providers.rows import stacked
from tests.servers.conftest import MakeModel, Start, asking, need_a_server, qwen_entry
from tests.servers.conversations import long_text
from tests.servers.llama_cpp import KEY, Server, ServerDied, Serving, llama_server
from tests.servers.tiny_models import SAYINGS

TEXTS = ["过拟合与正则化", "The scores are divided by a square root.", "向量数据库", "softmax keeps a gradient"]


def answer(model: OpenAILikeModel, request: Request) -> tuple[str, list[Delta]]:
    deltas = [delta for delta in model.stream(request) if delta != Delta()]
    return "".join(delta.text for delta in deltas), deltas


def busy_slots(server: Server) -> int:
    asked = urllib.request.Request(f"{server.address}/slots", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(asked) as reply:
        return sum(slot["is_processing"] for slot in json.load(reply))


def busy_after(server: Server, seconds: float) -> int:
    """Count the slots still at work after at most so many seconds."""
    end = time.monotonic() + seconds
    while busy_slots(server) and time.monotonic() < end:
        time.sleep(0.02)
    return busy_slots(server)


def embedder_at(server: Server, max_texts: int = 2) -> OpenAILikeEmbedder:
    entry = replace(catalog().embedding("custom", server.serving.name), max_texts=max_texts)
    return OpenAILikeEmbedder(entry, catalog().provider("custom"), server.base_url, Secret(KEY))


def test_an_answer_comes_in_pieces_and_ends_with_its_bill(say_server: Server, model_at: MakeModel) -> None:
    text, deltas = answer(model_at(say_server), asking("什么是过拟合？"))

    assert text == SAYINGS["zh"]
    assert len([delta for delta in deltas if delta.text]) > 20
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]
    assert deltas[-1].usage is not None
    counter = prompt_counter(qwen_entry("tiny-say"))
    predicted = counter.prompt(asking("什么是过拟合？").messages)
    assert deltas[-1].usage.prompt_tokens == predicted
    assert deltas[-1].usage.completion_tokens == counter.text(SAYINGS["zh"]) + 1  # the end of the turn is billed too


def test_what_reaches_the_model_is_the_last_message_and_nothing_else(echo_server: Server, model_at: MakeModel) -> None:
    question = "注意力为什么要除以 √d？\r\n\tplain `code` & <b>markup</b> 👍🏽"

    text, _ = answer(model_at(echo_server), asking("first", "answer", question))

    assert text == question


def test_an_answer_that_was_cut_says_so(chat_server: Server, model_at: MakeModel) -> None:
    _, deltas = answer(model_at(chat_server), asking("hello", max_tokens=5))

    assert [delta.finish for delta in deltas if delta.finish] == ["length"]
    assert deltas[-1].usage is not None
    assert deltas[-1].usage.completion_tokens == 5


def test_closing_the_stream_frees_the_slot_within_a_second(chat_server: Server, model_at: MakeModel) -> None:
    stream = model_at(chat_server).stream(asking("tell me everything", max_tokens=7000))
    while not next(stream).text:
        pass
    busy_before = busy_slots(chat_server)

    stream.close()  # type: ignore[attr-defined]

    assert busy_before == 1
    assert busy_after(chat_server, 1.0) == 0


def test_closing_while_the_prompt_is_still_read_frees_the_slot_too(chat_server: Server, model_at: MakeModel) -> None:
    stream = model_at(chat_server).stream(asking(long_text(4, 8_000), max_tokens=7000))
    next(stream)

    stream.close()  # type: ignore[attr-defined]

    assert busy_after(chat_server, 5.0) == 0  # the answer alone would take several times as long


def test_two_answers_at_once_do_not_mix(echo_server: Server, say_server: Server, model_at: MakeModel) -> None:
    answers: dict[str, str] = {}

    def ask(server: Server, question: str) -> None:
        answers[server.serving.name] = answer(model_at(server), asking(question))[0]

    threads = [
        threading.Thread(target=ask, args=(echo_server, "向量检索")),
        threading.Thread(target=ask, args=(say_server, "Question: attention?")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {"tiny-echo": "向量检索", "tiny-say": SAYINGS["en"]}


def test_a_wrong_key_is_refused_and_shown_nowhere(chat_server: Server, model_at: MakeModel) -> None:
    with pytest.raises(KeyRefused) as refused:
        answer(model_at(chat_server, "sk-somebody-elses-key"), asking("hello"))

    assert "somebody" not in str(refused.value)
    assert not refused.value.retryable


def test_a_prompt_over_the_context_is_refused_with_its_limit(chat_server: Server, model_at: MakeModel) -> None:
    with pytest.raises(PromptTooLong) as refused:
        answer(model_at(chat_server), asking(long_text(2, 20_000)))

    assert refused.value.limit == chat_server.serving.context


def test_a_server_that_is_not_there_is_unreachable(chat_server: Server, model_at: MakeModel) -> None:
    nowhere = replace(chat_server, address="http://127.0.0.1:9")

    with pytest.raises(Unreachable):
        answer(model_at(nowhere), asking("hello"))


def test_a_server_that_dies_in_mid_answer_is_down_and_what_came_is_kept(model_at: MakeModel, start: Start) -> None:
    with contextmanager(start)("chat", Serving("mortal", KEY)) as server:
        stream = model_at(server).stream(asking("tell me everything", max_tokens=7000))
        came = next(delta.text for delta in stream if delta.text)
        psutil.Process(server.pid).kill()

        with pytest.raises(ProviderDown) as down:
            list(stream)

    assert came
    assert down.value.retryable


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    need_a_server()
    (tmp_path / "broken.gguf").write_bytes(b"GGUF, but no more than that")

    with pytest.raises(ServerDied, match="broken"), llama_server(tmp_path / "broken.gguf", Serving("broken")):
        pass


def test_the_models_of_a_server_can_be_listed(say_server: Server, model_at: MakeModel) -> None:
    assert model_at(say_server).list_models() == ("tiny-say",)


def test_a_conversation_goes_on_at_another_server_with_the_same_messages(
    say_server: Server, echo_server: Server, model_at: MakeModel
) -> None:
    first, _ = answer(model_at(say_server), asking("什么是过拟合？"))
    conversation = asking("什么是过拟合？", first, "那正则化呢？")

    there, at_echo = answer(model_at(echo_server), conversation)
    back, at_say = answer(model_at(say_server), conversation)

    predicted = prompt_counter(qwen_entry("")).prompt(conversation.messages)
    assert (there, back) == ("那正则化呢？", SAYINGS["zh"])
    assert [deltas[-1].usage.prompt_tokens for deltas in (at_echo, at_say) if deltas[-1].usage] == [predicted] * 2


def test_vectors_have_the_servers_dimension_and_length_one(embed_server: Server) -> None:
    embedder = embedder_at(embed_server)
    rows = embedder.embed(TEXTS)

    assert rows.shape == (4, 128)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (embedder.key, embedder.dimension) == ("custom/tiny-embed", 128)


def test_batches_and_order_change_no_vector(embed_server: Server) -> None:
    one_by_one = np.concatenate([embedder_at(embed_server).embed([text]) for text in TEXTS])

    np.testing.assert_allclose(embedder_at(embed_server, max_texts=3).embed(TEXTS), one_by_one, atol=1e-3)
    np.testing.assert_allclose(embedder_at(embed_server).embed(TEXTS[::-1]), one_by_one[::-1], atol=1e-3)


def test_embedding_bills_the_tokens_of_a_request(embed_server: Server) -> None:
    counter = prompt_counter(qwen_entry(""))

    assert embedder_at(embed_server).embed_batch(TEXTS).tokens == sum(counter.text(text) for text in TEXTS)


def test_the_meter_predicts_what_the_server_bills_and_keeps_every_request(embed_server: Server, tmp_path: Path) -> None:
    database = Database(tmp_path)
    entry = replace(catalog().embedding("custom", embed_server.serving.name), vocabulary="qwen", max_texts=2)
    metered = MeteredEmbedder(embedder_at(embed_server), entry, Ledger(database))
    batches = list(metered.embed_each(TEXTS))
    calls = Ledger(database).entries()
    database.close()

    assert [call.predicted_tokens for call in calls] == [call.prompt_tokens for call in calls]
    assert sum(batch.tokens for batch in batches) == metered.tokens(TEXTS)
    np.testing.assert_allclose(
        stacked([batch.rows for batch in batches]), embedder_at(embed_server).embed(TEXTS), atol=1e-3
    )
    assert {call.paid and call.paid.amount for call in calls} == {0}


def test_texts_that_share_words_are_near(embed_server: Server) -> None:
    question, same, other = embedder_at(embed_server).embed(["什么是过拟合", "过拟合与正则化", "square root of scores"])

    assert question @ same > question @ other + 0.2


def test_the_say_model_follows_the_language_of_the_prompt(say_server: Server, model_at: MakeModel) -> None:
    messages = (Message("system", "You are a tutor."), Message("user", "Passages\n\nQuestion: what is attention?"))

    assert answer(model_at(say_server), Request(messages, "", ()))[0] == SAYINGS["en"]
