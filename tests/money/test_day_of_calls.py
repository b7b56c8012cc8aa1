"""A scripted day of 500 mixed calls: the ledger's sums, and those of its CSV, equal a sum made here by other means.

440 answers go through the app's own path: a draft, a turn, the adapters, and HTTP to a server of ours that bills as scripted.
60 embeddings are entered as receipts, because they have no turn. The sums here are whole numbers of a millionth of a
millionth of a currency, from a price table of their own; neither decimals nor any code of the app is used for them.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from assistant.answers.ask import Draft, reconsider
from assistant.answers.connection import Connection, connect
from assistant.bootstrap import Assistant
from assistant.money.cost import Receipt, embedding_bill, embedding_forecast
from assistant.money.experience import was_cut
from assistant.money.ledger import By, Entry, Sum
from assistant.money.ledger_csv import ledger_csv
from assistant.providers.catalog import catalog
from assistant.providers.entries import ChatEntry, EmbeddingEntry, Price
from assistant.providers.keys import Secret
from assistant.providers.ollama import OllamaModel
from assistant.providers.openai_like import OpenAILikeModel
from tests.answers.speaking import LONGEST
from tests.conftest import NOTES, write
from tests.providers.fake_provider import FakeProvider, Reply, billed, events, lines, plain, said

KEY = Secret("sk-test-0123456789abcdef")
UNIT = 12  # digits after the point: a price in millionths per million tokens, times one token


def price(up_to: int | None, input_: str, output: str, **more: str) -> Price:
    return Price(up_to, Decimal(input_), Decimal(output), **{name: Decimal(value) for name, value in more.items()})


TIERED = ChatEntry(
    "dashscope", "tiered", vocabulary="qwen", template="chatml", thinking="hybrid_off", currency="CNY",
    prices=(
        price(128_000, "0.8", "2", cached="0.16", output_thinking="8"),
        price(256_000, "2.4", "20", cached="0.48", output_thinking="24"),
        price(None, "4.8", "48", cached="0.96", output_thinking="64"),
    ),
)  # fmt: skip
DOLLARS = ChatEntry("deepseek", "dollars", currency="USD", prices=(price(None, "0.14", "0.28", cached="0.0028"),))
UNDISCOUNTED = ChatEntry("openai", "undiscounted", currency="USD", prices=(price(None, "0.05", "0.4"),))
UNPRICED = ChatEntry("siliconflow", "unpriced")
OWN = ChatEntry("ollama", "own", currency="CNY", prices=(price(None, "0", "0"),), local=True)
EMBEDDING = EmbeddingEntry("dashscope", "embedding", price=Decimal("0.5"), currency="CNY")

# The same prices once more, for the independent sum: (up to, input, cached, output, output with thinking), in millionths.
TABLE = {
    "tiered": [
        (128_000, 800_000, 160_000, 2_000_000, 8_000_000),
        (256_000, 2_400_000, 480_000, 20_000_000, 24_000_000),
        (10**9, 4_800_000, 960_000, 48_000_000, 64_000_000),
    ],
    "dollars": [(10**9, 140_000, 2_800, 280_000, 280_000)],
    "undiscounted": [(10**9, 50_000, 50_000, 400_000, 400_000)],
    "own": [(10**9, 0, 0, 0, 0)],
    "embedding": [(10**9, 500_000, 500_000, 0, 0)],
}
CURRENCY = {"tiered": "CNY", "own": "CNY", "embedding": "CNY", "dollars": "USD", "undiscounted": "USD"}
PROVIDER = {
    "tiered": "dashscope", "embedding": "dashscope", "dollars": "deepseek", "undiscounted": "openai",
    "unpriced": "siliconflow", "own": "ollama",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One scripted call; ``ends``: complete, silent (no bill), stopped, refused, broken (in mid-stream)."""

    model: str
    ends: str
    prompt: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    thinking: bool = False

    @property
    def units(self) -> int | None:
        """What it costs by the table, or None where no bill came or no price is known."""
        if self.model == "own":
            return 0
        if self.ends != "complete" or self.model not in TABLE:
            return None
        for up_to, fresh, cached, output, thinking in TABLE[self.model]:
            if self.prompt <= up_to:
                each = thinking if self.thinking or self.reasoning else output
                return (self.prompt - self.cached) * fresh + self.cached * cached + self.output * each
        raise AssertionError


