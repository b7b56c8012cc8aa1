"""Two models without a plan: one that babbles without end, one whose embeddings compare the words of two texts.

Knows the vocabulary, not the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.servers.gguf_file import Model, Shape, shapes_of_a_layer
from tests.servers.vocabulary import SPECIAL, THINKING, ordered_tokens

if TYPE_CHECKING:
    from tests.servers.gguf_file import Tensor

_NEVER = -4.0  # against control tokens: an answer goes on until it is cut, so that only stopping it can end it early


def babbling(seed: int = 7, width: int = 32, *, thinks: bool = False) -> Model:
    """Return random weights with a liking for whole words, Chinese and English; greedy answers are always the same."""
    shape = Shape("qwen2", width, layers=2, heads=2, key_heads=1, head_size=width // 2, inner=2 * width)
    random = np.random.default_rng(seed)
    tokens = ordered_tokens()
    # Small embeddings, so that the residual stream does not merely repeat the last token.
    marks = len(SPECIAL) + (len(THINKING) if thinks else 0)
    embedding = random.standard_normal((len(tokens) + marks, width), np.float32) * 0.05
    embedding[:, 0] = [0.1 * _liking(token) for token in tokens] + [_NEVER] * marks
    norm = np.full(width, 8.0, np.float32)
    norm[0] = 1.1 / 3.0 / 0.1 * np.sqrt(2)  # one nat for each unit of liking
    layers = _random_layers(shape, random)
    _hold_first_number_constant(layers, shape.head_size - 1)
    return Model(shape, embedding, norm, layers, small=False, halves=True, thinks=thinks)


def comparing_words(seed: int = 7, width: int = 128) -> Model:
    """Return an embedding model: the cosine of two texts is the share of rare tokens that they have in common."""
    shape = Shape("qwen2", width, layers=1, heads=2, key_heads=1, head_size=width // 2, inner=2 * width)
    tokens = ordered_tokens()
    count = len(tokens) + len(SPECIAL)
    embedding = np.random.default_rng(seed).standard_normal((count, width), np.float32)
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    weight = np.log2(np.arange(count) + 2.0) / np.log2(count)  # a frequent token has a small number
    weight[[place for place, token in enumerate(tokens) if not _says_something(token)]] = 0.02
    weight[len(tokens) :] = 0.0
    embedding *= (weight**3)[:, None]
    embedding[:, 0] = 4.0  # constant, so that the norm inside the model cannot undo the weights
    norm = np.full(width, 4.0, np.float32)
    norm[0] = 0.0
    return Model(shape, embedding, norm, mean_pooling=True)


def _random_layers(shape: Shape, random: np.random.Generator) -> dict[str, Tensor]:
    layers: dict[str, Tensor] = {}
    for layer in range(shape.layers):
        for name, size in shapes_of_a_layer(shape).items():
            if len(size) == 2:
                tensor = random.standard_normal(size, np.float32) / np.float32(np.sqrt(size[1]))
                if name in ("attn_output.weight", "ffn_down.weight"):
                    tensor[0] = 0.0  # nobody else writes the number that holds the liking
                layers[f"blk.{layer}.{name}"] = tensor
    return layers


def _hold_first_number_constant(layers: dict[str, Tensor], source: int) -> None:
    """Feed number 0 of the residual stream from a bias, so that column 0 of the embedding acts as a prior."""
    bias = np.zeros(source + 1, np.float32)
    bias[source] = 1.0
    layers["blk.0.attn_v.bias"] = bias
    layers["blk.0.attn_v.weight"][source] = 0.0
    layers["blk.0.attn_output.weight"][:, source] = 0.0
    layers["blk.0.attn_output.weight"][0, source] = 3.0


def _liking(token: bytes) -> float:
    try:
        text = token.decode()
    except UnicodeDecodeError:
        return -30.0  # half a character
    word = text.strip()
    if not word:
        return -12.0
    if all("\u4e00" <= character <= "\u9fff" for character in word):
        return 1.0
    if word.isascii() and word.isalnum() and text != word:
        return 1.0
    return -2.0 if word in "，。；：、！？,.;:!?" else -8.0


def _says_something(token: bytes) -> bool:
    return any(byte >= 128 or chr(byte).isalnum() for byte in token)
