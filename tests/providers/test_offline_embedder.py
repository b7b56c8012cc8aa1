"""The embedder without weights."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from assistant.providers.base import Embedder
from assistant.providers.offline_embedder import OfflineEmbedder

TEXTS = ["反向传播算法", "反向傳播的算法", "过拟合与正则化", "back-propagation", "Backpropagation", "a cell membrane"]


def nearness(one: str, other: str) -> float:
    first, second = OfflineEmbedder().embed([one, other])
    return float(first @ second)


def test_it_is_an_embedder() -> None:
    embedder: Embedder = OfflineEmbedder()

    assert (embedder.key, embedder.dimension) == ("offline/hashed-ngrams-512-v1", 512)


def test_every_text_gets_a_unit_vector_in_its_own_row() -> None:
    rows = OfflineEmbedder().embed(TEXTS)

    assert rows.shape == (6, 512)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert np.array_equal(rows[4], OfflineEmbedder().embed([TEXTS[4]])[0])


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "\u200b"])
def test_a_text_without_content_gets_the_zero_vector(text: str) -> None:
    assert not OfflineEmbedder().embed([text]).any()


def test_no_texts_give_no_rows() -> None:
    assert OfflineEmbedder().embed([]).shape == (0, 512)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("反向传播算法", "反向傳播的算法", "过拟合与正则化"),
        ("Backpropagation algorithm", "backpropagating algorithms", "the cell membrane"),
        ("ＣＵＤＡ driver", "cuda drivers", "反向传播算法"),
    ],
)
def test_texts_that_are_spelled_alike_are_near(text: str, near: str, far: str) -> None:
    assert nearness(text, near) > nearness(text, far) + 0.2


def test_unrelated_texts_are_nearly_at_right_angles() -> None:
    words = [f"{hashlib.sha256(str(number).encode()).hexdigest()}" for number in range(60)]
    rows = OfflineEmbedder().embed(words)

    between = (rows @ rows.T)[~np.eye(60, dtype=bool)]

    assert abs(float(between.mean())) < 0.05


def test_the_vectors_are_the_same_in_every_process() -> None:
    code = (
        "import sys; from assistant.providers.offline_embedder import OfflineEmbedder as E;"
        "sys.stdout.write(' '.join(f'{x:.5f}' for x in E().embed([sys.argv[1]])[0]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code, "反向传播 backpropagation"],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]

    assert runs[0] == runs[1] == " ".join(f"{x:.5f}" for x in OfflineEmbedder().embed(["反向传播 backpropagation"])[0])


def test_the_vectors_are_those_that_the_key_promises() -> None:
    # Stored vectors carry the key: when this fails, raise the number in the key.
    row = OfflineEmbedder().embed(["梯度 gradient"])[0]

    filled = [(int(place), round(float(row[place]), 4)) for place in np.flatnonzero(row)[:6]]

    assert filled == [(33, -0.1179), (46, 0.1179), (76, -0.1179), (79, 0.1179), (82, 0.1179), (86, 0.1179)]
    assert int(np.count_nonzero(row)) == 66
