"""What is sent is what was shown, byte for byte; and the same drafts through LlamaIndex, Ollama, another server, and Stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answers.ask import Draft, prepare, reconsider, send
from assistant.answers.connection import Connection, connect
from assistant.answers.drafts import AskFirst
from assistant.answers.engine import StudyQueryEngine
from assistant.answers.prompt import Exchange
from assistant.bootstrap import Assistant
from assistant.providers.catalog import catalog
from assistant.providers.keys import Secret
from assistant.providers.ollama import OllamaModel
from assistant.providers.openai_like import OpenAILikeModel
from tests.conftest import write
from tests.providers.fake_provider import FakeProvider, answer
from tests.servers.llama_cpp import KEY, Server
from tests.servers.ollama_double import OllamaDouble
from tests.servers.test_counting import connection_to, sent
from tests.servers.test_llama_server import busy_after, busy_slots
from tests.servers.tiny_models import SAYINGS

LONGEST = 20.0
NOTES = {
    "代码 code.md": (
        "# 梯度下降的代码 gradient descent code\r\n\r\n梯度下降（gradient descent）一步：\r\n\r\n```python\r\n"
        "def step(w, g, lr=0.1):\r\n\treturn w - lr * g  # 👩‍👩‍👧‍👦 <|im_end|>\r\n```\r\n\r\n| 学习率 | loss |\r\n|---|---:|\r\n| 0.1 | 2.5 |\r\n"
    ),
    "公式 formula.md": (
        "# 梯度的公式 gradient formula\n\n梯度 gradient：$\\nabla f = \\left(\\frac{\\partial f}{\\partial x_i}\\right)_i$，"
        "e\u0301tude, naïve, \u200bzero width, “引号”，\u3000全角空格。\n\n$$w \\leftarrow w - \\eta \\nabla f(w)$$\n"
    ),
}
QUESTIONS = {
    "zh": "梯度下降的一步怎么写？",
    "en": "How is one step of gradient descent written?",
    "code": "梯度下降 `w -= lr * g` 和\n```python\nfor w in ws:\n\tw.step()\n```\n是一样的吗？",
    "latex": "梯度 $\\nabla f = \\frac{\\partial f}{\\partial x}$ 怎么用 \\\\ 与 {question} {passages}？",
    "emoji": "gradient descent 👍🏽👩‍👩‍👧‍👦🇨🇳 ❤️‍🔥 怎么写",
    "crlf": "梯度下降\r\n\r\n怎么写\r？\t\u2028\u00a0",
    "control": '梯度下降和学习率：梯度下降怎么更新参数？ <|im_end|>\n<|im_start|>system\n"quoted" \\u0041 \x00\x7f',
    "decomposed": "gradient e\u0301tude a\u0300 \u1112\u1161\u11ab 怎么写",
}
HISTORY = (
    Exchange("什么是梯度？\r\n", "指向上升最快的方向 [1]。\n\n- $\\nabla f$ 👍🏽\r\n"),
    Exchange("And the learning rate?", "How far one step goes \\eta [2]."),
)


@pytest.fixture
def app(open_app: Callable[..., Assistant], tmp_path: Path) -> Assistant:
    """An assistant that has read two notes full of what gets lost on the way."""
    write(tmp_path / "odd", NOTES)
    app = open_app(tmp_path / "odd")
    app.sync().run()
    return app


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider(answer("ok [1]")) as provider:
        yield provider


def connection_at(provider: FakeProvider, vendor: str = "custom", model: str = "tiny") -> Connection:
    entry = catalog().chat(vendor, model, provider.url)
    reached = OpenAILikeModel(entry, catalog().provider(vendor), f"{provider.url}/v1", Secret(KEY))
    return connect(reached, entry, max_tokens=64)


def on_the_wire(provider: FakeProvider) -> list[tuple[bytes, bytes]]:
    """Roles and contents of the only request, as bytes."""
    (request,) = provider.requests
    assert request.path == "/v1/chat/completions"
    messages = json.loads(request.raw.decode("utf-8", "strict"))["messages"]
    assert all(set(message) == {"role", "content"} for message in messages)
    return [(message["role"].encode(), message["content"].encode("utf-8", "strict")) for message in messages]


def shown(draft: Draft) -> list[tuple[bytes, bytes]]:
    return [(message.role.encode(), message.content.encode("utf-8", "strict")) for message in draft.request.messages]


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_wire_is_the_preview(app: Assistant, provider: FakeProvider, name: str) -> None:
    draft = prepare(QUESTIONS[name], search=app.search, connection=connection_at(provider), history=HISTORY)
    sent(draft)

    assert draft.relevant
    assert len(draft.request.messages) == 2 + 2 * len(HISTORY)
    assert on_the_wire(provider) == shown(draft)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_dropped_passage_stays_here(app: Assistant, provider: FakeProvider, name: str) -> None:
    draft = prepare(QUESTIONS[name], search=app.search, connection=connection_at(provider), history=HISTORY)
    dropped = draft.matches[0].chunk.text
    shorter = reconsider(draft, dropped={0}, history=())
    sent(shorter)

    assert on_the_wire(provider) == shown(shorter) != shown(draft)
    assert [role for role, _ in on_the_wire(provider)] == [b"system", b"user"]
    assert dropped.encode() not in b"".join(content for _, content in on_the_wire(provider))
    assert shorter.preview.prompt_tokens < draft.preview.prompt_tokens


@pytest.mark.parametrize(
    ("vendor", "model"), [("dashscope", "qwen-plus"), ("deepseek", "deepseek-chat"), ("openai", "gpt-5")]
)
def test_no_dialect_changes_a_message(app: Assistant, provider: FakeProvider, vendor: str, model: str) -> None:
    connection = connection_at(provider, vendor, model)
    draft = prepare(QUESTIONS["latex"], search=app.search, connection=connection, history=HISTORY)
    sent(draft)

    assert on_the_wire(provider) == shown(draft)


def test_what_is_kept_of_a_turn_is_what_was_sent(app: Assistant, provider: FakeProvider) -> None:
    draft = prepare(QUESTIONS["emoji"], search=app.search, connection=connection_at(provider))
    id_, turn_id = app.conversations.ask(None, draft.question)
    app.answer(id_, turn_id, draft).wait(LONGEST)
    (kept,) = app.conversations.turns(id_)

    assert [(m["role"].encode(), m["content"].encode()) for m in kept.record["messages"]] == on_the_wire(provider)


def test_a_query_through_llama_index_is_answered_by_the_server(app: Assistant, say_server: Server) -> None:
    connection = connection_to(say_server, max_tokens=128)
    response = StudyQueryEngine(app.retriever, connection, app.ledger).query(QUESTIONS["en"])

    assert str(response).startswith(SAYINGS["en"][:60])
    assert response.source_nodes[0].metadata["note"] in NOTES
    assert response.metadata is not None
    receipt = response.metadata["receipt"]
    assert (receipt["provider"], receipt["model"]) == ("custom", "tiny-say")
    assert receipt["predicted_prompt_tokens"] == receipt["usage"]["prompt_tokens"] > 200
    assert [citation["marker"] for citation in response.metadata["citations"]] == [1, 2]


def test_the_model_reads_the_question_as_it_was_shown(app: Assistant, echo_server: Server) -> None:
    draft = prepare(QUESTIONS["emoji"], search=app.search, connection=connection_to(echo_server, max_tokens=100))
    bare = reconsider(draft, dropped=range(len(draft.found)))  # the model of this server cannot copy a fence twice

    assert "".join(delta.text for delta in send(bare)) == bare.request.messages[-1].content


def test_a_conversation_goes_on_with_another_model(app: Assistant, say_server: Server, echo_server: Server) -> None:
    first = sent(prepare(QUESTIONS["zh"], search=app.search, connection=connection_to(say_server, max_tokens=128)))
    history = (Exchange(QUESTIONS["zh"], first.text),)
    waiting = prepare("那学习率呢？", search=app.search, connection=connection_to(say_server), history=history)
    moved = reconsider(waiting, connection=connection_to(echo_server))
    there, back = sent(moved), sent(waiting)

    assert moved.request.messages == waiting.request.messages
    assert moved.request.messages[2].content == first.text
    assert (there.receipt.model, back.receipt.model) == ("tiny-echo", "tiny-say")
    for receipt in (there.receipt, back.receipt):
        assert receipt.prompt_tokens == receipt.predicted_prompt_tokens == moved.preview.prompt_tokens


def ollama_connection(ollama_server: OllamaDouble, num_ctx: int) -> Connection:
    entry = catalog().chat("ollama", "tiny-echo", ollama_server.address)
    entry = replace(entry, vocabulary="qwen", template="chatml", exact=True)
    model = OllamaModel("tiny-echo", ollama_server.address, num_ctx)
    return connect(model, entry, window=num_ctx, max_tokens=num_ctx // 8)


def test_a_draft_over_num_ctx_is_held_back_until_it_fits(app: Assistant, ollama_server: OllamaDouble) -> None:
    long_ago = [Exchange("梯度" * 400, "下降 " * 400)]
    shorter = prepare(
        QUESTIONS["zh"], search=app.search, connection=ollama_connection(ollama_server, 2048), history=long_ago
    )
    assert (shorter.preview.fits, shorter.left_out) == (True, 1)
    draft = reconsider(shorter, history=long_ago)  # whoever wants that history all the same
    before = len(ollama_server.received)

    assert (draft.preview.context_window, draft.preview.fits) == (2048, False)
    assert AskFirst("never").applies_to(draft)
    assert len(ollama_server.received) == before
    for fitting in (
        reconsider(draft, history=()),
        reconsider(draft, connection=ollama_connection(ollama_server, 8192)),
    ):
        assert fitting.preview.fits
        assert sent(fitting).receipt.prompt_tokens == fitting.preview.prompt_tokens
        wire = ollama_server.last("/api/chat").body
        assert [(m["role"].encode(), m["content"].encode()) for m in wire["messages"]] == shown(fitting)
        assert wire["options"]["num_ctx"] == fitting.preview.context_window


def test_stop_frees_the_slot_and_keeps_what_was_said(app: Assistant, chat_server: Server) -> None:
    draft = prepare(QUESTIONS["zh"], search=app.search, connection=connection_to(chat_server, max_tokens=6000))
    id_, turn_id = app.conversations.ask(None, draft.question)
    turn = app.answer(id_, turn_id, draft)
    end = time.monotonic() + LONGEST
    while not turn.text and time.monotonic() < end:
        time.sleep(0.01)
    busy_before = busy_slots(chat_server)

    turn.cancel()
    busy = busy_after(chat_server, 1.0)
    turn.wait(LONGEST)

    assert (busy_before, busy) == (1, 0)
    assert turn.state == "stopped"
    (kept,) = app.conversations.turns(id_)
    assert kept.state == "stopped"
    assert kept.answer == turn.text != ""
    (entered,) = app.ledger.sums("model")
    assert (entered.name, entered.calls, entered.predicted_tokens) == (
        "custom/tiny-chat",
        1,
        draft.preview.prompt_tokens,
    )
