"""Counting tokens without a network."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from assistant.money import tokens
from assistant.money.tokens import VocabularyError, count, count_many


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("hello world", 2), ("机器学习", 2), ("<|endoftext|>", 7), ("\x00", 1), ("\ud800", 1)],
)
def test_a_text_has_the_tokens_of_o200k(text: str, expected: int) -> None:
    assert count(text) == expected


def test_many_texts_are_counted_one_by_one_in_order() -> None:
    assert count_many(["hello world", "", "机器学习"]) == [2, 0, 2]


@pytest.mark.parametrize("text", ["gradient descent, 3.14; 学习率 rate. " * 3_000, "第一行。\nsecond line\n\n" * 3_000])
def test_a_long_text_with_boundaries_is_counted_exactly(text: str) -> None:
    whole = len(tokens._encoder().encode_ordinary(text))

    assert len(text) > 50_000
    assert count(text) == whole


@pytest.mark.parametrize("sign", ["a", " ", "\n", "学", "😀", "=-"])
def test_a_megabyte_without_a_boundary_is_counted_within_a_hundredth(sign: str) -> None:
    text = sign * (1_000_000 // len(sign))
    expected = count(text[:8_000]) * len(text) / 8_000

    assert count(text) == pytest.approx(expected, rel=0.01)


def test_counting_needs_no_llama_index_and_leaves_the_environment_alone() -> None:
    program = (
        "import sys, os, socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "before = dict(os.environ)\n"
        "from assistant.money.tokens import count\n"
        "assert 'tiktoken' not in sys.modules\n"
        "assert count('hello world') == 2\n"
        "assert 'llama_index' not in sys.modules and 'llama_index.core' not in sys.modules\n"
        "assert dict(os.environ) == before\n"
    )
    root = Path(tokens.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("content", [None, b"", b"IQ== 0\n"])
def test_a_missing_or_damaged_vocabulary_is_an_error_and_never_a_download(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "core" / "_static" / "tiktoken_cache"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / tokens._FILE).write_bytes(content)
    spec = ModuleSpec("llama_index", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setattr(tokens, "_loaded", [])

    with pytest.raises(VocabularyError) as caught:
        count("x")

    assert tokens._FILE in caught.value.message("en")
    assert "llama-index-core" in caught.value.hint("zh")
    assert "TIKTOKEN_CACHE_DIR" not in os.environ


def test_without_llama_index_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(tokens, "_loaded", [])

    with pytest.raises(VocabularyError, match="tiktoken_cache"):
        count("x")


def test_threads_share_one_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []
    monkeypatch.setattr(tokens, "_loaded", loaded)

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(count, ["hello world"] * 32))

    assert counts == [2] * 32
    assert len(loaded) == 1
