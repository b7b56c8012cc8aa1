"""A conversation as a file: complete as JSON and back, readable as Markdown and HTML, and harmless whatever it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assistant.answers.conversations import Conversations
from assistant.answers.export import as_json, as_markdown, say, totals, turn_markdown
from assistant.answers.export_html import as_html
from assistant.answers.importing import import_conversation
from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.errors import ImportRefused
from assistant.providers.base import Delta, Usage
from tests.answers.speaking import LONGEST, QUESTION, Says, drafted

HOSTILE = (
    "<script>alert(1)</script> ![x](http://evil.example/p.png) [go](javascript:alert(1)) <img src=x onerror=alert(1)>\n"
    "\n<iframe src='http://evil.example'></iframe>\n\n[r]: http://evil.example\n\n`<b>code</b>` $a<b$ \u202egnp [1]\n"
)


def answered(app: Assistant, text: str = "记住了训练集 [1]。", question: str = QUESTION) -> str:
    id_, turn_id = app.conversations.ask(None, question)
    turn = app.answer(id_, turn_id, drafted(app, Says([Delta(text), Delta(usage=Usage(100, 20))]), question))
    turn.wait(LONGEST)
    assert turn.state == "complete"
    return id_


def file_of(app: Assistant, id_: str) -> bytes:
    saved = app.conversations
    return as_json(saved.get(id_), saved.every_turn(id_), saved.last_turn(id_)).encode()


def test_markdown_names_note_lines_quote_and_money(app: Assistant) -> None:
    id_ = answered(app)
    (turn,) = app.conversations.turns(id_)
    written = as_markdown(app.conversations.get(id_), [turn], "zh")
    (citation,) = turn.record["citations"]

    assert f"> {QUESTION}" in written
    assert "记住了训练集 [^1-1]。" in written
    assert f"[^1-1]: **{citation['note']}**" in written
    assert f"第 {citation['lines'][0]}–{citation['lines'][1]} 行" in written
    assert "输入 100 · 输出 20 token · CNY 0.00036" in written
    assert written.endswith("**合计**: CNY 0.00036\n")
    assert turn_markdown(turn, "en").count("word for word in the source") == 1


@pytest.mark.parametrize("basis", ["general", "picture"])
def test_an_answer_that_is_not_from_the_notes_says_so_wherever_it_goes(app: Assistant, basis: str) -> None:
    id_ = answered(app)
    (turn,) = app.conversations.turns(id_)
    record = dict(turn.record) | {"basis": basis, "relevant": False, "matches": [], "citations": []}
    app.conversations.save(turn.id, "一小时。", "complete", record)
    (turn,) = app.conversations.turns(id_)
    label = say(basis, "zh")

    assert f"*{label}*" in turn_markdown(turn, "zh")
    assert label in as_html(app.conversations.get(id_), [turn], "zh")
    assert "输入 100 · 输出 20 token · CNY 0.00036" in turn_markdown(turn, "zh")


def test_the_sum_keeps_currencies_apart_and_counts_what_is_unknown(app: Assistant) -> None:
    costs = [{"currency": "CNY", "amount": "0.1"}, {"currency": "USD", "amount": "2", "about": True}, None]
    for cost in costs:
        _, turn_id = app.conversations.ask(None, "q")
        app.conversations.save(turn_id, "a", "complete", {"receipt": {"cost": cost}})
    turns = [turn for one in app.conversations.all() for turn in app.conversations.turns(one.id)]

    assert totals(turns, "en") == ["CNY 0.1", "≈ USD 2", "the cost of 1 answers is unknown and not included"]


class Reader(HTMLParser):
    """Notes every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def test_html_holds_no_script_nothing_remote_and_only_links_to_its_own_sources(app: Assistant) -> None:
    id_ = answered(app, HOSTILE, f"{QUESTION}<script>")
    app.conversations.rename(id_, "</title><script>alert(1)</script>")
    written = as_html(app.conversations.get(id_), app.conversations.turns(id_), "en")
    page = Reader()
    page.feed(written)

    assert page.tags.isdisjoint({"script", "img", "iframe", "link", "object", "b"})
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert links
    assert all(value and re.fullmatch(r"#s\d+-\d+", value) for value in links)
    assert all(not name.startswith("on") for name, _ in page.attributes)
    assert "default-src 'none'" in written
    assert "&lt;script&gt;alert(1)" in written
    assert "\u202e" not in written


def test_markdown_fetches_and_runs_nothing_in_another_program(app: Assistant) -> None:
    id_ = answered(app, HOSTILE)
    written = as_markdown(app.conversations.get(id_), app.conversations.turns(id_), "en")

    assert "![" not in written
    assert re.findall(r"(?<!\\)<\w+", written.replace("`<b>code</b>`", "")) == []
    assert "`<b>code</b>`" in written