def script() -> list[Call]:
    chance = random.Random(20_261_122)
    ends = ["complete"] * 40 + ["silent", "stopped", "refused", "broken"]
    sizes = [900, 4_321, 127_999, 128_000, 128_001, 255_999, 256_001, 900_001]
    calls = []
    for _ in range(440):
        model = chance.choice(["tiered", "tiered", "tiered", "dollars", "dollars", "undiscounted", "unpriced", "own"])
        prompt = chance.choice(sizes) + chance.randrange(2) * chance.randrange(700)
        output = chance.randrange(1, 3_000)
        thinking = model == "tiered" and chance.random() < 0.3
        calls.append(
            Call(
                model,
                chance.choice(ends),
                prompt,
                output,
                cached=chance.randrange(prompt) if model in ("tiered", "dollars") and chance.random() < 0.4 else 0,
                reasoning=chance.randrange(1, output + 1) if thinking else 0,
                thinking=thinking,
            )
        )
    return calls


def reply(call: Call) -> Reply:
    """What the server of a call says."""
    if call.ends == "refused":
        return plain({"error": {"message": "no", "code": "invalid_api_key"}}, 401)
    if call.model == "own":
        return ollama_reply(call)
    if call.ends == "stopped":
        return events(said("so"), "stall", done=False)
    if call.ends == "broken":
        return events(said("so"), "cut", done=False)
    if call.ends == "silent":
        return events(said("so [1]"), said(finish="stop"))
    details = {"prompt_tokens_details": {"cached_tokens": call.cached}}
    if call.model == "dollars":
        details = {"prompt_cache_hit_tokens": call.cached}  # type: ignore[dict-item]
    if call.reasoning:
        details["completion_tokens_details"] = {"reasoning_tokens": call.reasoning}
    return events(said("so [1]"), said(finish="stop"), billed(call.prompt, call.output, **details))


def ollama_reply(call: Call) -> Reply:
    word = {"model": "own", "created_at": "2026-11-22T08:00:00Z", "message": {"role": "assistant", "content": "so"}}
    if call.ends == "stopped":
        return lines(word | {"done": False}, "stall")
    if call.ends == "broken":
        return lines(word | {"done": False}, "cut")
    counts = {"prompt_eval_count": call.prompt, "eval_count": call.output} if call.ends == "complete" else {}
    return lines(word | {"done": False}, word | {"done": True, "done_reason": "stop", **counts})


def connection(call: Call, url: str) -> Connection:
    entry = {one.name: one for one in (TIERED, DOLLARS, UNDISCOUNTED, UNPRICED, OWN)}[call.model]
    if entry is OWN:
        return connect(OllamaModel("own", url, 8_192, None), entry, window=8_192, max_tokens=500)
    vendor = catalog().provider(entry.provider)
    return connect(OpenAILikeModel(entry, vendor, f"{url}/v1", KEY), entry, max_tokens=500, thinking=call.thinking)


def answer(app: Assistant, draft: Draft, call: Call) -> None:
    conversation, turn_id = app.conversations.ask(None, draft.question)
    turn = app.answer(conversation, turn_id, draft)
    if call.ends == "stopped":
        while not turn.text and turn.state == "running":
            turn.wait(0.002)
        turn.cancel()
    turn.wait(LONGEST)
    assert turn.state == {"stopped": "stopped", "refused": "failed", "broken": "failed"}.get(call.ends, "complete")


def embed(app: Assistant, at: datetime) -> Call:
    tokens = 1_000 + at.minute * 37
    shown, paid = embedding_forecast(EMBEDDING, tokens), embedding_bill(EMBEDDING, tokens)
    receipt = Receipt("dashscope", "embedding", tokens, tokens, None, None, paid, 0.5, None, forecast=shown)
    app.ledger.enter("embedding", receipt, "complete", at=at)
    return Call("embedding", "complete", tokens)


@dataclass(frozen=True)
class Day:
    """What was scripted, and what the ledger holds of it, call by call."""

    app: Assistant
    pairs: Sequence[tuple[Call, Entry]]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings

    folder = tmp_path_factory.mktemp("day")
    write(folder / "notes", NOTES)
    app = open_assistant(Settings(notes=(folder / "notes",), data=folder / "data"))
    app.sync().run()
    found = app.prepare("什么是过拟合？")
    earlier = datetime.now().astimezone() - timedelta(days=3)
    calls = [embed(app, earlier + timedelta(minutes=61 * number)) for number in range(60)]
    answers = script()
    with FakeProvider(*map(reply, answers), answer_of_nobody()) as server:
        for call in answers:
            answer(app, reconsider(found, connection=connection(call, server.url)), call)
        assert len(server.requests) == len(answers)
    yield Day(app, list(zip([*calls, *answers], app.ledger.entries(), strict=True)))
    app.database.close()


def answer_of_nobody() -> Reply:
    return plain({"error": {"message": "nobody should ask again"}}, 418)


def units(text: str) -> int:
    """Read a decimal as a whole number of units, by its letters."""
    whole, _, part = text.partition(".")
    assert len(part) <= UNIT
    return int(whole + part.ljust(UNIT, "0"))


