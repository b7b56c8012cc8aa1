"""Old and odd encodings: the same text comes out, or it is said that none does."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.readers.encoding import decode

SIMPLIFIED = "# 监督学习\n\n过拟合（Overfitting）：模型记住了训练集，却不会推广。\r\n- 分词 token\n"
TRADITIONAL = "# 監督學習\n過擬合：模型在訓練集上表現很好，在測試集上變差。"
MOSTLY_ENGLISH = "Retrieval first, generation second.\n" * 30 + "检索增强生成\n"


@pytest.mark.case(19)
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, MOSTLY_ENGLISH, "# 笔记\n向量"])
@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gbk", "gb18030"]
)
def test_a_chinese_note_reads_the_same_in_every_encoding_it_may_have(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec))

    assert decoded is not None
    assert decoded.text == text
    assert not decoded.replaced


@pytest.mark.case(21)
def test_a_note_in_big5_is_told_from_one_in_gb18030() -> None:
    big5, gb18030 = decode(TRADITIONAL.encode("big5")), decode(TRADITIONAL.encode("gb18030"))

    assert big5 is not None
    assert gb18030 is not None
    assert (big5.text, big5.encoding) == (TRADITIONAL, "big5")
    assert (gb18030.text, gb18030.encoding) == (TRADITIONAL, "gb18030")


@pytest.mark.case(21)
@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Über die naïve Bayes-Regel, café résumé.", "cp1252"),
        ("これは日本語のノートです。機械学習について書きます。", "shift_jis"),
    ],
)
def test_other_old_encodings_are_recognised(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec))

    assert decoded is not None
    assert (decoded.text, decoded.encoding) == (text, codec)


@pytest.mark.case(19)
def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    for codec in ("utf-8-sig", "utf-16", "utf-32"):
        decoded = decode("# 题".encode(codec))

        assert decoded is not None
        assert decoded.text == "# 题"


@pytest.mark.case(20)
def test_a_few_broken_bytes_are_replaced_and_said() -> None:
    whole = SIMPLIFIED.encode()

    decoded = decode(whole[:30] + b"\xff\xfe" + whole[30:])

    assert decoded is not None
    assert decoded.replaced
    assert decoded.text.replace("�", "") == SIMPLIFIED


@pytest.mark.case(20)
def test_a_note_cut_within_a_character_keeps_all_the_others() -> None:
    decoded = decode(SIMPLIFIED.strip().encode() + "夔".encode()[:2])

    assert decoded is not None
    assert decoded.text == SIMPLIFIED.strip() + "�"


def test_a_note_about_the_replacement_character_is_not_damaged() -> None:
    decoded = decode("切断的字显示为 �。".encode())

    assert decoded is not None
    assert not decoded.replaced


def test_a_zero_byte_in_a_text_is_replaced_in_its_place() -> None:
    decoded = decode(b"a note with one\x00stray zero")

    assert decoded is not None
    assert decoded.text == "a note with one�stray zero"
    assert decoded.replaced


@pytest.mark.case(21)
@pytest.mark.parametrize(
    "data",
    [random.Random(7).randbytes(5000), bytes(range(256)) * 20, b"# x" + b"\x00" * 5000, b"text\n" * 9 + b"\x00" * 30],
    ids=["random", "all bytes", "zeros", "a tail of zeros"],
)
def test_what_is_no_text_is_not_decoded(data: bytes) -> None:
    assert decode(data) is None


@pytest.mark.case(20)
def test_bytes_that_are_never_utf8_encode_again() -> None:
    decoded = decode(b"# lone surrogate \xed\xa0\x80 in the middle of a longer English text")

    assert decoded is not None
    assert decoded.text.encode("utf-8")


@pytest.mark.case(20)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_text_that_can_be_stored_or_none(data: bytes) -> None:
    decoded = decode(data)

    assert decoded is None or ("\x00" not in decoded.text and decoded.text.encode("utf-8") is not None)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_valid_utf8_is_never_taken_for_anything_else(text: str) -> None:
    decoded = decode(b"# " + text.encode("utf-8"))

    assert decoded is not None
    assert decoded.text == "# " + text
