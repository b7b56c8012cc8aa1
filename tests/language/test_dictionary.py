"""Both directions of the bundled dictionary."""

from __future__ import annotations

import lzma
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language import words
from assistant.language.dictionary import open_dictionary


@pytest.mark.parametrize(
    ("text", "source", "stem"),
    [
        ("华沙的首都", "华沙", "warsaw"),
        ("神经网络", "神经网络", "network"),
        ("光合作用是什么", "光合作用", "photosynthesi"),
    ],
)
def test_chinese_words_are_translated_into_stems(text: str, source: str, stem: str) -> None:
    into = {one.source: one.into for one in open_dictionary().into_english(text)}

    assert stem in into[source]
    assert max(into[source].values()) == 1


@pytest.mark.parametrize(
    ("text", "source", "word"),
    [("the neural networks", "neural network", "神经网络"), ("Who won World War Two?", "world war two", "二次世界大战"), ("volcano", "volcano", "火山")],
)  # fmt: skip
def test_the_longest_english_phrase_is_translated(text: str, source: str, word: str) -> None:
    into = {one.source: one.into for one in open_dictionary().into_chinese(words.stems(text))}

    assert word in into[source]


def test_what_is_no_word_has_no_translation() -> None:
    assert open_dictionary().into_chinese(["qzxv"]) == []
    assert open_dictionary().into_english("abc 的") == []


def test_the_bundled_table_is_small_and_brings_its_licence() -> None:
    folder = resources.files("assistant.language")
    rows = lzma.decompress(folder.joinpath("cedict.tsv.xz").read_bytes()).decode("utf-8").split("\n")

    assert len(folder.joinpath("cedict.tsv.xz").read_bytes()) < 2**20
    assert len(rows) > 100_000
    assert "Attribution-ShareAlike 4.0" in folder.joinpath("cedict.licence.txt").read_text("utf-8")


@given(st.text())
def test_any_text_can_be_translated(text: str) -> None:
    open_dictionary().into_english(text)
    open_dictionary().into_chinese(words.stems(text))