def expected(day: Day, name_of: Callable[[Call, Entry], str]) -> dict[tuple[str, str], int]:
    """Add up the scripted bills; where none came, the ledger's estimate is allowed, if it is marked as one."""
    sums: Counter[tuple[str, str]] = Counter()
    for call, entry in day.pairs:
        cost = call.units
        if cost is None and entry.paid is not None:
            assert entry.paid.amount == 0 or (call.model in TABLE and entry.paid.about)
            cost = units(f"{entry.paid.amount:f}")
        if cost is not None:
            sums[name_of(call, entry), CURRENCY.get(call.model, "CNY")] += cost
    return dict(sums)


NAMES: dict[By, Callable[[Call, Entry], str]] = {
    "all": lambda call, entry: "",
    "day": lambda call, entry: entry.at.strftime("%Y-%m-%d"),
    "model": lambda call, entry: f"{PROVIDER[call.model]}/{call.model}",
    "provider": lambda call, entry: PROVIDER[call.model],
    "purpose": lambda call, entry: "embedding" if call.model == "embedding" else "answer",
}


def test_the_day_has_five_hundred_calls_of_every_kind(day: Day) -> None:
    kinds = Counter((call.model, call.ends) for call, _ in day.pairs)

    assert len(day.pairs) == 500
    assert {ends for _, ends in kinds} == {"complete", "silent", "stopped", "refused", "broken"}
    assert {model for model, _ in kinds} == set(PROVIDER)
    tiers = [call.prompt for call, _ in day.pairs if call.model == "tiered" and call.ends == "complete"]
    assert min(tiers) <= 128_000 < sorted(tiers)[len(tiers) // 2] <= max(tiers)
    assert any(call.cached for call, _ in day.pairs)
    assert any(call.reasoning for call, _ in day.pairs)


def test_each_call_stands_in_the_ledger_as_it_was_billed(day: Day) -> None:
    for call, entry in day.pairs:
        assert (entry.provider, entry.model) == (PROVIDER[call.model], call.model)
        assert entry.state == {"stopped": "stopped", "refused": "failed", "broken": "failed"}.get(call.ends, "complete")
        assert bool(entry.error) == (entry.state == "failed")
        if call.ends == "complete":
            assert entry.prompt_tokens == call.prompt
            assert entry.completion_tokens == (None if call.model == "embedding" else call.output)
        if call.units is not None:
            assert entry.paid is not None
            assert (entry.paid.currency, units(f"{entry.paid.amount:f}")) == (CURRENCY[call.model], call.units)
        elif call.model not in TABLE:
            assert entry.paid is None or entry.paid.amount == 0


@pytest.mark.parametrize("by", NAMES)
def test_the_sums_are_those_of_another_reckoning_to_the_last_digit(day: Day, by: By) -> None:
    sums = day.app.ledger.sums(by)

    assert {(one.name, one.currency): units(f"{one.amount:f}") for one in sums if one.currency} == expected(
        day, NAMES[by]
    )
    assert sum(one.calls for one in sums) == 500
    assert sum(one.unpriced for one in sums) == sum(entry.paid is None for _, entry in day.pairs) > 0


@pytest.mark.parametrize("by", NAMES)
def test_the_exported_file_adds_up_to_the_same(day: Day, by: By) -> None:
    rows = list(csv.DictReader(io.StringIO(ledger_csv(day.app.ledger.entries()).decode("utf-8-sig"), newline="")))
    columns: dict[By, Callable[[dict[str, str]], str]] = {
        "all": lambda row: "",
        "day": lambda row: row["at_local"][:10],
        "model": lambda row: f"{row['provider']}/{row['model']}",
        "provider": lambda row: row["provider"],
        "purpose": lambda row: row["purpose"],
    }
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["amount"]:
            sums[columns[by](row), row["currency"]] += units(row["amount"])

    assert len(rows) == 500
    assert dict(sums) == expected(day, NAMES[by])


def test_tokens_add_up_as_well(day: Day) -> None:
    def total(counts: Sequence[Sum]) -> tuple[int, int]:
        return sum(one.prompt_tokens for one in counts), sum(one.completion_tokens for one in counts)

    complete = [call for call, _ in day.pairs if call.ends == "complete"]
    said_by_us = [entry for call, entry in day.pairs if call.ends != "complete"]
    prompt = sum(call.prompt for call in complete) + sum(entry.prompt_tokens or 0 for entry in said_by_us)
    output = sum(call.output for call in complete) + sum(entry.completion_tokens or 0 for entry in said_by_us)
    assert {total(day.app.ledger.sums(by)) for by in NAMES} == {(prompt, output)}


def test_no_prompt_of_that_day_was_cut(day: Day) -> None:
    """The own model's server says that it read more than was sent: strange, but nothing is lost."""
    assert not [entry for _, entry in day.pairs if was_cut(entry)]
