"""Passages are what readers want: no copies, no note that drowns the others, neighbours in one piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge.chunks import Chunk, Match, Piece, Scores
from assistant.knowledge.passages import JOINED_TOKENS, PER_NOTE, collapsed, joined, spread
from tests.conftest import write

TEXT = "梯度下降沿着损失函数下降最快的方向更新参数，学习率决定每一步走多远。"
LONG = TEXT + (
    "损失函数衡量预测与真实值的差距，常用的有均方误差和交叉熵。训练时把数据分成小批，每批算一次梯度，这样既快又带来一点随机性，"
    "有助于跳出局部极小。动量把前几步的方向累积起来，使路径更平滑；自适应方法为每个参数调整步长，对稀疏特征特别有效。"
)


def chunk(id_: int, text: str = TEXT, *, note: int = 1, start: int = 0, tokens: int = 100, **place: object) -> Chunk:
    heading, page, lead = place.get("heading", ("A",)), place.get("page"), place.get("lead", "")
    piece = Piece(text, heading, page, (1, 1), (start, start + len(text)), tokens, lead)  # type: ignore[arg-type]
    return Chunk(id_, note, f"{note}.md", f"note {note}", "markdown", piece)


def match(one: Chunk, score: float) -> Match:
    return Match(one, score, Scores(score, None))


@pytest.mark.parametrize(
    "copy",
    [
        LONG,
        LONG.replace("，", ", ").replace("。", "."),
        f"**{LONG}**",
        LONG.replace("损失函数", "損失函數"),
        LONG + "另外见下。",
    ],
    ids=["same", "other punctuation", "bold", "traditional", "a few words more"],
)
def test_the_same_text_in_two_notes_is_one_match_that_names_both(copy: str) -> None:
    one, two = chunk(1, LONG), chunk(2, copy, note=2)

    assert collapsed([one, two]) == [(one, (two,))]


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace("特别有效", "并不有效"),
        LONG + "取 0.1。",
        LONG[: len(LONG) // 2],
        TEXT,
        "",
    ],
    ids=["not", "a figure", "a half", "the first sentence", "empty"],
)
def test_what_says_something_else_stays(other: str) -> None:
    assert len(collapsed([chunk(1, LONG), chunk(2, other, note=2)])) == 2


def test_figures_alone_tell_two_texts_apart() -> None:
    assert len(collapsed([chunk(1, LONG + "取 0.1"), chunk(2, LONG + "取 0.2", note=2)])) == 2


def test_the_fourth_passage_of_a_note_gives_way_to_another_note_that_is_nearly_as_good() -> None:
    chunks = [*(chunk(id_) for id_ in range(1, 6)), chunk(6, note=2)]
    scores = {1: 0.9, 2: 0.85, 3: 0.8, 4: 0.75, 5: 0.7, 6: 0.6}

    assert [one.id for one in spread(chunks, scores, 4)] == [1, 2, 3, 6]


def test_a_weak_passage_of_another_note_displaces_nothing() -> None:
    chunks = [*(chunk(id_) for id_ in range(1, 6)), chunk(6, note=2)]
    scores = {1: 0.9, 2: 0.85, 3: 0.8, 4: 0.75, 5: 0.7, 6: 0.1}

    assert [one.id for one in spread(chunks, scores, 4)] == [1, 2, 3, 4]


@pytest.mark.parametrize("limit", [1, PER_NOTE, 5, 9])
def test_where_there_is_only_one_note_it_fills_the_list(limit: int) -> None:
    chunks = [chunk(id_) for id_ in range(1, 8)]
    chosen = spread(chunks, {one.id: 1 / one.id for one in chunks}, limit)

    assert [one.id for one in chosen] == list(range(1, min(limit, 7) + 1))


def test_neighbours_of_one_section_become_one_passage_with_the_text_between_them() -> None:
    text = "一二三四。\n\n五六七八。"
    first, second = chunk(1, "一二三四。"), chunk(2, "五六七八。", start=7)
    (passage,) = joined([match(second, 0.9), match(first, 0.5)], {1: 0, 2: 1}, lambda path: text)

    assert passage.chunk.text == text == text[slice(*passage.chunk.piece.chars)]
    assert (passage.score, passage.chunk.id, passage.chunk.piece.tokens) == (0.9, 2, 200)


@pytest.mark.parametrize(
    ("other", "ordinals"),
    [
        (chunk(2, "五", start=7), {1: 0, 2: 2}),
        (chunk(2, "五", start=7, heading=("B",)), {1: 0, 2: 1}),
        (chunk(2, "五", start=7, note=2), {1: 0, 2: 1}),
        (chunk(2, "五", start=7, page=2), {1: 0, 2: 1}),
        (chunk(2, "五", start=7, tokens=JOINED_TOKENS), {1: 0, 2: 1}),
        (chunk(2, "五", start=7, lead="| a | b |"), {1: 0, 2: 1}),
    ],
    ids=["a gap", "another section", "another note", "another page", "too long", "the rest of a table"],
)
def test_what_does_not_belong_together_stays_apart(other: Chunk, ordinals: dict[int, int]) -> None:
    assert len(joined([match(chunk(1, "一"), 0.9), match(other, 0.5)], ordinals, lambda path: "")) == 2


def test_a_search_shows_a_long_section_in_one_piece_and_its_copy_by_name(
    open_app: Callable[..., Assistant], tmp_path: Path
) -> None:
    long = "\n\n".join(f"第 {n} 段：蓝鲸在第 {n} 个海域觅食，" + "它滤食磷虾并长途迁徙。" * 12 for n in range(4))
    write(
        tmp_path / "whales",
        {"甲/鲸.md": f"# 鲸\n\n{long}\n", "乙/摘抄.md": f"# 摘抄\n\n{long}\n", "c.md": "# 大象\n\n大象。\n"},
    )
    app = open_app(tmp_path / "whales")
    app.sync().run()
    best = app.search.find("蓝鲸在哪里觅食", 6).matches[0]

    assert best.chunk.text == app.store.note_text(best.chunk.note)[2][slice(*best.chunk.piece.chars)]
    assert "第 0 段" in best.chunk.text
    assert "第 3 段" in best.chunk.text
    assert {best.chunk.note, *(copy.note for copy in best.also)} == {"甲/鲸.md", "乙/摘抄.md"}


def test_a_joined_passage_is_found_again_after_its_note_was_renamed(
    open_app: Callable[..., Assistant], tmp_path: Path
) -> None:
    long = "\n\n".join(f"第 {n} 段：蓝鲸在第 {n} 个海域觅食，" + "它滤食磷虾并长途迁徙。" * 12 for n in range(4))
    write(tmp_path / "whales", {"鲸.md": f"# 鲸\n\n{long}\n"})
    app = open_app(tmp_path / "whales")
    app.sync().run()
    passage = app.search.find("蓝鲸在哪里觅食").matches[0].chunk.text
    (tmp_path / "whales" / "鲸.md").rename(tmp_path / "whales" / "海.md")
    app.sync().run()

    assert app.store.path_of_text(passage) == "海.md"
    assert app.store.path_of_text(passage.replace("蓝鲸", "座头鲸")) is None
