"""Counts the tokens of texts and of whole prompts, each model family with its own vocabulary and its own frame of messages.

Never downloads anything. Knows no price and sends nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.money.experience import Correction
from assistant.money.vocabularies import VocabularyError, encoding
from assistant.providers.base import Message
from assistant.providers.entries import ChatEntry

__all__ = [
    "Counts",
    "PromptCounter",
    "VocabularyError",
    "count",
    "count_many",
    "count_text",
    "prompt_counter",
    "scaled",
    "tokens_of",
]

USUAL = "o200k"  # for models whose vocabulary is unknown: the one that errs least over Chinese, English and code

# By how much a count may fall short where it is an estimate, as a share of it. The vocabularies were compared over
# Chinese, English, code and formulas (2026-11; over the sample notes see bench/results/preview.md).
MARGINS = {
    "qwen": 0.11,  # an alias may have moved to Qwen3.5, which needs 11 % more for code
    "qwen3.5": 0.18,  # 3.7 and 3.8 are only presumed to have it; the older one needs 18 % more for Chinese
}
MARGIN = 0.02  # the maker's own vocabulary: what today's differ by in English is more than was seen to change
UNKNOWN_MARGIN = 0.5  # o200k stands in; cl100k, the most wasteful one measured, needs up to half more for Chinese
SLACK = 4  # tokens that a template may add unseen: the marks of not thinking

# What a template writes behind the opening of the answer: with thinking, and without.
_MARKS = {"qwen3": (0, 4), "qwen3.5": (2, 4)}

# tiktoken works in more than linear time on long runs without a boundary, and its native code overflows its stack
# on a megabyte of spaces. Longer texts are therefore counted in slices.
_SLICE = 8_000

# Where every one of the vocabularies begins a new word whatever stands before, so that cutting there changes no count.
_BOUNDARY = re.compile(r"(?<=\S)(?= \S)|(?<=[\r\n])(?=\w)|(?<=[^\W_])(?=[，。；：！？、])")

_COMPOSED = "+nfc"


@dataclass(frozen=True, slots=True)
class Counts:
    """A prompt's tokens and those of its parts by themselves, never more together than the whole.

    ``exact`` and ``parts_exact`` say which of them are facts; ``high`` is the most that the whole may turn out to be.
    """

    whole: int
    parts: tuple[int, ...]
    high: int
    exact: bool
    parts_exact: bool


@dataclass(frozen=True, slots=True)
class PromptCounter:
    """Counts for one model. ``exact``: the server will count the same; else up to ``margin`` of a count may be missing.

    ``chooses``: the request tells the model whether to think; one that is not told is taken to think if it can.
    ``factor``: what estimates are multiplied by, because the model's bills were seen to differ from them.
    """

    vocabulary: str
    template: str | None
    exact: bool
    margin: float = UNKNOWN_MARGIN
    chooses: bool = False
    factor: float = 1.0

    def uncorrected(self, tokens: int, *, exact: bool = False) -> int | None:
        """Return what was counted before the correction, so that the next one is not learned from itself."""
        return round(tokens / self.factor)

    def count(self, messages: Sequence[Message], texts: Sequence[str], *, thinking: bool = False) -> Counts:
        """Count a prompt, and by themselves the texts that it is made of."""
        whole, parts = self.prompt(messages, thinking=thinking), tuple(self.text(text) for text in texts)
        within = sum(parts) <= whole
        return Counts(
            whole,
            parts if within else scaled(parts, sum(parts), whole),
            self.high(whole),
            self.exact,
            self.exact and within,
        )

    def high(self, tokens: int) -> int:
        """Say how many tokens there are at most, where this many were counted."""
        return tokens if self.exact else math.ceil(tokens * (1 + self.margin)) + SLACK

    def text(self, text: str) -> int:
        """Say how many tokens a text has by itself, markers such as ``<|im_end|>`` being plain text."""
        return round(self._raw(text) * self.factor)

    def prompt(self, messages: Sequence[Message], *, thinking: bool = False) -> int:
        """Say how many tokens the server reads when it is sent these messages, with all that it puts around them."""
        return round(self._framed(messages, thinking) * self.factor)

    def _framed(self, messages: Sequence[Message], thinking: bool) -> int:
        match self.template:
            case "chatml":
                return self._chatml(messages)
            case "qwen3" | "qwen3.5" as template:
                with_thinking, without = _MARKS[template]
                return self._chatml(messages) + (with_thinking if thinking or not self.chooses else without)
            case "deepseek":
                return self._deepseek(messages)
            case _:
                return self._openai(messages)

    def _raw(self, text: str) -> int:
        return _remembered(text, self.vocabulary)

    def _chatml(self, messages: Sequence[Message]) -> int:
        """``<|im_start|>role⏎content<|im_end|>⏎`` for each, then ``<|im_start|>assistant⏎`` for the answer."""
        framed = sum(1 + self._raw(f"{message.role}\n{message.content}") + 2 for message in messages)
        return framed + 1 + self._raw("assistant\n")

    def _deepseek(self, messages: Sequence[Message]) -> int:
        """One mark at the start, one before each question and answer, one after each answer, two before the new one."""
        marks = {"system": 0, "user": 1, "assistant": 3}
        return 1 + sum(marks[message.role] + self._raw(message.content) for message in messages) + 2

    def _openai(self, messages: Sequence[Message]) -> int:
        """Three marks for each message beside its role, three for the answer; OpenAI's own rule for its older models."""
        return sum(3 + self._raw(message.role) + self._raw(message.content) for message in messages) + 3


