"""Counts tokens with the o200k_base vocabulary that ships inside LlamaIndex, so never with a download.

The count is exact for recent OpenAI models and an estimate for every other family. Knows no model and no price.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from assistant.errors import AssistantError, Language

if TYPE_CHECKING:
    from tiktoken import Encoding

# tiktoken names a cached vocabulary after the SHA-1 of its address, and fetches it again when its SHA-256 is wrong.
# Both are checked here first: what is missing or damaged must be an error, not a request to the network.
_FILE = "fb374d419588a4632f3f557e76b4b70aebbca790"
_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"

# tiktoken works in more than linear time on long runs without a boundary, and its native code overflows its stack
# on a megabyte of spaces. Longer texts are therefore counted in slices.
_SLICE = 8_000

# Where the tokenizer begins a new word whatever stands before, so that cutting there changes no count.
_BOUNDARY = re.compile(r"(?<=\S)(?= \S)|(?<=[\r\n])(?=\w)")

_lock = threading.Lock()
_loaded: list[Encoding] = []


class VocabularyError(AssistantError):
    """The vocabulary file that comes with LlamaIndex is not there or was altered; details: path."""

    kind: ClassVar[str] = "vocabulary"
    texts: ClassVar[dict[Language, str]] = {
        "zh": "分词表 {path} 缺失或已损坏，无法计算 token 数。",
        "en": "The token vocabulary {path} is missing or damaged.",
    }
    hints: ClassVar[dict[Language, str]] = {
        "zh": "重新安装 llama-index-core：它自带这个文件。",
        "en": "Reinstall llama-index-core, which brings this file with it.",
    }


def count(text: str) -> int:
    """Say how many tokens a text has, markers such as ``<|endoftext|>`` being plain text.

    A text over 16 000 characters is counted in slices: exact where it has spaces or lines to cut at, and otherwise
    at most a few tokens too many per 8 000 characters.
    """
    encoder = _encoder()
    if len(text) <= 2 * _SLICE:
        return len(encoder.encode_ordinary(text))
    return sum(len(encoder.encode_ordinary(piece)) for piece in _slices(text))


def count_many(texts: Iterable[str]) -> list[int]:
    """Count each text; one thread, because tiktoken's own batches measured seven times slower on short texts."""
    return [count(text) for text in texts]


def _slices(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > 2 * _SLICE:
        boundary = _BOUNDARY.search(text, start + _SLICE, start + 2 * _SLICE)
        end = boundary.start() if boundary else start + 2 * _SLICE
        yield text[start:end]
        start = end
    yield text[start:]


def _encoder() -> Encoding:
    if not _loaded:
        with _lock:
            if not _loaded:
                _loaded.append(_load())
    return _loaded[0]


def _load() -> Encoding:
    with _cache_directory(_vocabulary().parent):
        import tiktoken

        return tiktoken.get_encoding("o200k_base")


def _vocabulary() -> Path:
    """Find the file without importing LlamaIndex, which takes seconds."""
    found = importlib.util.find_spec("llama_index")
    folders = list(found.submodule_search_locations or ()) if found else []
    # llama_index is a namespace package: several folders may carry its name.
    files = [Path(folder, "core", "_static", "tiktoken_cache", _FILE) for folder in folders]
    file = next((file for file in files if file.is_file()), None)
    if file is None or hashlib.sha256(file.read_bytes()).hexdigest() != _SHA256:
        raise VocabularyError(path=file or f"llama_index/core/_static/tiktoken_cache/{_FILE}")
    return file


@contextmanager
def _cache_directory(folder: Path) -> Iterator[None]:
    """Point tiktoken at a folder for one loading: the environment is the only way it can be told."""
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = before
