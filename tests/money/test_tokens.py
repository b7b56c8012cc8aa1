"""Counting the tokens of texts and of whole prompts."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from assistant.money.experience import Correction
from assistant.money.tokens import PromptCounter, count, count_many, count_text, prompt_counter, scaled
from assistant.money.vocabularies import VOCABULARIES, encoding
from assistant.providers.base import Message
from assistant.providers.catalog import ChatEntry, catalog

SHORT = [Message("system", "You are a helpful assistant."), Message("user", "你是谁？")]
TALK = [*SHORT, Message("assistant", "我是通义千问。"), Message("user", "讲讲 learning rate。")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("hello world", 2), ("机器学习", 2), ("<|endoftext|>", 7), ("\x00", 1), ("\ud800", 1)],
)
def test_a_text_has_the_tokens_of_o200k(text: str, expected: int) -> None:
    assert count(text) == expected


def test_many_texts_are_counted_one_by_one_in_order() -> None:
    assert count_many(["hello world", "", "机器学习"]) == [2, 0, 2]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize(
    "text",
    [
        "gradient descent, 3.14; 学习率 rate. " * 2_000,
        "第一行。\nsecond line\n\n" * 3_000,
        "梯度下降用学习率控制每一步的大小，公式如下。而后继续；也许：会怎样？" * 1_000,
        "12345，67、8_。_。" * 3_000,
    ],
    ids=["spaces", "lines", "Chinese without spaces", "numbers"],
)
def test_a_long_text_with_boundaries_is_counted_exactly(text: str, vocabulary: str) -> None:
    assert len(text) > 30_000
    assert count_text(text, vocabulary) == len(encoding(vocabulary).encode_ordinary(text))


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("sign", ["a", " ", "\n", "学", "😀", "=-"])
def test_a_megabyte_without_a_boundary_is_counted_within_a_hundredth(sign: str, vocabulary: str) -> None:
    text = sign * (1_000_000 // len(sign))
    expected = count_text(text[:8_000], vocabulary) * len(text) / 8_000

    assert count_text(text, vocabulary) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("vocabulary", ["qwen", "qwen3.5"])
def test_only_servers_that_compose_characters_have_them_composed(vocabulary: str) -> None:
    written = "re\u0301sume\u0301 한국어"
    apart, composed = unicodedata.normalize("NFD", written), unicodedata.normalize("NFC", written)

    assert count_text(apart, f"{vocabulary}+nfc") == count_text(composed, vocabulary)
    assert count_text(apart, vocabulary) > count_text(composed, vocabulary)


def test_the_formula_gives_what_qwen_plus_billed() -> None:
    counter = prompt_counter(catalog().chat("dashscope", "qwen-plus"))

    assert counter.prompt(SHORT) == 22  # prompt_tokens of its reply of 2026-03-16
    assert counter.vocabulary == "qwen+nfc"


@pytest.mark.parametrize("vocabulary", ["qwen", "qwen3.5"])
def test_a_chatml_prompt_is_counted_as_the_string_that_the_model_reads(vocabulary: str) -> None:
    counter = prompt_counter(ChatEntry("custom", "m", vocabulary=vocabulary, template="chatml"))
    plain = encoding(vocabulary).encode_ordinary
    rendered = [f"{message.role}\n{message.content}" for message in TALK]

    expected = sum(1 + len(plain(text)) + 1 + len(plain("\n")) for text in rendered) + 1 + len(plain("assistant\n"))

    assert counter.prompt(TALK) == expected


def test_a_deepseek_prompt_has_one_mark_at_each_turn() -> None:
    counter = prompt_counter(catalog().chat("deepseek", "deepseek-flash"))
    texts = sum(counter.text(message.content) for message in TALK)

    assert counter.prompt(TALK) == texts + 1 + 1 + 3 + 1 + 2


def test_an_openai_prompt_has_four_tokens_around_each_message() -> None:
    counter = prompt_counter(catalog().chat("openai", "gpt-4o-mini"))
    texts = sum(counter.text(message.content) for message in TALK)

    assert counter.prompt(TALK) == texts + 4 * len(TALK) + 3


def test_a_role_costs_the_same_whatever_is_said() -> None:
    counter = prompt_counter(catalog().chat("dashscope", "qwen3.6-plus"))

    assert counter.prompt([Message("user", "")]) + 5 == counter.prompt([Message("user", ""), Message("user", "")])


@pytest.mark.parametrize(
    ("entry", "exact"),
    [
        (ChatEntry("custom", "m", vocabulary="qwen", template="chatml", exact=True), True),
        (ChatEntry("custom", "m", vocabulary="qwen", template="chatml"), False),
        (ChatEntry("custom", "m", vocabulary="qwen", exact=True), False),
        (ChatEntry("custom", "m", template="chatml", exact=True), False),
        (ChatEntry("custom", "m", vocabulary="qwen", template="qwen3", exact=True, thinking="hybrid_on"), True),
        (ChatEntry("custom", "m", vocabulary="qwen", template="qwen3", exact=True), False),
    ],
)
def test_a_count_is_exact_only_with_a_verified_vocabulary_and_template(entry: ChatEntry, exact: bool) -> None:
    assert prompt_counter(entry).exact is exact


def test_a_model_of_which_nothing_is_known_is_estimated_as_openai_would_count() -> None:
    counter = prompt_counter(catalog().chat("custom", "nobody-knows"))

    assert (counter.vocabulary, counter.exact) == ("o200k", False)
    assert counter.text("机器学习") == count("机器学习")
    assert counter.prompt(SHORT) > sum(count(message.content) for message in SHORT)


@pytest.mark.parametrize(
    ("provider", "model", "on", "off"),
    [
        ("dashscope", "qwen-plus", 0, 0),
        ("dashscope", "qwen3-8b", 0, 4),
        ("siliconflow", "Qwen/Qwen3-8B", 0, 4),
        ("siliconflow", "Qwen/Qwen3.5-9B", 2, 4),
        ("deepseek", "deepseek-flash", 0, 0),
        ("custom", "qwen3:8b", 0, 0),  # is not told whether to think
        ("custom", "Qwen3.5-9B", 2, 2),
    ],
)
def test_thinking_leaves_its_marks_where_the_template_writes_them(provider: str, model: str, on: int, off: int) -> None:
    entry = catalog().chat(provider, model)
    counter = prompt_counter(entry)
    unmarked = replace(counter, template="chatml" if (counter.template or "").startswith("qwen") else counter.template)
    frame = unmarked.prompt(TALK)

    assert counter.prompt(TALK, thinking=True) == frame + on
    assert counter.prompt(TALK, thinking=False) == frame + off
    assert not counter.exact


TEXTS = {
    "zh": "梯度下降用学习率控制每一步的大小；过拟合是模型记住了训练集，龘彧囍。" * 20,
    "en": "A gradient points uphill, therefore the learning rate decides how far one step goes. " * 20,
    "code": "def f(x: int) -> int:\n    if x <= 1:\n        return 1\n    return x * f(x - 1)\n" * 20,
    "LaTeX": r"$$\frac{\partial L}{\partial w_{ij}} = \sum_{k=1}^{n} (y_k - \hat{y}_k)\,x_k$$" * 20,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(
    ("model", "others"),
    [("nobody-knows", list(VOCABULARIES)), ("qwen2.5", ["qwen", "qwen3.5"]), ("qwen3.7-plus", ["qwen", "qwen3.5"])],
)
def test_an_estimate_is_never_above_its_high_in_the_vocabularies_it_may_mean(
    model: str, others: list[str], text: str
) -> None:
    counter = prompt_counter(catalog().chat("custom", model))
    messages = (Message("user", text),)
    read = {other: PromptCounter(other, "chatml", exact=True).prompt(messages) for other in others}

    assert max(read.values()) <= counter.high(counter.prompt(messages))


@pytest.mark.parametrize("exact", [True, False])
def test_parts_are_never_more_than_the_whole(exact: bool) -> None:
    counter = PromptCounter("qwen", "chatml", exact)
    honest = counter.count(TALK, [message.content for message in TALK])
    too_many = counter.count(TALK, ["讲讲 learning rate。" * 9] * 3)

    assert (honest.parts, honest.parts_exact) == (tuple(counter.text(message.content) for message in TALK), exact)
    assert (honest.whole, too_many.whole) == (counter.prompt(TALK), counter.prompt(TALK))
    assert sum(too_many.parts) <= too_many.whole
    assert not too_many.parts_exact
    assert honest.high == honest.whole if exact else honest.high > honest.whole


def test_parts_are_fitted_into_a_whole_of_another_size() -> None:
    assert scaled((50, 30, 0), 100, 60) == (30, 18, 0)
    assert scaled((5, 5), 0, 60) == (300, 300)


def test_a_correction_multiplies_estimates_and_leaves_its_own_error_as_their_margin() -> None:
    entry = ChatEntry("p", "m", vocabulary="qwen", template="chatml")
    plain, corrected = prompt_counter(entry), prompt_counter(entry, Correction(1.2, 0.05, 9))
    asked = [Message("user", "什么是过拟合？" * 40)]

    counted = corrected.prompt(asked)
    assert counted == round(plain.prompt(asked) * 1.2)
    assert corrected.uncorrected(counted) == plain.prompt(asked)
    assert corrected.high(1_000) < plain.high(1_000)
    parts = corrected.count(asked, [asked[0].content])
    assert parts.parts[0] == round(plain.text(asked[0].content) * 1.2)


def test_a_fact_is_not_corrected() -> None:
    entry = ChatEntry("p", "m", vocabulary="qwen", template="chatml", exact=True)
    asked = [Message("user", "什么是过拟合？")]

    assert prompt_counter(entry, Correction(1.2, 0.05, 9)).prompt(asked) == prompt_counter(entry).prompt(asked)


def test_how_much_an_estimate_may_miss_goes_by_its_family() -> None:
    entry = catalog().chat("dashscope", "qwen-plus")

    assert prompt_counter(entry).high(1_000) == 1_114
    assert prompt_counter(entry, Correction(1.0, 0.0, 9)).high(1_000) == 1_024
    assert prompt_counter(catalog().chat("custom", "nobody-knows")).high(1_000) == 1_504
    assert prompt_counter(replace(entry, exact=True)).high(1_000) == 1_000
