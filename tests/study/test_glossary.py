"""The glossary over a real store: merged, side by side, and in the terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from assistant.bootstrap import open_assistant
from assistant.cli import main
from assistant.settings import Settings
from assistant.study.glossary import Term, glossary, glossary_csv
from tests.conftest import write


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    texts = {
        "a.md": "# A\n\n过拟合（Overfitting）：模型记住了训练集。\n\nRAG（检索增强生成）：先查再答。\n",
        "b.md": "# B\n\n過擬合（overfitting）：模型記住了訓練集\n\nRetrieval-Augmented Generation (RAG) 常用。\n",
        "c.md": "# C\n\n- 过拟合：一种训练误差低而测试误差高的现象\n- 一致性（Consistency）：满足约束\n- 一致性（Coherence）：读到最新\n",
    }
    write(folder, texts)
    return folder


@pytest.fixture
def terms(notes: Path, tmp_path: Path) -> list[Term]:
    assistant = open_assistant(Settings(notes=(notes,), data=tmp_path / "data"))
    assistant.sync().run()
    found = glossary(assistant.store)
    assistant.database.close()
    return found


def of(terms: list[Term], en: str) -> list[Term]:
    return [term for term in terms if term.name.en.lower() == en.lower()]


def test_the_same_definition_in_two_notes_is_one_entry_with_two_places(terms: list[Term]) -> None:
    first, _ = of(terms, "overfitting")

    assert first.definition == "模型记住了训练集。"
    assert [place.note for place in first.places] == ["a.md", "b.md"]


def test_definitions_that_differ_stand_side_by_side(terms: list[Term]) -> None:
    first, second = of(terms, "overfitting")

    assert terms.index(second) == terms.index(first) + 1
    assert first.differs
    assert second.differs
    assert second.places[0].note == "c.md"
    assert second.definition == "一种训练误差低而测试误差高的现象"


def test_spellings_from_different_notes_make_one_name(terms: list[Term]) -> None:
    (rag,) = of(terms, "Retrieval-Augmented Generation")

    assert (rag.name.zh, rag.name.abbreviation) == ("检索增强生成", "RAG")
    assert not rag.differs


def test_one_chinese_word_for_two_things_stays_two_terms(terms: list[Term]) -> None:
    assert [term.definition for term in of(terms, "Consistency")] == ["满足约束"]
    assert [term.definition for term in of(terms, "Coherence")] == ["读到最新"]


def test_a_name_that_an_abbreviation_does_not_spell_is_another_term(tmp_path: Path) -> None:
    found = mined_from(
        tmp_path,
        "智能体（Agent）：自己决定下一步的程序。\n\nA2A（Agent2Agent）：管协作的协议。\n\n多查询（multi-query）：写几种问法。\n\n"
        "MQA（multi-query）：只有一组键和值。\n\nMulti-Query Attention（MQA）：所有头共用键和值。\n",
    )

    assert [(one.name.zh, one.name.en, one.name.abbreviation, one.differs) for one in found] == [
        ("智能体", "Agent", "", False),
        ("", "Agent2Agent", "A2A", False),
        ("多查询", "multi-query", "", False),
        ("", "Multi-Query Attention", "MQA", True),
        ("", "Multi-Query Attention", "MQA", True),
    ]


def test_the_table_file_has_every_saying_and_calculates_nothing(tmp_path: Path) -> None:
    found = mined_from(
        tmp_path,
        '过拟合（Overfitting）：=1+1\n\n- 欠拟合（Underfitting）："两头", 都差\n- 欠拟合（Underfitting）：模型太简单\n',
    )
    written = glossary_csv(found).decode("utf-8-sig")

    header, *rows = csv.reader(io.StringIO(written))
    assert header == ["zh", "en", "abbreviation", "definition", "differs", "places"]
    assert ["过拟合", "Overfitting", "", "'=1+1", "no", "n.md:1"] in rows
    assert [row[3:5] for row in rows if row[0] == "欠拟合"] == [['"两头", 都差', "yes"], ["模型太简单", "yes"]]


def mined_from(folder: Path, text: str) -> list[Term]:
    write(folder / "notes", {"n.md": text})
    assistant = open_assistant(Settings(notes=(folder / "notes",), data=folder / "data"))
    try:
        assistant.sync().run()
        return glossary(assistant.store)
    finally:
        assistant.database.close()


def test_the_terminal_gives_the_contract_and_follows_the_notes(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--notes", str(notes), "--data", str(tmp_path / "data")]

    def listed() -> list[dict[str, object]]:
        assert main(["sync", "--json", *options]) == 0
        capsys.readouterr()
        assert main(["glossary", "--json", *options]) == 0
        terms = json.loads(capsys.readouterr().out)["terms"]
        assert isinstance(terms, list)
        return terms

    term = next(one for one in listed() if one["zh"] == "检索增强生成")
    assert {"zh", "en", "abbreviation", "definition", "note", "lines"} <= term.keys()
    assert (term["definition"], term["note"], term["lines"]) == ("先查再答。", "a.md", [5, 5])

    (notes / "a.md").write_text("# A\n\n梯度（Gradient）：上升最快的方向\n", encoding="utf-8")
    assert [one["lines"] for one in listed() if one["en"] == "Gradient"] == [[3, 3]]
    assert not any(one["zh"] == "检索增强生成" for one in listed())


def test_without_terms_the_terminal_says_how_to_write_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes").mkdir()

    assert main(["glossary", "--notes", str(tmp_path / "notes"), "--data", str(tmp_path / "data")]) == 0
    assert "术语（English）：解释" in capsys.readouterr().out
