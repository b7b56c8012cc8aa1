"""Wikilinks lead to notes: by name, path, title or alias, the nearest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge.links import links_from, links_to
from tests.conftest import write

VAULT = {
    "课程/注意力.md": "---\naliases: [Attention, 自注意力]\ntags:\n  - nlp/transformer\n---\n# 注意力\n\n见 [[缩放|缩放点积]] 与 [[没有写]]。 ^a1b2\n",
    "课程/缩放.md": "除以根号 d。参见 [[Attention#公式]] 和 ![[图.png]]。\n",
    "旧/缩放.md": "旧的 [[课程/注意力]]。\n",
    "pages/概率___贝叶斯.md": "alias:: Bayes\ntags:: [[统计]], #[[machine learning]]\n\n- 先验与后验 #基础\n  id:: 64f0a1b2-1111-4222-8333-444455556666\n- TODO 看 [[注意力]]\n\t- collapsed:: true\n\t  似然 likelihood\n",
}


@pytest.fixture
def vault(app: Assistant, notes: Path) -> Assistant:
    write(notes, VAULT)
    app.sync().run()
    return app


def led(app: Assistant, path: str) -> dict[str, str | None]:
    return {one.link.target: one.path for one in links_from(path, app.store.links(), app.store.notes())}


def test_a_link_leads_to_the_nearest_note_of_its_name(vault: Assistant) -> None:
    assert led(vault, "课程/注意力.md") == {"缩放": "课程/缩放.md", "没有写": None}


def test_a_link_may_name_an_alias_a_path_or_a_title(vault: Assistant) -> None:
    assert led(vault, "课程/缩放.md") == {"Attention": "课程/注意力.md"}
    assert led(vault, "旧/缩放.md") == {"课程/注意力": "课程/注意力.md"}
    assert led(vault, "pages/概率___贝叶斯.md") == {"统计": None, "注意力": "课程/注意力.md"}


def test_a_note_knows_what_links_to_it(vault: Assistant) -> None:
    assert sorted(links_to("课程/注意力.md", vault.store.links(), vault.store.notes())) == [
        "pages/概率___贝叶斯.md",
        "旧/缩放.md",
        "课程/缩放.md",
    ]


def test_titles_tags_and_aliases_of_both_programs_are_kept(vault: Assistant) -> None:
    notes = {note.place.path: note for note in vault.store.notes()}

    obsidian, logseq = notes["课程/注意力.md"], notes["pages/概率___贝叶斯.md"]
    assert (obsidian.title, obsidian.tags, obsidian.aliases) == (
        "注意力",
        ("nlp/transformer",),
        ("Attention", "自注意力"),
    )
    assert (logseq.title, logseq.tags, logseq.aliases) == (
        "概率/贝叶斯",
        ("统计", "machine learning", "基础"),
        ("Bayes",),
    )


def test_neither_ids_nor_properties_nor_aliased_names_are_words_of_the_index(vault: Assistant) -> None:
    words = " ".join(
        row["title_words"] + row["body_words"]
        for row in vault.database.connection.execute("SELECT title_words, body_words FROM keyword_texts")
    ).split()

    assert "likelihood" in words
    assert {"a1b2", "id", "collapsed", "todo", "64f0a1b2", "png", "alias"}.isdisjoint(words)


def test_the_text_of_a_note_stays_the_text_of_its_file(vault: Assistant, notes: Path) -> None:
    for path, content in VAULT.items():
        assert vault.store.note_text(path)[2] == content
        for chunk in vault.store.chunks_of(path):
            assert content[slice(*chunk.piece.chars)] == chunk.text


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("@#nlp 讲了什么", "课程/注意力.md"),
        ("@统计 有哪些", "pages/概率___贝叶斯.md"),
        ("@Bayes 是什么", "pages/概率___贝叶斯.md"),
    ],
)
def test_a_question_can_name_tags_their_parents_and_aliases(vault: Assistant, question: str, path: str) -> None:
    from assistant.answers.scope import EVERYTHING, reach

    _, reached = reach(EVERYTHING, question, vault.store.notes())

    assert reached.within == {path}


def test_a_block_that_holds_only_properties_makes_no_chunk(app: Assistant, notes: Path) -> None:
    write(
        notes,
        {"空.md": "type:: \nid:: 64f0a1b2-1111-4222-8333-444455556666\n\n# 一\n\n![[a.png]]\n\n# 二\n\n有内容。\n"},
    )
    app.sync().run()

    assert [chunk.text for chunk in app.store.chunks_of("空.md")] == ["# 一\n\n![[a.png]]", "# 二\n\n有内容。"]
