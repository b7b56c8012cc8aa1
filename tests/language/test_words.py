"""The words of a text as an index wants them."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.words import (
    pairs,
    pairs_of,
    query_pairs,
    query_terms,
    rarity,
    runs,
    subject_words,
    terms,
    word_lists,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Networks", "network"),
        ("multi-head", "multihead"),
        ("max_depth", "maxDepth"),
        ("Gauss's", "gauss"),
        ("Bayes’s", "bayes"),
        ("naïve", "naive"),
        ("l'Hôpital", "l’hopital"),
        ("過擬合", "过拟合"),
        ("ＣＵＤＡ", "cuda"),
    ],
)
def test_spellings_of_one_word_share_a_term(one: str, other: str) -> None:
    assert set(terms(one)) & set(terms(other))


@pytest.mark.parametrize(
    ("compound", "expected"),
    [
        ("multi-head", ["multihead", "multi", "head"]),
        ("train_set", ["trainset", "train", "set"]),
        ("DataLoader", ["dataload", "data", "loader"]),
        ("node.js", ["node.js", "node", "js"]),
        ("GPT-4", ["gpt4", "gpt"]),
        ("HTTP", ["http"]),
    ],
)
def test_a_compound_gives_itself_and_its_parts(compound: str, expected: list[str]) -> None:
    assert terms(compound) == expected


def test_names_of_languages_keep_their_signs() -> None:
    assert terms("C++ C# C") == ["c++", "c#", "c"]


def test_chinese_is_cut_into_words_and_the_words_inside_them() -> None:
    assert {"神经", "网络", "神经网络"} <= set(terms("神经网络"))


def test_stop_words_of_both_languages_give_no_terms() -> None:
    assert terms("the of and is don't 的 是 我们 什么") == []


def test_terms_are_repeated_as_often_as_they_occur_and_in_order() -> None:
    assert terms("loss gradient loss") == ["loss", "gradient", "loss"]


@pytest.mark.parametrize(
    "text",
    ["ニューラルネットワーク", "신경망", "нейронная сеть", "νευρωνικό", "تعلم الآلة", "प्रशिक्षण", "การเรียนรู้", "שָׁלוֹם"],
    ids=["kana", "hangul", "cyrillic", "greek", "arabic", "devanagari", "thai", "hebrew"],
)
def test_other_scripts_give_terms_too(text: str) -> None:
    assert terms(text)


def test_letters_of_other_scripts_keep_their_marks() -> None:
    assert terms("йога") != terms("иога")


def test_pairs_overlap_and_never_reach_across_other_text() -> None:
    assert pairs("过拟合 and 训练") == ["过拟", "拟合", "训练"]
    assert runs("过拟合, and 训") == ["过拟合", "训"]
    assert pairs_of(["训"]) == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("请根据我的笔记，帮我解释一下：梯度消失", {"梯度", "消失"}),
        ("dropout是什么意思？能不能详细讲讲", {"dropout"}),
        ("我想复习一下卷积这部分内容，帮我总结要点", {"卷积"}),
        ("老师讲的卷积我没太听懂，给我举个例子说明吧", {"卷积"}),
        ("Based on my notes, could you please explain dropout?", {"dropout"}),
        ("What do my notes say about dropout? Give me an example.", {"dropout"}),
        ("I did not quite understand the part on dropout, help me please", {"dropout"}),
    ],
)
def test_the_courtesies_of_a_question_are_not_searched_for(question: str, expected: set[str]) -> None:
    assert set(query_terms(question)) == expected
    assert set(query_pairs(question)) <= set(pairs("梯度消失")) | set(pairs("卷积"))


def test_words_that_also_belong_to_a_subject_stay_outside_their_phrase() -> None:
    assert query_terms("query, key and value") == terms("query, key and value")
    assert "mean" in query_terms("mean squared error")
    assert "point" in query_terms("saddle points")


def test_a_question_of_courtesies_alone_is_searched_as_it_stands() -> None:
    assert query_terms("please explain") == terms("please explain") != []
    assert query_terms("重点是什么") == ["重点"]
    assert query_pairs("请问") == ["请问"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("请问 attention 的神经网络是什么？", ["attent", "神经网络"]),
        ("Could you please explain multi-head attention?", ["multihead", "attent"]),
        ("请解释一下", ["请", "解释一下"]),
        ("please explain", ["pleas", "explain"]),
        ("是什么", []),
        ("", []),
    ],
)
def test_the_words_of_a_subject_come_whole_and_in_order(question: str, expected: list[str]) -> None:
    assert subject_words(question) == expected


def test_the_rarer_a_word_the_more_it_tells() -> None:
    assert rarity("知道") < rarity("网络") < rarity("梯度") < rarity("卷积") == 1
    assert rarity("morn") == rarity("2014") < rarity("k") < rarity("gradient")


@given(st.text(min_size=1))
def test_every_word_tells_something_and_none_more_than_1(word: str) -> None:
    assert 0.1 <= rarity(word) <= 1


def test_encoded_data_gives_a_short_term() -> None:
    assert max(map(len, terms("A" * 100_000))) <= 64


def test_the_word_lists_are_single_words_and_each_stands_in_one_of_them() -> None:
    lists = word_lists()

    assert all(word == word.lower() for word in lists.stop | lists.filler)
    assert {"the", "的"} <= lists.stop
    assert not lists.stop & lists.filler


@given(st.text())
def test_no_term_holds_whitespace_or_quotes(text: str) -> None:
    for term in [*terms(text), *query_terms(text), *pairs(text), *query_pairs(text)]:
        assert term
        assert not any(letter.isspace() or letter in "\"'’" for letter in term)


def test_threads_that_stem_at_once_get_the_same_terms() -> None:
    letters = "bcdfgklmnprstvz"
    texts = [f"{a}{b}ationally {b}a{a}icating {a}o{b}ousness" for a in letters for b in letters]
    expected: dict[int, list[str]] = {}
    found: list[dict[int, list[str]]] = [{} for _ in range(4)]

    def stem_all(into: dict[int, list[str]]) -> None:
        for number, text in enumerate(texts):
            into[number] = terms(text)

    threads = [threading.Thread(target=stem_all, args=(into,)) for into in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stem_all(expected)

    assert found == [expected] * 4
