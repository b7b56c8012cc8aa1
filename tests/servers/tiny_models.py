"""Writes tiny models once per machine, into a cache folder outside the repository.

A model's name holds a hash of the code and vocabulary that made it, so a changed generator never meets an old file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.servers.vocabulary import vocabulary_file

if TYPE_CHECKING:
    from tests.servers.gguf_file import Model

Kind = Literal["chat", "think", "echo", "say", "study", "embed"]

# The English answer is said where the word "Question" stands in the prompt, the Chinese one everywhere else.
SAYINGS = {
    "zh": (
        "过拟合是指模型记住了训练集，在新数据上表现差 [1]。\n\n"
        "对付它的办法：\n\n- 增加数据 [1]\n- 加正则项，例如 $\\lambda \\lVert w \\rVert_2^2$ [2]\n- 提前停止训练 [2]\n"
    ),
    "en": (
        "Self-attention compares every query with every key [1]. The scores are divided by the square root of the key "
        "dimension [2], so that softmax keeps a gradient; nothing in the notes supports a third source [9].\n"
    ),
}

# What a model writes that is asked for a quiz, or else for cards; each rests on a note of tests/conftest.py. Only the first
# token depends on the prompt and each other one on the five before it, so the two are spaced differently.
WRITTEN = {
    "quiz": (
        '{"questions": [{"passage": 1, "kind": "cloze", "question": "Attention scores shrink by the root of one size: '
        'that of a ____.", "options": [], "answer": "key", "quote": "The scores are divided by the square root of the key '
        'dimension", "explanation": "Softmax keeps a gradient."}]}'
    ),
    "cards": (
        '{ "cards":[{"passage":1,"front":"What does self-attention compare?","back":"Each query with each key",'
        '"quote":"Self-attention compares every query with every key."}]}'
    ),
}


def tiny_model(kind: Kind) -> Path:
    """Return the model's file; written at the first call on this machine."""
    path = _folder() / f"{kind}-{_fingerprint()}.gguf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.stem}.{os.getpid()}.part")
        _write(kind, unfinished)
        try:
            unfinished.replace(path)
        except PermissionError:  # Windows: another test run has finished the same file and is using it
            unfinished.unlink()
    return path


def _folder() -> Path:
    return Path(tempfile.gettempdir()) / "study-assistant-tiny-models"


def _fingerprint() -> str:
    """Hash the vocabulary and the source of everything that shapes a model."""
    sources = sorted(Path(__file__).parent.glob("*_weights.py"))
    here = Path(__file__)
    files = [vocabulary_file(), here, here.with_name("gguf_file.py"), here.with_name("vocabulary.py"), *sources]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _write(kind: Kind, path: Path) -> None:
    from tests.servers import echo_weights, gguf_file, plain_weights, say_weights

    makers: dict[Kind, Callable[[], Model]] = {
        "chat": plain_weights.babbling,
        "think": lambda: plain_weights.babbling(thinks=True),
        "echo": echo_weights.echoing,
        "embed": plain_weights.comparing_words,
        "study": lambda: say_weights.saying(
            [say_weights.Script(WRITTEN["quiz"], when="quiz"), say_weights.Script(WRITTEN["cards"])]
        ),
        "say": lambda: say_weights.saying(
            [say_weights.Script(SAYINGS["en"], when="Question"), say_weights.Script(SAYINGS["zh"])]
        ),
    }
    gguf_file.write_model(makers[kind](), path)
