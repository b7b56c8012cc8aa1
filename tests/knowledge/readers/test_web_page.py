"""Saved web pages and their encodings."""

from __future__ import annotations

import pytest

from assistant.errors import EmptyNote, NotText
from assistant.knowledge.readers.web_page import read_web_page


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("<meta charset=utf-8><p>梯度下降".encode(), "utf-8"),
        ('<html><head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><p>梯度下降'.encode("gb18030"), "gb18030"),
        ("<p>梯度下降".encode("utf-16"), "utf-16-le"),
        ("<p>梯度下降是一种优化方法，它沿着负梯度的方向走。".encode("gb18030"), "gb18030"),
        ("<meta charset=no-such-thing><p>梯度下降".encode(), "utf-8"),
        ("<meta charset=ascii><p>梯度下降".encode(), "utf-8"),
    ],
    ids=["utf-8", "word", "bom", "nothing said", "nonsense said", "wrongly said"],
)  # fmt: skip
def test_a_page_is_decoded_by_what_it_says_if_that_holds(data: bytes, encoding: str) -> None:
    document = read_web_page(data, "a.html")

    assert document.text.startswith("梯度下降")
    assert document.encoding == encoding


def test_a_page_of_scripts_is_empty() -> None:
    with pytest.raises(EmptyNote):
        read_web_page(b"<html><script>app()</script><div id=root></div>", "a.html")


def test_bytes_that_are_no_text_are_no_page() -> None:
    with pytest.raises(NotText):
        read_web_page(bytes(range(256)) * 8, "a.html")
