"""Grams of words cut over arrays are those that are cut one by one, with the checksums of zlib."""

from __future__ import annotations

import zlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from assistant.providers.word_grams import word_grams

WORDS = st.dictionaries(st.text("abcé7яμ\ud800", min_size=1, max_size=9), st.integers(1, 5), max_size=6)


def grams(words: dict[str, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for word, often in words.items():
        marked = f"^{word}$"
        cut = [marked[at : at + size] for size in (3, 4) for at in range(len(marked) - size + 1)]
        for gram in (marked, *cut):
            found[gram] += often
    return found


@given(st.lists(WORDS, max_size=4))
def test_every_gram_has_its_checksum_and_its_number(texts: list[dict[str, int]]) -> None:
    found = word_grams(texts)
    expected = [
        (at, zlib.crc32(gram.encode("utf-8", "surrogatepass")), number)
        for at, words in enumerate(texts)
        for gram, number in grams(words).items()
    ]

    assert sorted(zip(found.texts, found.codes, found.counts, strict=True)) == sorted(expected)
