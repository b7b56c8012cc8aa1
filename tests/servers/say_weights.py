"""A model whose weights are a lookup table: it answers fixed texts, whatever it is asked.

Each token's state holds the identities of the last few tokens; one neuron for each "these tokens" says the next one.
A script may ask for a word: it is then said only where that word stands anywhere in the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tests.servers.gguf_file import Model, Shape
from tests.servers.vocabulary import SPECIAL, WORDS, ranks

if TYPE_CHECKING:
    from tiktoken import Encoding

    from tests.servers.gguf_file import Tensor

_IDENTITY = 32  # numbers that tell one token from another
_FLAGS = 32  # numbers for words in the prompt: the first half marks a word, the second that it was seen
_SHARP = 90.0


@dataclass(frozen=True, slots=True)
class Script:
    """A text, and the word (one token) that must be in the prompt for it; None: when no other script's word is there."""

    text: str
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """After these tokens, newest first, comes ``next``. ``flag``: the word wanted, -1 none of them, None whichever."""

    past: tuple[int, ...]
    flag: int | None
    next: int


def saying(scripts: Sequence[Script], seed: int = 7) -> Model:
    """Return the weights of the model that answers these texts."""
    encoding = _encoding()
    words = [_word(encoding, script.when) for script in scripts if script.when]
    rows = _shortest_table(encoding, scripts)
    memory = len(rows[0].past)
    shape = Shape(
        "llama",
        width=_IDENTITY * memory + _FLAGS,
        layers=1,
        heads=memory - 1 + len(words),
        key_heads=1,
        head_size=64,
        inner=-(-len(rows) // 32) * 32,
    )
    identity = np.random.default_rng(seed).standard_normal((len(ranks()) + len(SPECIAL), _IDENTITY), np.float32)
    identity /= np.linalg.norm(identity, axis=1, keepdims=True)
    embedding = np.zeros((len(identity), shape.width), np.float32)
    embedding[:, :_IDENTITY] = identity
    for flag, tokens in enumerate(words):
        embedding[tokens, _IDENTITY * memory + flag] = 0.05  # small: the norm must not notice
    norm = np.zeros(shape.width, np.float32)
    norm[:_IDENTITY] = 60 / np.sqrt(shape.width)
    layers = _remember(shape, memory, len(words)) | _table(shape, memory, rows, identity, len(words))
    return Model(shape, embedding, norm, layers)


def _encoding() -> Encoding:
    import tiktoken

    special = {token: len(ranks()) + place for place, token in enumerate(SPECIAL)}
    return tiktoken.Encoding("qwen", pat_str=WORDS, mergeable_ranks=ranks(), special_tokens=special)


def _word(encoding: Encoding, word: str) -> list[int]:
    """Return the word's token, with and without a space before it."""
    spellings = [encoding.encode_ordinary(spelling) for spelling in (word, " " + word)]
    single = [tokens[0] for tokens in spellings if len(tokens) == 1]
    if not single:
        raise ValueError(f"{word!r} is more than one token")
    return single


def _shortest_table(encoding: Encoding, scripts: Sequence[Script]) -> list[Row]:
    """Remember as few tokens as make every continuation certain."""
    for memory in range(4, 25):
        rows = _rows(encoding, scripts, memory)
        if len({(row.past, row.flag) for row in rows}) == len(rows):
            return rows
    raise ValueError("the texts repeat more than 24 tokens")


def _rows(encoding: Encoding, scripts: Sequence[Script], memory: int) -> list[Row]:
    before = encoding.encode("<|im_end|>\n<|im_start|>assistant\n", allowed_special="all")
    end = encoding.encode_single_token("<|im_end|>")
    wanted = [script.when for script in scripts if script.when]
    rows: dict[Row, None] = {}
    for script in scripts:
        said = [*encoding.encode_ordinary(script.text), end]
        for place, token in enumerate(said):
            past = tuple(reversed([*before, *said[:place]][-memory:]))
            flag = wanted.index(script.when) if script.when else -1
            rows[Row(past, flag if place == 0 else None, token)] = None
    return list(rows)


def _remember(shape: Shape, memory: int, words: int) -> dict[str, Tensor]:
    """Give each head its task: copy the token k back, or look for a word anywhere in the prompt."""
    queries = shape.heads * shape.head_size
    query, key = np.zeros((queries, shape.width), np.float32), np.zeros((shape.head_size, shape.width), np.float32)
    asks, answers = np.zeros(queries, np.float32), np.zeros(shape.head_size, np.float32)
    value, output = np.zeros_like(key), np.zeros((shape.width, queries), np.float32)
    turning = shape.rope_base ** (-2.0 * np.arange(shape.head_size // 2) / shape.head_size)
    root, undo_norm = np.sqrt(shape.head_size), np.sqrt(shape.width)
    own, pairs, flags = np.arange(_IDENTITY), np.arange(10), _IDENTITY * memory
    answers[2 * pairs] = 1.0
    value[own, own] = 1.0
    for back in range(1, memory):
        head = (back - 1) * shape.head_size
        asks[head + 2 * pairs] = _SHARP * root * np.cos(back * turning[pairs])
        asks[head + 2 * pairs + 1] = -_SHARP * root * np.sin(back * turning[pairs])
        output[own + back * _IDENTITY, head + own] = 1 / undo_norm
    for word in range(words):
        head, slow = (memory - 1 + word) * shape.head_size, 2 * (31 - word)  # turns once in 47 000 tokens
        asks[head + slow] = _SHARP * root
        key[slow, flags + word] = 20 / undo_norm
        value[_IDENTITY + word, flags + word] = 20 / undo_norm
        output[flags + _FLAGS // 2 + word, head + _IDENTITY + word] = 0.1
    made = {"q.weight": query, "q.bias": asks, "k.weight": key, "k.bias": answers, "v.weight": value}
    return {f"blk.0.attn_{name}": tensor for name, tensor in (made | {"output.weight": output}).items()}


def _table(shape: Shape, memory: int, rows: Sequence[Row], identity: Tensor, words: int) -> dict[str, Tensor]:
    gate, down = np.zeros((shape.inner, shape.width), np.float32), np.zeros((shape.width, shape.inner), np.float32)
    opens, up = np.full(shape.inner, -50.0, np.float32), np.zeros(shape.inner, np.float32)
    seen = _IDENTITY * memory + _FLAGS // 2 + np.arange(words)
    for neuron, row in enumerate(rows):
        gate[neuron, : _IDENTITY * memory] = identity[list(row.past)].ravel()
        needed = memory - 0.2
        if row.flag == -1:
            gate[neuron, seen] = -10.0
        elif row.flag is not None:
            gate[neuron, seen[row.flag]] = 10.0
            needed += 1.0
        opens[neuron], up[neuron] = -200 * needed, 1.0
        down[:_IDENTITY, neuron] = identity[row.next]
    gate[: len(rows)] *= 200 / np.sqrt(shape.width / memory)  # the norm divides by the length of `memory` unit blocks
    return {
        "blk.0.ffn_gate.weight": gate,
        "blk.0.ffn_gate.bias": opens,
        "blk.0.ffn_up.bias": up,
        "blk.0.ffn_down.weight": down,
    }