@lru_cache(maxsize=256)
def _remembered(text: str, vocabulary: str) -> int:
    """Count a text of a draft, which is written anew at each change but of which little changes."""
    return count_text(text, vocabulary)


def prompt_counter(entry: ChatEntry, correction: Correction | None = None) -> PromptCounter:
    """Return the counter for a model; one without a known vocabulary and template can only be estimated.

    ``correction``: what its bills taught, which is better than what its family is known to miss.
    """
    known = entry.vocabulary is not None and entry.template is not None
    margin = MARGINS.get((entry.vocabulary or "").removesuffix(_COMPOSED), MARGIN) if known else UNKNOWN_MARGIN
    factor = 1.0
    if correction is not None and not entry.exact:
        factor, margin = correction.factor, correction.error + MARGIN
    chooses = entry.thinking in ("hybrid_off", "hybrid_on")
    sure = chooses or entry.template not in _MARKS  # what a server does that is told nothing is its own choice
    return PromptCounter(
        entry.vocabulary or USUAL, entry.template, entry.exact and known and sure, margin, chooses, factor
    )


def scaled(parts: Sequence[int], counted: int, whole: int) -> tuple[int, ...]:
    """Fit parts into a whole that is larger or smaller than the one they were ``counted`` in; none is rounded up."""
    return tuple(part * whole // max(counted, 1) for part in parts)


def count(text: str) -> int:
    """Say how many tokens a text has in the vocabulary of OpenAI's models, the measure used where no model is meant."""
    return count_text(text, USUAL)


def count_many(texts: Iterable[str]) -> list[int]:
    """Count each text; one thread, because tiktoken's own batches measured seven times slower on short texts."""
    return [count(text) for text in texts]


def count_text(text: str, vocabulary: str) -> int:
    """Say how many tokens a text has in a vocabulary of the catalogue; ``+nfc`` composes its characters first.

    A text over 16 000 characters is counted in slices: exact where it has spaces, lines or Chinese punctuation to cut
    at, and otherwise at most a few tokens too many per 8 000 characters.
    """
    if vocabulary.endswith(_COMPOSED):
        text = unicodedata.normalize("NFC", text)
    encoder = encoding(vocabulary.removesuffix(_COMPOSED))
    if len(text) <= 2 * _SLICE:
        return len(encoder.encode_ordinary(text))
    return sum(len(encoder.encode_ordinary(piece)) for piece in _slices(text))


def tokens_of(text: str, vocabulary: str) -> Iterator[tuple[int, bytes]]:
    """Yield the tokens that ``count_text`` counts: number and bytes, which may be a part of a character only."""
    if vocabulary.endswith(_COMPOSED):
        text = unicodedata.normalize("NFC", text)
    encoder = encoding(vocabulary.removesuffix(_COMPOSED))
    for piece in _slices(text):
        for token in encoder.encode_ordinary(piece):
            yield token, encoder.decode_single_token_bytes(token)


def _slices(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > 2 * _SLICE:
        boundary = _BOUNDARY.search(text, start + _SLICE, start + 2 * _SLICE)
        end = boundary.start() if boundary else start + 2 * _SLICE
        yield text[start:end]
        start = end
    yield text[start:]
