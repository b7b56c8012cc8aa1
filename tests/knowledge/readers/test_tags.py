"""Tags of notes: from the front matter and from words with a #, and of nothing that only looks like one."""

from __future__ import annotations

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge.readers.tags import MOST, tags_of


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("---\ntags: [RAG, 向量检索]\n---\n# A\n", ("RAG", "向量检索")),
        ("---\ntags: rag, 检索\n---\n", ("rag", "检索")),
        ("---\ntags:\n  - 'deep learning'\n  - nlp\ntitle: x\n- no\n---\n", ("deep learning", "nlp")),
        ("---\n标签：复习、考试\n---\n", ("复习", "考试")),
        ("# 标题\n今天学 #强化学习 和 #RL/ppo。\n", ("强化学习", "RL/ppo")),
        ("#RAG 与 #rag\n", ("RAG",)),
    ],
    ids=["list", "commas", "block", "chinese", "words", "once"],
)
def test_tags_are_found_where_learners_write_them(text: str, tags: tuple[str, ...]) -> None:
    assert tags_of(text) == tags


@pytest.mark.parametrize(
    "text",
    [
        "# Heading\n## Second\n",
        "colour #ffcc00 and issue #123\n",
        "[link](#anchor) and https://a.example/x#part\n",
        "```python\n#comment\n```\n",
        "use `#include` here\n",
        "tags: not, front, matter\n",
        "C#sharp &#x41;\n",
    ],
)
def test_what_only_looks_like_a_tag_is_none(text: str) -> None:
    assert tags_of(text) == ()


def test_a_dump_of_words_gives_no_endless_list() -> None:
    assert len(tags_of(" ".join(f"#tag{number}x" for number in range(500)))) == MOST


def test_a_note_that_was_read_before_tags_were_known_gets_them_at_the_next_sync(app: Assistant) -> None:
    with app.database.transaction() as connection:
        connection.execute("UPDATE notes SET tags = NULL, text = text || '\n#旧笔记\n' WHERE path = 'attention.md'")
    chunks = app.store.chunks_of("attention.md")

    app.sync().run()

    tags = {note.place.path: note.tags for note in app.store.notes()}
    assert tags["attention.md"] == ("旧笔记",)
    assert app.store.chunks_of("attention.md") == chunks