def test_json_comes_back_as_it_was_with_all_branches_in_another_data_folder(app: Assistant, tmp_path: Path) -> None:
    id_ = answered(app)
    first = app.conversations.turns(id_)[0]
    _, other = app.conversations.ask(id_, "otherwise", instead_of=first.id)
    app.conversations.save(other, "half", "stopped", {"receipt": None})
    app.conversations.show(id_, first.id)
    app.conversations.pin(id_, True)
    there = Conversations(Database(tmp_path / "elsewhere"))
    done = import_conversation(file_of(app, id_), there)

    assert done.new
    assert (there.get(done.conversation).pinned, there.get(done.conversation).title) == (True, "otherwise")
    assert there.turns(done.conversation)[0].record == first.record
    assert [(t.question, t.answer, t.state) for t in there.every_turn(done.conversation)] == [
        (t.question, t.answer, t.state) for t in app.conversations.every_turn(id_)
    ]
    assert len(there.turns(done.conversation)[0].versions) == 2
    assert (
        as_json(there.get(done.conversation), there.every_turn(done.conversation), there.last_turn(done.conversation))
        == file_of(app, id_).decode()
    )


def test_importing_twice_or_at_home_makes_no_second_copy(app: Assistant) -> None:
    id_ = answered(app)
    content = file_of(app, id_)
    app.conversations.rename(id_, "renamed since")
    app.conversations.ask(id_, "and continued")
    assert import_conversation(content, app.conversations).conversation == id_

    app.conversations.trash(id_, datetime.now(UTC))
    assert not import_conversation(content, app.conversations).new
    assert [one.id for one in app.conversations.all()] == [id_]
    app.conversations.delete(id_)
    again = import_conversation(content, app.conversations)
    assert again.new
    assert import_conversation(content, app.conversations).conversation == again.conversation
    assert app.conversations.counts() == (1, 0)


def changed(data: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> bytes:
    change(data)
    return json.dumps(data).encode()


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another format": lambda data: data.update(format="chat"),
    "a newer version": lambda data: data.update(version=2),
    "no title": lambda data: data.update(title=" "),
    "a moment without a zone": lambda data: data.update(created_at="2026-01-01"),
    "a moment at the end of time": lambda data: data.update(created_at="0001-01-01T00:00:00+14:00"),
    "no turns": lambda data: data.update(turns=[]),
    "a parent that comes later": lambda data: data["turns"][0].update(parent=1),
    "a question that is a list": lambda data: data["turns"][0].update(question=["q"]),
    "a state of its own": lambda data: data["turns"][0].update(state="done"),
    "no record": lambda data: data["turns"][0].update(record=None),
    "lines that are no pair": lambda data: data["turns"][0]["record"]["matches"][0].update(lines=[1]),
    "money that is no number": lambda data: data["turns"][0]["record"]["receipt"]["cost"].update(amount="NaN"),
    "a bill without its preview": lambda data: data["turns"][0]["record"].pop("preview"),
    "a citation without a quote": lambda data: data["turns"][0]["record"]["citations"][0].pop("quote"),
    "a scope without its names": lambda data: data["turns"][0]["record"].update(scope={"notes": 1}),
    "a nearest passage without a text": lambda data: data["turns"][0]["record"].update(nearest=[{"note": "a.md"}]),
    "a picture that is a number": lambda data: data["turns"][0]["record"]["messages"][0].update(pictures=[1]),
    "a check that is a word": lambda data: data["turns"][0]["record"].update(verification="x"),
    "a check without its quotations": lambda data: data["turns"][0]["record"].update(verification={"statements": 2}),
    "a thought that is a number": lambda data: data["turns"][0]["record"].update(thinking=5),
    "a lone surrogate": lambda data: data["turns"][0].update(answer="\ud800"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_was_changed_is_one_sentence_and_adds_nothing(
    app: Assistant, change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    content = changed(json.loads(file_of(app, answered(app))), change)
    there = Conversations(Database(tmp_path / "elsewhere"))

    with pytest.raises(ImportRefused) as refused:
        import_conversation(content, there)
    assert "\n" not in refused.value.message("zh")
    assert there.counts() == (0, 0)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": NaN}', b"1" * 10_000, b"null"],
    ids=["empty", "object", "list", "not UTF-8", "deep", "NaN", "long number", "null"],
)
def test_a_file_of_something_else_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ImportRefused):
        import_conversation(content, Conversations(Database(tmp_path)))
