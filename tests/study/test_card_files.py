"""The deck written for Anki and spreadsheets, and cards read from what these write."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from assistant.database import Database
from assistant.errors import CardsNotRead
from assistant.study.card import GAP, Card, NewCard, Source
from assistant.study.card_export import cards_apkg, cards_csv
from assistant.study.card_import import read_cards
from assistant.study.cards import Cards

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("ml/过拟合.md", ("怎么办", "加 正则项"), (3, 4), "正则项：$\\lambda$")


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[Cards]:
    database = Database(tmp_path / "data")
    yield Cards(database)
    database.close()


def kept(cards: Cards, *new: NewCard) -> list[Card]:
    return [cards.add(one, NOW) for one in new]


def opened(package: bytes, folder: Path) -> tuple[list[tuple[str, list[str], str]], dict[str, str]]:
    """Return (guid, fields, tags) of each note of a package, and its media by their names."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(folder)
        media = json.loads(archive.read("media"))
    with closing(sqlite3.connect(folder / "collection.anki2")) as collection:
        rows = collection.execute("SELECT guid, flds, tags FROM notes ORDER BY id").fetchall()
        notes, made = len(rows), collection.execute("SELECT count(*) FROM cards").fetchone()[0]
    assert made == notes
    return [(guid, fields.split("\x1f"), tags) for guid, fields, tags in rows], media


@pytest.mark.case(47)
def test_a_package_holds_formulas_tables_code_tags_and_source(cards: Cards, tmp_path: Path) -> None:
    back = "$\\lambda<1$ and\n\n$$\n\\sum_i w_i\n$$\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\nx < y\n```\n\n<script>alert(1)</script>"
    kept(cards, NewCard("正则项是什么？", back, "definition", SOURCE))
    ((guid, (front, said, source), tags),), _ = opened(cards_apkg(cards.all(), lambda note: None), tmp_path / "out")

    assert front == "正则项是什么？"
    assert r"\(\lambda&lt;1\)" in said
    assert "\\[" in said
    assert "<td>1</td>" in said
    assert "x &lt; y" in said
    assert "<script>" not in said
    assert source == "ml/过拟合.md › 怎么办 › 加 正则项"
    assert tags.split() == ["过拟合", "怎么办", "加_正则项"]
    assert guid == cards.all()[0].guid


def test_the_ids_of_a_package_stay_the_same_when_cards_are_edited(cards: Cards, tmp_path: Path) -> None:
    (card,) = kept(cards, NewCard("a?", "b", "hand"))
    first, _ = opened(cards_apkg(cards.all(), lambda note: None), tmp_path / "1")
    cards.edit(card.id, "a, changed?", "c")
    second, _ = opened(cards_apkg(cards.all(), lambda note: None), tmp_path / "2")

    assert first[0][0] == second[0][0]
    assert second[0][1][0] == "a, changed?"


def test_a_cloze_card_is_a_cloze_note_even_around_a_formula(cards: Cards, tmp_path: Path) -> None:
    kept(cards, NewCard(f"The loss is {GAP} here", "$\\frac{a}{b_{c}}$", "cloze", SOURCE, "cloze"))
    ((_, (text, _), _),), _ = opened(cards_apkg(cards.all(), lambda note: None), tmp_path / "out")

    assert text == r"The loss is {{c1::\(\frac{a}{b_{c} }\)}} here".replace(
        r"\(", '<span class="math inline">\\('
    ).replace(r"\)", r"\)</span>")


