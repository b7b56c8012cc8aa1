"""The catalogue: look-ups, what is unknown, whose key goes where, and rows that make no sense."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.money.vocabularies import VOCABULARIES
from assistant.providers.catalog import ChatEntry, EmbeddingEntry, catalog, is_local
from assistant.providers.catalog_checks import CatalogError
from assistant.providers.catalog_file import FILE, read_catalog
from assistant.providers.entries import age_in_days

CHATS = [entry for entries in catalog().sheets.chats.values() for entry in entries]
EMBEDDINGS = [entry for entries in catalog().sheets.embeddings.values() for entry in entries]


@pytest.mark.parametrize("entry", CHATS, ids=lambda entry: f"{entry.provider}:{entry.name}:{entry.currency}")
def test_every_price_of_a_chat_model_has_a_currency_a_date_and_a_source(entry: ChatEntry) -> None:
    priced = entry.prices is not None

    assert priced == (entry.currency is not None) == (entry.as_of is not None) == bool(entry.source)
    assert entry.as_of is None or date(2026, 1, 1) <= entry.as_of <= date(2026, 11, 22)


@pytest.mark.parametrize("entry", EMBEDDINGS, ids=lambda entry: f"{entry.provider}:{entry.name}:{entry.currency}")
def test_every_price_of_an_embedding_model_has_a_currency_a_date_and_a_source(entry: EmbeddingEntry) -> None:
    priced = entry.price is not None

    assert priced == (entry.currency is not None) == (entry.as_of is not None) == bool(entry.source)


@pytest.mark.parametrize("entry", CHATS, ids=lambda entry: f"{entry.provider}:{entry.name}:{entry.currency}")
def test_bigger_requests_never_cost_less_and_caches_and_quiet_hours_never_more(entry: ChatEntry) -> None:
    prices = entry.prices or ()

    for smaller, bigger in itertools.pairwise(prices):
        assert smaller.input <= bigger.input
        assert smaller.output <= bigger.output
    for price in prices:
        assert price.cached is None or price.cached < price.input
        assert price.output_thinking is None or price.output_thinking > price.output
    for hours in entry.hours:
        for busy, quiet in zip(hours.prices, prices, strict=True):
            assert quiet.input <= busy.input


def test_every_vocabulary_that_the_catalogue_names_can_be_counted_with() -> None:
    named = {entry.vocabulary for entry in [*CHATS, *EMBEDDINGS, *catalog().families]} - {None}

    assert {str(name).removesuffix("+nfc") for name in named} == VOCABULARIES.keys()


def test_only_what_its_vendor_gives_away_has_a_price_of_zero() -> None:
    free = {entry.name for entry in CHATS for price in entry.prices or () if not price.input + price.output}
    free |= {entry.name for entry in EMBEDDINGS if entry.price == 0}

    assert free == {
        "Qwen/Qwen3-8B",
        "Qwen/Qwen3.5-4B",
        "THUDM/GLM-4-9B-0414",
        "BAAI/bge-m3",
        "BAAI/bge-large-zh-v1.5",
        "BAAI/bge-large-en-v1.5",
        "netease-youdao/bce-embedding-base_v1",
    }


def test_batches_of_embeddings_keep_to_the_limits_of_their_servers() -> None:
    limits = {(entry.provider, entry.max_texts) for entry in EMBEDDINGS}

    assert limits == {("dashscope", 10), ("siliconflow", 64), ("openai", 2048)}
    assert not catalog().embedding("siliconflow", "BAAI/bge-m3").send_dimensions


def test_a_model_is_found_by_its_alias() -> None:
    assert catalog().chat("deepseek", "deepseek-v4-flash").name == "deepseek-flash"


def test_the_address_decides_what_a_model_costs() -> None:
    beijing = catalog().chat("dashscope", "qwen-plus")
    workspace = catalog().chat("dashscope", "qwen-plus", "https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1")
    singapore = catalog().chat("dashscope", "qwen-plus", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1")
    virginia = catalog().chat("dashscope", "qwen-plus", "https://dashscope-us.aliyuncs.com/compatible-mode/v1")
    gateway = catalog().chat("dashscope", "qwen-plus", "https://gateway.example/v1")

    assert beijing.currency == "CNY"
    assert workspace == beijing
    assert singapore.currency == "USD"
    assert singapore.prices != beijing.prices
    for elsewhere in (virginia, gateway):
        assert elsewhere.prices is None
        assert elsewhere.currency is None
        assert (elsewhere.window, elsewhere.vocabulary) == (beijing.window, beijing.vocabulary)


def test_the_address_decides_what_an_embedding_costs() -> None:
    assert catalog().embedding("dashscope", "text-embedding-v4").price == Decimal("0.5")

    foreign = catalog().embedding("dashscope", "text-embedding-v4", "https://gateway.example/v1")

    assert (foreign.price, foreign.currency, foreign.max_texts) == (None, None, 10)


@pytest.mark.parametrize("provider", ["dashscope", "siliconflow", "deepseek", "openai"])
def test_an_unknown_model_of_a_vendor_has_no_price_and_no_window(provider: str) -> None:
    chat = catalog().chat(provider, "model-of-tomorrow")
    embedding = catalog().embedding(provider, "model-of-tomorrow")

    assert (chat.prices, chat.window, chat.currency, chat.exact, chat.local) == (None, None, None, False, False)
    assert (embedding.price, embedding.dimension, embedding.currency, embedding.local) == (None, None, None, False)
    assert embedding.max_texts == 10


@pytest.mark.parametrize(
    ("provider", "base_url", "local"),
    [
        ("offline", "", True),
        ("ollama", "", True),
        ("ollama", "192.168.1.20:11434", True),
        ("ollama", "https://ollama.com", False),
        ("custom", "", True),
        ("custom", "http://[::1]:8080/v1", True),
        ("custom", "http://gpu-box:8000/v1", True),
        ("custom", "https://openrouter.ai/api/v1", False),
        ("custom", "https://127.0.0.1.evil.example/v1", False),
    ],
)
def test_only_a_server_of_the_own_network_is_without_charge(provider: str, base_url: str, local: bool) -> None:
    entry = catalog().chat(provider, "qwen3:8b", base_url)
    embedding = catalog().embedding(provider, "bge-m3", base_url)

    assert entry.local is local
    assert (entry.prices is not None) is local
    assert (embedding.price == 0) is local
    assert is_local("") is False


@pytest.mark.parametrize(
    ("model", "vocabulary"),
    [
        ("qwen2.5:7b", "qwen"),
        ("Qwen3.6-27B-Instruct", "qwen3.5"),
        ("deepseek-r1:8b", "deepseek"),
        ("gpt-oss:20b", "o200k"),
        ("llama4:8b", None),
    ],
)
def test_a_name_betrays_the_vocabulary_of_a_model_without_a_row(model: str, vocabulary: str | None) -> None:
    entry = catalog().chat("ollama", model)

    assert entry.vocabulary == vocabulary
    assert not entry.exact


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("dashscope.aliyuncs.com", True),
        ("DashScope.AliyunCS.com.", True),
        ("ws-1.cn-beijing.maas.aliyuncs.com", True),
        ("a.b.cn-beijing.maas.aliyuncs.com", False),
        ("cn-beijing.maas.aliyuncs.com", False),
        (".cn-beijing.maas.aliyuncs.com", False),
        ("dashscope.aliyuncs.com.evil.example", False),
        ("evil-dashscope.aliyuncs.com", False),
        ("oss.aliyuncs.com", False),
        ("", False),
    ],
)
def test_a_vendor_owns_its_hosts_and_no_others(host: str, own: bool) -> None:
    assert catalog().provider("dashscope").owns(host) is own


def test_a_vendor_without_hosts_owns_nothing() -> None:
    assert not catalog().provider("custom").owns("127.0.0.1")
    assert not catalog().provider("ollama").owns("127.0.0.1")


def test_an_unknown_provider_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError) as caught:
        catalog().provider("azure")

    assert "siliconflow, deepseek" in caught.value.hint("en")


def test_the_catalogue_is_read_once() -> None:
    assert catalog() is catalog()


GOOD = """
[[provider]]
name = "p"
labels = { zh = "p", en = "p" }
kind = "openai"
presets = [{ label = "p", base_url = "https://api.p.example/v1" }]
[provider.hosts]
"api.p.example" = "world"
[[sheet]]
provider = "p"
region = "world"
currency = "USD"
as_of = 2026-11-01
source = "p.example"
[[sheet.chat]]
name = "m"
prices = [{ up_to = 10, input = 0.1, output = 1 }, { input = 0.2, output = 2 }]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('kind = "openai"', 'kind = "grpc"', "provider p: kind 'grpc'", id="unknown kind"),
        pytest.param('zh = "p", ', "", "provider p: labels", id="one language"),
        pytest.param("https://api.p", "ftp://api.p", "is no address", id="not http"),
        pytest.param("https://api.p", "https://api.q", "not one of its hosts", id="preset of a foreign host"),
        pytest.param('region = "world"', 'region = "moon"', "sheet p moon: no provider", id="region nobody has"),
        pytest.param('source = "p.example"', "", "sheet p world: source is missing", id="no source"),
        pytest.param('"p.example"', '" "', "source is no text or is empty", id="blank source"),
        pytest.param("as_of = 2026-11-01", 'as_of = "2026"', "sheet p world, chat m: as_of '2026'", id="no date"),
        pytest.param('name = "m"', 'nam = "m"', "unknown field nam", id="misspelt field"),
        pytest.param('name = "m"', 'name = "m"\nwindow = 0', "window must be", id="window of nothing"),
        pytest.param('name = "m"', 'name = "m"\nwindow = true', "window must be", id="window of a truth value"),
        pytest.param('name = "m"', 'name = "m"\nvocabulary = "x"', "vocabulary 'x'", id="unknown vocabulary"),
        pytest.param('name = "m"', 'name = "m"\nthinking = "x"', "thinking 'x'", id="unknown thinking"),
        pytest.param('name = "m"', 'name = "m"\naliases = ["m"]', "m given twice", id="alias of itself"),
        pytest.param("up_to = 10, ", "", "only the last tier", id="first tier without end"),
        pytest.param("{ input = 0.2", "{ up_to = 5, input = 0.2", "must ascend", id="tiers that descend"),
        pytest.param("output = 2", "output = -2", "output -2 is no amount", id="negative price"),
        pytest.param("output = 2", 'output = "2"', "output '2' is no amount", id="price in words"),
        pytest.param("output = 2", "output = nan", "is no amount", id="price that is no number"),
        pytest.param(", output = 2", "", "output is missing", id="half a price"),
        pytest.param("[[sheet.chat]]", "[[sheet.chat]", "catalog.toml", id="no TOML"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(old: str, new: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert read_catalog(file).providers[0].owns("api.p.example")
    assert old in GOOD

    file.write_text(GOOD.replace(old, new), encoding="utf-8")

    with pytest.raises(CatalogError) as caught:
        read_catalog(file)
    assert said in caught.value.message("en")


def test_prices_are_read_as_they_are_written() -> None:
    written = FILE.read_text(encoding="utf-8")

    assert "input = 0.15, output = 1.5" in written
    assert catalog().chat("dashscope", "qwen-flash").prices[0].input == Decimal("0.15")  # type: ignore[index]


@pytest.mark.parametrize(
    "entry", [entry for entry in CHATS if entry.thinking.startswith("hybrid")], ids=lambda e: e.name
)
def test_who_can_choose_to_think_says_by_which_field(entry: ChatEntry) -> None:
    unsaid = {"gpt-6-sol", "gpt-6.1-sol", "gpt-5.4-mini", "gpt-5.4-nano"}  # the values they take were not found

    assert (entry.switch is None) == (entry.name in unsaid)
    assert (entry.thinking_budget == (128, 32_768)) == (entry.provider == "siliconflow")


def test_reranking_models_have_a_path_of_their_own_and_limits_where_known() -> None:
    (reranker,) = catalog().reranks("siliconflow")
    qwen = next(entry for entry in catalog().reranks("dashscope") if entry.name == "gte-rerank-v2")

    assert (reranker.path, reranker.price, reranker.currency) == ("/v1/rerank", None, None)
    assert (qwen.path, qwen.max_texts, qwen.max_tokens) == ("/compatible-api/v1/reranks", 500, 4_000)
    assert (qwen.price, qwen.currency) == (Decimal("0.8"), "CNY")
    assert catalog().reranks("dashscope", "https://gateway.example/v1") == ()


def test_the_usual_size_of_a_vector_is_one_that_may_be_asked_for() -> None:
    for entry in EMBEDDINGS:
        assert not entry.dimensions or (entry.dimension in entry.dimensions and entry.send_dimensions)


@pytest.mark.parametrize(
    ("as_of", "days"),
    [(date(2026, 11, 22), 0), (date(2026, 8, 24), 90), (date(2026, 5, 1), 205), (date(2027, 1, 1), 0), (None, None)],
)
def test_a_price_has_an_age_in_days(as_of: date | None, days: int | None) -> None:
    assert age_in_days(as_of, date(2026, 11, 22)) == days
