"""What is text and what only looks like it."""

from __future__ import annotations

import pytest

from assistant.knowledge.readers.cleaning import with_bullets
from assistant.knowledge.readers.quality import is_garbled

PROSE = "The gradient points to where the loss grows fastest, so each step goes the other way. " * 4


@pytest.mark.parametrize(
    "text",
    [
        "(cid:12)(cid:7)(cid:33)",
        "see (cid:12)(cid:7)(cid:33)(cid:12)(cid:7) here",
        "/g12/g7/g33 /G4 /C12",
        "glyph<12> glyph<7> glyph<33>",
        "模型���������损失",
        "\ue001\ue002\ue003 training \ue004\ue005\ue006",
        "\x01\x02\x03\x04\x05\x06 \x0e\x0f",
        "".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in PROSE),
        "".join(chr(0x21 + 3 * number % 15) for number in range(300)),
        "".join(chr(0x1200 + 97 * number % 0x1E00) for number in range(300)),
        "".join(chr(0x9FA0 - 31 * number) for number in range(200)),
    ],
    ids=["cid", "cid_within", "glyphs", "glyph_names", "replaced", "private", "controls", "shifted", "marks", "scripts", "rare"],
)  # fmt: skip
def test_glyph_codes_and_exchanged_letters_are_garbled(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE,
        "过拟合：模型记住了训练集，在新数据上表现差。" * 10,
        "過擬合：模型記住了訓練集，在新資料上表現差。" * 10,
        "Градиент указывает, куда растёт функция потерь. " * 8,
        "勾配は損失が最も速く増える方向を指します。" * 10,
        "for i in range(10):\n    x[i] = f(x[i - 1]) + b[i]  # step\n" * 8,
        "1.0 2.5 3.75 | 4.0 5.5 6.25\n" * 30,
        "Introduction ........................................ 3\nMethods ............................................ 12\n" * 8,
        "∑∏∫ α β γ ≤ ≥ ∈ ℝ x² + y² = z²\n" * 10,
        "SQL HTTP DNS TLS BGP XML\n" * 12 + PROSE,
        "古之學者必有師。師者，所以傳道受業解惑也。人非生而知之者，孰能無惑？" * 4,
        "\uf0b7 First point of the slide\n\uf0b7 Second point of it\n\uf0a7 A third",
    ],
    ids=["empty", "english", "simplified", "traditional", "russian", "japanese", "code", "numbers", "contents", "formulas",
         "acronyms", "classical", "bullets"],
)  # fmt: skip
def test_what_people_write_is_text(text: str) -> None:
    assert not is_garbled("\n".join(map(with_bullets, text.splitlines())))
