"""The backlog over a real store: states that last, questions, explanations, cards."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.answers.booking import answered
from assistant.bootstrap import Assistant, open_assistant
from assistant.cli import main
from assistant.errors import NotFound
from assistant.settings import Settings
from assistant.study.backlog import Backlog, Item, card_of, explanation, pick, question_of
from tests.conftest import write

TEXTS = {
    "a.md": "# 注意力\n\n## 待研究\n\n- 旋转位置编码\n- 鲸鱼的迁徙\n\n## 杂\n\n- [ ] 复习过拟合\n",
    "b.md": "# 位置\n\n旋转位置编码（RoPE）：把位置写进查询和键的旋转角度里。\n\n## Empty\n\n## Full\n\ntext\n",
}


@pytest.fixture
def opened(tmp_path: Path) -> Assistant:
    write(tmp_path / "notes", TEXTS)
    assistant = open_assistant(Settings(notes=(tmp_path / "notes",), data=tmp_path / "data"))
    assistant.sync().run()
    return assistant


def named(opened: Assistant, text: str) -> Item:
    (item,) = [one for one in Backlog(opened.store).items(None) if one.point.text == text]
    return item


def test_what_is_done_stays_done_when_the_note_is_edited_elsewhere_or_renamed(
    opened: Assistant, tmp_path: Path
) -> None:
    backlog = Backlog(opened.store)
    backlog.mark(named(opened, "旋转位置编码").id, "done")
    backlog.mark(named(opened, "旋转位置编码").id, "done")
    assert [item.point.text for item in backlog.items()] == ["鲸鱼的迁徙", "复习过拟合", "Empty"]

    (tmp_path / "notes" / "a.md").write_text("前言\n\n" + TEXTS["a.md"], encoding="utf-8")
    opened.sync().run()
    (tmp_path / "notes" / "a.md").rename(tmp_path / "notes" / "c.md")
    opened.sync().run()

    (item,) = backlog.items("done")
    assert (item.note, item.point.lines) == ("c.md", (7, 7))
    backlog.mark(item.id, "open")
    assert backlog.items("done") == []


def test_an_item_whose_words_change_is_a_new_one(opened: Assistant, tmp_path: Path) -> None:
    old = named(opened, "旋转位置编码")
    Backlog(opened.store).mark(old.id, "done")
    (tmp_path / "notes" / "a.md").write_text(TEXTS["a.md"].replace("旋转位置编码", "相对位置编码"), encoding="utf-8")
    opened.sync().run()

    assert named(opened, "相对位置编码").state == "open"
    with pytest.raises(NotFound):
        Backlog(opened.store).mark(old.id, "open")


def test_questions_are_in_the_items_own_language(opened: Assistant) -> None:
    assert question_of(named(opened, "旋转位置编码")) == "什么是旋转位置编码？"
    assert question_of(named(opened, "复习过拟合")) == "关于「复习过拟合」，笔记里写了什么？"
    assert question_of(named(opened, "Empty")) == "什么是 Empty？"  # the note around it is Chinese


def test_an_explanation_never_rests_on_the_item_itself(opened: Assistant) -> None:
    item = named(opened, "旋转位置编码")
    draft = explanation(item, opened.prepare(question_of(item)))

    assert draft is not None
    assert draft.matches[0].chunk.note == "b.md"
    assert not any("鲸鱼" in match.chunk.text for match in draft.matches)


def test_what_the_notes_only_ask_is_said_not_to_be_in_them(opened: Assistant) -> None:
    item = named(opened, "鲸鱼的迁徙")

    assert explanation(item, opened.prepare(question_of(item))) is None


def test_an_item_makes_a_card_whose_back_the_learner_writes(opened: Assistant) -> None:
    card = card_of(named(opened, "旋转位置编码"))

    assert card.fault == "empty_back"
    assert json.loads(json.dumps(card.as_json())) == {
        "front": "什么是旋转位置编码？",
        "back": "",
        "kind": "basic",
        "origin": "hand",
        "note": "a.md",
        "heading": ["注意力", "待研究"],
        "lines": [5, 5],
        "passage": "旋转位置编码",
    }


def test_an_explained_item_makes_a_card_that_rests_on_what_was_cited(opened: Assistant) -> None:
    item = next(one for one in Backlog(opened.store).items() if explanation(one, opened.prepare(question_of(one))))
    draft = explanation(item, opened.prepare(question_of(item)))
    assert draft is not None
    answer = answered(draft, opened.ledger, "backlog")

    card = card_of(item, answer)

    assert card.source is not None
    assert (card.source.note, card.source.passage) == (answer.citations[0].note, answer.citations[0].text)
    assert card.back
    assert "[1]" not in card.back


def test_each_day_has_its_item_and_each_item_its_day(opened: Assistant) -> None:
    items = Backlog(opened.store).items()
    first = date(2026, 3, 10).toordinal()

    assert [pick(items, first + days) for days in range(len(items))] != [pick(items, first)] * len(items)
    assert {item.id for days in range(len(items)) if (item := pick(items, first + days))} == {item.id for item in items}
    assert pick([], first) is None


def test_the_terminal_lists_settles_and_explains(
    opened: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--json", "--notes", str(tmp_path / "notes"), "--data", str(tmp_path / "data")]

    def run(*given: str) -> dict[str, object]:
        assert main(["backlog", *given, *options]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert isinstance(answer, dict)
        return answer

    items = run()["items"]
    assert isinstance(items, list)
    assert {"kind", "text", "note", "lines"} <= items[0].keys()
    assert len(items) == 4
    explained = run("--explain", items[0]["id"])
    assert explained["in_notes"]
    assert "旋转角度" in str(explained["answer"])
    assert explained["citations"]
    assert run("--explain", items[1]["id"])["answer"] is None
    assert len(run("--done", items[0]["id"])["items"]) == 3  # type: ignore[arg-type]
    assert len(run("--all")["items"]) == 4  # type: ignore[arg-type]