def test_pictures_of_the_note_travel_and_nothing_else(cards: Cards, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    (notes / "ml" / "img").mkdir(parents=True)
    Image.new("RGB", (3, 2), "red").save(notes / "ml" / "img" / "a b.png")
    (notes / "ml" / "not.png").write_text("secret")
    (tmp_path / "outside.png").write_bytes((notes / "ml" / "img" / "a b.png").read_bytes())
    back = "![ok](img/a%20b.png) ![no](not.png) ![out](../../outside.png) ![web](https://example.org/x.png) ![gone](gone.png)"
    kept(cards, NewCard("q", back, "definition", SOURCE))
    ((_, (_, said, _), _),), media = opened(cards_apkg(cards.all(), lambda note: notes), tmp_path / "out")

    (name,) = media.values()
    assert said == f'<img src="{name}" alt="ok"> no out web gone'


def test_an_empty_deck_is_a_package_too(tmp_path: Path) -> None:
    assert opened(cards_apkg([], lambda note: None), tmp_path)[0] == []


@pytest.mark.case(47)
def test_no_cell_of_the_table_is_a_formula_and_all_come_back(cards: Cards) -> None:
    dangerous = [NewCard(f"{sign}1+{n}|cmd", f"{sign}HYPERLINK()", "hand") for n, sign in enumerate("=+-@＝")]
    kept(
        cards,
        *dangerous,
        NewCard("'quoted", 'say "hi",\nthere', "hand"),
        NewCard(f"a {GAP}", "gap", "cloze", None, "cloze"),
        NewCard("from Anki", "whose ids may be any signs", "import", guid="=1+2"),
    )
    written = cards_csv(cards.all())
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))

    assert all(row["front"].startswith("'") for row in rows[:5])
    assert rows[-1]["guid"] == "'=1+2"
    back = read_cards(written)
    assert [(one.front, one.back, one.kind) for one in back] == [(c.front, c.back, c.kind) for c in cards.all()]
    assert back[-1].guid == "=1+2"
    assert cards.propose(back, NOW).known == 8


@pytest.mark.parametrize(
    "content",
    [
        "front,back\nq1,a1\nq2,a2\n",
        "正面；背面".replace("；", ";") + "\nq1;a1\nq2;a2",
        "q1\ta1\nq2\ta2",
        "\ufeffAnswer,Question\r\na1,q1\r\na2,q2\r\n",
    ],
)
def test_tables_of_others_are_read(content: str) -> None:
    assert [(card.front, card.back) for card in read_cards(content.encode())] == [("q1", "a1"), ("q2", "a2")]


def test_chinese_code_pages_are_read() -> None:
    assert read_cards("过拟合,太像训练集".encode("gb18030"))[0].front == "过拟合"
    assert read_cards("过拟合\t太像训练集".encode("utf-16"))[0].back == "太像训练集"


def test_what_anki_exports_as_text_is_read() -> None:
    text = (
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
        'abc\tBasic\tML::Deep\t"What is<br>\\(x^2\\) &amp; <b>y</b>?"\t<div>one</div><ul><li>two</li></ul><img src="p.png">[sound:a.mp3]\ttag\n'
        "def\tCloze\tML\tThe {{c1::quick}} brown {{c2::fox::animal}}\t\t\n"
    )
    first, quick, fox = read_cards(text.encode())

    assert (first.front, first.guid, first.deck) == ("What is\n$x^2$ & **y**?", "abc", "ML::Deep")
    assert first.back == "one\n\n- two\n（p.png）"
    assert (quick.front, quick.back, quick.kind) == (f"The {GAP} brown fox", "quick", "cloze")
    assert (fox.front, fox.back) == (f"The quick brown {GAP}", "fox")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"only one column\n", b"\x00\x01\x02", b"#separator:tab\n", b"front,back\n"]
)
def test_a_file_without_cards_says_so(content: bytes) -> None:
    with pytest.raises(CardsNotRead):
        read_cards(content)


def test_a_guid_that_another_card_has_does_not_overwrite_it(cards: Cards) -> None:
    (card,) = kept(cards, NewCard("q", "a", "hand"))
    stranger = replace(NewCard("other", "b", "import"), guid=card.guid)

    assert cards.propose([stranger], NOW).known == 1
    assert cards.get(card.id).front == "q"
