"""Checksums computed over arrays are those of zlib, for each gram of each text."""

from __future__ import annotations

import zlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from assistant.providers.dense_grams import dense_grams

RUNS = st.lists(st.text("深度学习过拟合\u0e01한ア\ud800\U00020000\U0003ffff", min_size=1, max_size=9), max_size=6)


def grams(runs: list[str]) -> Counter[str]:
    sizes = [(run, (2, 3) if len(run) > 1 else (1,)) for run in runs]
    return Counter(run[at : at + size] for run, few in sizes for size in few for at in range(len(run) - size + 1))


@given(st.lists(RUNS, max_size=4))
def test_every_gram_has_its_checksum_and_its_number(texts: list[list[str]]) -> None:
    found = dense_grams(texts)
    expected = [
        (at, zlib.crc32(gram.encode("utf-8", "surrogatepass")), number)
        for at, runs in enumerate(texts)
        for gram, number in grams(runs).items()
    ]

    assert sorted(zip(found.texts, found.codes, found.counts, strict=True)) == sorted(expected)
