"""The title a Markdown note gives itself, and the text it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.knowledge.readers.markdown import title_of
from tests.documents import note_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 监督学习\n\n正文", "监督学习"),
        ("正文\n\n# Second line #\n", "Second line"),
        ("   # indented by three", "indented by three"),
        ("# **Bold** and `code` and [a link](http://x.example)", "Bold and code and a link"),
        ("# a_b 与 C# 和 2 * 3", "a_b 与 C# 和 2 * 3"),
        ("## second level\n\n# first level", "first level"),
        ("标题在上\n====\n", "标题在上"),
        ("a\n\n===\n# real", "real"),
        ("```python\n# comment\n```\n# heading", "heading"),
        ("~~~~\n# no\n~~~\n# no\n~~~~\n# yes", "yes"),
        ("````\n```\n# no\n````\n# yes", "yes"),
        ("``` a`b\n# yes", "yes"),
        ("    # code\n# heading", "heading"),
        ("#hashtag\n", None),
        ("#\n\n# ---\n\n# named", "named"),
        ("no heading at all", None),
        ("```\n# never closed", None),
        ("", None),
    ],
)
def test_the_first_top_heading_is_the_title(text: str, title: str | None) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("title: 向量检索", "向量检索"),
        ("tags: [a]\nTitle:   spaced out  # a comment", "spaced out"),
        ("title: 'it''s'", "it's"),
        ('title: "say \\"hi\\""', 'say "hi"'),
        ("title: C# 入门", "C# 入门"),
        ("title: 'unclosed", "unclosed"),
        ("title:", "Heading"),
        ("title: null", "Heading"),
        ("title: [a, b]", "Heading"),
        ("title: !!python/object/apply:os.system ['true']", "Heading"),
        ("title: *anchor", "Heading"),
        ("title: |\n  block", "Heading"),
        ("nested:\n  title: inner", "Heading"),
        ("title: '---'", "Heading"),
    ],
)
def test_the_title_of_the_front_matter_goes_first(front: str, title: str) -> None:
    assert title_of(f"---\n{front}\n---\n# Heading\n") == title


@pytest.mark.case(26)
def test_front_matter_that_never_closes_is_body() -> None:
    assert title_of("---\ntitle: not this\n\n# this\n") == "this"


def test_a_title_is_one_short_printable_line() -> None:
    assert title_of("# a\x1b[31m\u202eb\t c " + "长" * 900) == "a [31m b c " + "长" * 189


def test_a_note_without_a_title_is_called_by_its_name(tmp_path: Path) -> None:
    assert note_from(tmp_path / "RAG 笔记.v2.md", "正文").title == "RAG 笔记.v2"


def test_front_matter_and_line_ends_stay_in_the_text(tmp_path: Path) -> None:
    text = "---\r\ntitle: 题\r\n---\r\n\r\n# 章\r\n正文\r\n"

    note = note_from(tmp_path / "a.md", text)

    assert (note.text, note.title, note.kind) == (text, "题", "markdown")


@pytest.mark.case(25)
@pytest.mark.parametrize(
    "text", ["[" * 100_000, "# " + "[" * 100_000, "# " + "*a" * 50_000, "=" * 100_000, "#" * 100_000]
)
def test_a_note_made_to_be_slow_has_its_title_looked_for_all_the_same(text: str) -> None:
    assert len(title_of(text) or "") <= 200
