"""A model wired by hand that repeats the last user message: what it answers is what really reached it.

Each token's state holds the identities of itself and of the four tokens before it; the second layer looks for the place
where the same tokens stood before and copies what followed there. Text in which the same four tokens occur twice
with different continuations is therefore copied wrongly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.servers.gguf_file import Model, Shape, shapes_of_a_layer
from tests.servers.vocabulary import SPECIAL, ranks

if TYPE_CHECKING:
    from tests.servers.gguf_file import Tensor

_IDENTITY = 32  # numbers that tell one token from another
_BACK = 4
_SHAPE = Shape(
    "llama",  # its head size need not be width / heads
    width=_IDENTITY * (_BACK + 1),
    layers=2,
    heads=_BACK,
    key_heads=1,
    head_size=192,
    inner=32,
    rope_base=1e20,
)
_STILL = 60  # rotary numbers from here on hardly turn: content can be compared in them whatever the distance


def echoing(seed: int = 7) -> Model:
    """Return the weights of the model that repeats the last user message and stops."""
    identity, detour = _identities(seed)
    embedding = np.zeros((len(identity), _SHAPE.width), np.float32)
    embedding[:, :_IDENTITY] = identity
    layers = {
        f"blk.{layer}.{name}": np.zeros(size, np.float32)
        for layer in (0, 1)
        for name, size in shapes_of_a_layer(_SHAPE).items()
        if name.startswith("attn_") and "norm" not in name
    }
    _remember_tokens_before(layers)
    _find_same_tokens(layers, detour)
    norm = np.zeros(_SHAPE.width, np.float32)
    norm[:_IDENTITY] = 60 / np.sqrt(_SHAPE.width)  # the copied token alone decides
    return Model(_SHAPE, embedding, norm, layers)


def _identities(seed: int) -> tuple[Tensor, Tensor]:
    """Return a direction for each token, and the direction in which "assistant" differs from "user".

    The answer begins after "assistant" and must look for "user", not for an earlier "assistant". So "assistant" looks
    mostly like "user" where it asks, and loses its own part where it is found.
    """
    known = ranks()
    user, assistant = known[b"user"], known[b"assistant"]
    identity = np.random.default_rng(seed).standard_normal((len(known) + len(SPECIAL), _IDENTITY), np.float32)
    identity /= np.linalg.norm(identity, axis=1, keepdims=True)
    detour = identity[assistant] - identity[user] * (identity[user] @ identity[assistant])
    detour /= np.linalg.norm(detour)
    identity[assistant] = 0.8 * identity[user] + 0.6 * detour
    return identity, detour


def _turning() -> Tensor:
    pairs = np.arange(_SHAPE.head_size // 2, dtype=np.float64)
    return np.asarray(_SHAPE.rope_base ** (-2.0 * pairs / _SHAPE.head_size))


def _remember_tokens_before(layers: dict[str, Tensor]) -> None:
    """Head k of the first layer points k tokens back and copies that token's identity into place k."""
    turning, own = _turning(), np.arange(_IDENTITY)
    pairs = np.arange(12)
    sharp, undo_norm = 90 * np.sqrt(_SHAPE.head_size), np.sqrt(_SHAPE.width)
    layers["blk.0.attn_k.bias"][2 * pairs] = 1.0
    layers["blk.0.attn_v.weight"][own, own] = 1.0
    for back in range(1, _BACK + 1):
        head = (back - 1) * _SHAPE.head_size
        layers["blk.0.attn_q.bias"][head + 2 * pairs] = sharp * np.cos(back * turning[pairs])
        layers["blk.0.attn_q.bias"][head + 2 * pairs + 1] = -sharp * np.sin(back * turning[pairs])
        layers["blk.0.attn_output.weight"][own + back * _IDENTITY, head + own] = 1 / undo_norm


def _find_same_tokens(layers: dict[str, Tensor], detour: Tensor) -> None:
    """The second layer asks with the last four tokens, is answered by the four before each place, and copies the place."""
    turning, own = _turning(), np.arange(_IDENTITY)
    root, undo_norm = np.sqrt(_SHAPE.head_size), np.sqrt(_SHAPE.width / (_BACK + 1))
    places = np.arange(_STILL, _SHAPE.head_size)[: _BACK * _IDENTITY]
    content = np.arange(_BACK * _IDENTITY)
    nats = np.sqrt(60 * root) / undo_norm  # 60 for each token that matches
    query, key = layers["blk.1.attn_q.weight"], layers["blk.1.attn_k.weight"]
    query[places, content] = nats
    key[places, content + _IDENTITY] = nats
    second = places[_IDENTITY : 2 * _IDENTITY]
    key[second, 2 * _IDENTITY : 3 * _IDENTITY] -= nats * np.outer(detour, detour)
    slow = int(np.argmin(abs(turning - 1.8e-4)))  # of two equal places the later: 0.01 nat for each token of distance
    layers["blk.1.attn_k.bias"][2 * slow] = 1.0
    layers["blk.1.attn_q.bias"][2 * slow + 1] = 0.01 / turning[slow] * root
    layers["blk.1.attn_v.weight"][own, own] = 1.0
    layers["blk.1.attn_output.weight"][own, own] = 20 / undo_norm
