"""The words on screen come from two catalogues, filled in without surprises."""

from __future__ import annotations

import re

import pytest

from assistant.errors import Language
from assistant.ui.i18n import LANGUAGES, catalogue, language_of_locale, say


def test_a_text_is_filled_in() -> None:
    assert say("en", "passage.lines", first=3, last=5) == "lines 3–5"
    assert say("zh", "passage.lines", first=3, last=5) == "第 3–5 行"


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert say("zh", "chat.uploaded", names="{count}.pdf") == "已加入资料库：{count}.pdf"
    assert say("zh", "passage.lines", first=r"\1{last}", last="x") == r"第 \1{last}–x 行"


@pytest.mark.parametrize(("count", "said"), [(0, "0 chunks"), (1, "1 chunk"), (2, "2 chunks"), ("11", "11 chunks")])
def test_english_counts_in_singular_and_plural(count: object, said: str) -> None:
    assert say("en", "library.chunks_title", count=count) == said


def test_what_is_counted_is_also_named() -> None:
    counted = {name: set(re.findall(r"{(\w+):", text)) for name, text in catalogue("en").items()}

    assert sum(map(bool, counted.values())) > 10
    assert all(f"{{{field}}}" in catalogue("en")[name] for name, fields in counted.items() for field in fields)


def test_a_value_that_is_missing_leaves_its_name() -> None:
    assert say("zh", "passage.line") == "第 {first} 行"


def test_a_text_that_is_in_no_catalogue_is_a_defect() -> None:
    with pytest.raises(KeyError):
        say("zh", "no.such.text")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", "zh"), ("zh", "zh"), ("ZH-tw", "zh"), ("en-US", "en"), ("de", "en"), (None, "zh"), ("", "zh"),
    ],
)  # fmt: skip
def test_the_browsers_locale_chooses(locale: str | None, language: Language) -> None:
    assert language_of_locale(locale) == language


def test_every_language_has_a_catalogue_and_a_name_of_its_own() -> None:
    assert all(catalogue(language) for language in LANGUAGES)
    assert list(LANGUAGES.values()) == ["中文", "English"]


# Chinese takes these from English; and it says "token"
BORROWED = {"kind.markdown", "kind.pdf", "kind.word", "kind.slides"}


def test_no_text_was_left_in_the_other_language() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    han = {name for name, text in chinese.items() if re.search("[\u3400-\u9fff]", text)}
    worded = {name for name, text in chinese.items() if re.search(r"[^\W\d_]", re.sub(r"{\w+}|token", "", text))}

    assert {name for name, text in english.items() if re.search("[\u3400-\u9fff]", text)} == {"app.language"}
    assert worded - han == BORROWED
